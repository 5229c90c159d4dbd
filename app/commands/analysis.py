"""The command `analyze`: images and videos to records."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from app.commands.options import Interval, OutputFile, load_settings, setting_options


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option(
    "--out", type=OutputFile(), help="Add rows as they come to this .jsonl, .csv or .parquet file; resume a former run."
)
@click.option(
    "--session",
    metavar="NAME",
    help="Make a session of one video, in the folder of --data, or with --out as a .zip file.",
)
@click.option("--workers", type=click.IntRange(1), help="Processes for --out.  [default: one per core]")
@click.option(
    "--timeout", type=Interval(), metavar="TIME", help="Give up a file without a result for so long.  [default: 5min]"
)
@click.option("--ray", metavar="ADDRESS", help="Run on this Ray cluster (HOST:6379, or auto) instead of processes.")
@click.option("--every", type=Interval(), metavar="TIME", help="Analyse one video frame every 0.5s, 500ms, 2min, ...")
@click.option("--json", "json_file", type=OutputFile(), help="Write the records as a JSON list ('-' for the terminal).")
@click.option("--csv", "csv_file", type=OutputFile(), help="Write one CSV row per face ('-' for the terminal).")
@click.option("--annotate", type=click.Path(path_type=Path), help="Write annotated copies to this folder.")
@click.option("--crops", is_flag=True, help="Treat each image as one face and skip detection.")
@setting_options("detector", "detect_width", "haar_scale", "haar_neighbours", "haar_size")
@setting_options("models", "rate", "data", "race", "enable")
def analyze(
    paths: tuple[str, ...],
    out: Path | None,
    session: str | None,
    workers: int | None,
    timeout: float | None,
    ray: str | None,
    every: float | None,
    json_file: Path | None,
    csv_file: Path | None,
    annotate: Path | None,
    crops: bool,
    **options: Any,
) -> None:
    """Analyse images, videos and folders.

    PATHS are files, folders, patterns such as '**/*.jpg', addresses (s3://, https://), or - for a list on standard
    input.
    """
    from app.analysis.batch import command
    from app.analysis.batch.ray_pool import open_ray_pool
    from app.analysis.batch.run import BatchOptions
    from app.analysis.pool import HANG_TIMEOUT_S

    settings = load_settings(**options)
    expanded = command.expand_lists(paths, sys.stdin)
    if session is not None:
        from app.analysis.video_session import write_session

        others: dict[str, object] = {"--json": json_file, "--csv": csv_file, "--annotate": annotate, "--crops": crops}
        pool = {"--workers": workers, "--timeout": timeout, "--ray": ray}
        click.echo(write_session(expanded, session, settings, out, every, others | pool), err=True)
        return
    if out is None:
        from app.analysis.batch.record_files import write_lists

        write_lists(expanded, settings, json_file, csv_file, annotate=annotate, crops=crops, every=every)
        return
    command.check_out_alone((json_file, csv_file, annotate))
    batch = BatchOptions(crops, every, workers or command.default_workers(), timeout or HANG_TIMEOUT_S)
    open_pool = open_ray_pool(ray, workers, batch.timeout_s) if ray else None
    sys.exit(command.write_output(expanded, out, settings, batch, open_pool))
