"""The commands of `python -m app`; `run` is the default."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app import __version__
from app.errors import AppError, SettingsError
from app.logs import LEVELS
from app.paths import NAME
from app.settings import Settings


class OutputFile(click.Path):
    """A file to write; refused before the work begins where it cannot be written."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, allow_dash=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(str(super().convert(value, param, ctx)))
        if str(path) != "-" and not os.access(path.parent, os.W_OK | os.X_OK):
            self.fail(f"{str(path.parent)!r} is no folder that can be written; make it or name another", param, ctx)
        return path


SOURCE = click.option(
    "--source", help="Webcam index, video file, folder of images, RTSP/HTTP URL, demo, or auto (default; env CAMERA)."
)
DETECTOR = click.option(
    "--detector", help="own (default), haar, or a YuNet .onnx file (env FACE_DETECTOR or FACE_DETECTOR_MODEL)."
)
DETECT_WIDTH = click.option(
    "--detect-width",
    type=int,
    help="Longer side in pixels of the picture that faces are looked for in (default 320; 640 finds smaller faces; "
    "env DETECT_WIDTH).",
)
RACE = click.option(
    "--race", is_flag=True, default=None, help="Tell perceived race too, where a model does (default: no; env RACE)."
)
PICTURES = click.Path(exists=True, path_type=Path)
MODELS = click.option("--models", type=click.Path(), help="Folder of the models to serve (env MODELS).")


class OneLineErrors(click.Group):
    """A group that shows an AppError as one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AppError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=OneLineErrors, invoke_without_command=True)
@click.version_option(__version__, prog_name=NAME)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Real-time facial analysis in the browser. Without a command: run."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(run)


@cli.command()
@SOURCE
@DETECTOR
@DETECT_WIDTH
@MODELS
@click.option("--width", type=int, help="Picture width asked of the source (env CAMERA_WIDTH).")
@click.option("--height", type=int, help="Picture height asked of the source (env CAMERA_HEIGHT).")
@click.option("--fps", type=float, help="Frames a second asked of the source (env CAMERA_FPS).")
@click.option("--mirror/--no-mirror", default=None, help="Show a webcam as a mirror does (default: yes).")
@click.option("--loop", is_flag=True, default=None, help="Start a file or folder again at its end.")
@click.option(
    "--data",
    type=click.Path(),
    help="Folder of the sessions file (default: instance/, or the user's data folder when installed; env DATA).",
)
@click.option(
    "--host", help="Address to listen on (default 127.0.0.1; env HOST). Beyond this computer the link holds a token."
)
@click.option("--port", type=int, help="Port to listen on (default 5000; env PORT).")
@click.option("--names", help="Further names this server is reached by, between commas (env NAMES).")
@click.option("--cert", type=click.Path(), help="PEM file of a certificate: serve over HTTPS (env TLS_CERT).")
@click.option("--key", type=click.Path(), help="PEM file of its key (env TLS_KEY).")
@click.option(
    "--keep-days", type=int, help="Days after which a session is deleted (default 30; env KEEP_DAYS); 0: never."
)
@click.option("--blur", is_flag=True, default=None, help="Hide every face from every viewer (env BLUR).")
@RACE
@click.option(
    "--log-level", type=click.Choice(LEVELS), help="From which level on to log (default info; env LOG_LEVEL)."
)
@click.option("--log-json", is_flag=True, default=None, help="Log every event as a line of JSON (env LOG_JSON).")
@click.pass_obj
def run(serve: Callable[[Settings], None], **options: Any) -> None:
    """Serve the live page."""
    serve(_settings(**options))


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "json_file", type=OutputFile(), help="Write one JSON list ('-': to the screen).")
@click.option("--csv", "csv_file", type=OutputFile(), help="Write one row a face ('-': to the screen).")
@click.option("--annotate", type=click.Path(path_type=Path), help="Write annotated copies into this folder.")
@click.option("--crops", is_flag=True, help="Every picture is one face: no detection.")
@DETECTOR
@DETECT_WIDTH
@MODELS
@RACE
def analyze(
    paths: tuple[Path, ...],
    json_file: Path | None,
    csv_file: Path | None,
    annotate: Path | None,
    crops: bool,
    **options: Any,
) -> None:
    """Analyse images, videos and folders."""
    from app.analysis import analyze_paths

    records = []
    with click.progressbar(length=100, label="Analysing", file=sys.stderr) as bar:
        for record in analyze_paths(
            paths,
            _settings(**options),
            crops=crops,
            annotate_dir=annotate,
            on_progress=lambda share: bar.update(max(0, round(share * 100) - bar.pos)),
        ):
            records.append(record)
    _write(records, json_file, csv_file)
    failed = [record for record in records if "error" in record]
    for record in failed:
        click.echo(f"{record['path']}: {record['error']}", err=True)
    if failed and len(failed) == len(records):
        sys.exit(1)


@cli.command()
@SOURCE
@DETECTOR
@DETECT_WIDTH
@MODELS
@click.option("--width", type=int, help="Picture width asked of a source.")
@click.option("--height", type=int, help="Picture height asked of a source.")
@click.option("--scene", "scenes", multiple=True, metavar="NAME", help="Only this composed scene; may be repeated.")
@click.option("--faces", type=PICTURES, help="Folder or tar of pictures of one face each: compose scenes of them too.")
@click.option("--expressions", type=PICTURES, help="The same with a folder for each expression.")
@click.option("--clip", "clips", type=PICTURES, multiple=True, help="Measure this video too; may be repeated.")
@click.option("--seconds", type=float, default=3.0, show_default=True, help="How long each part measures.")
@click.option("--json", "json_file", type=OutputFile(), help="Write the figures here too.")
@click.option("--tutorial-loop/--no-tutorial-loop", default=True, help="Time the tutorials' loop as well.")
@click.option("--write-baseline", is_flag=True, help="Keep these figures as the ones to compare later ones with.")
def bench(
    source: str | None,
    scenes: tuple[str, ...],
    faces: Path | None,
    expressions: Path | None,
    clips: tuple[Path, ...],
    seconds: float,
    json_file: Path | None,
    tutorial_loop: bool,
    write_baseline: bool,
    **options: Any,
) -> None:
    """Measure speed, latency, memory and steadiness, on composed scenes or one --source."""
    from app.bench import baseline
    from app.bench.scenarios import cases, chosen
    from app.bench.suite import measure_cases, measure_source
    from app.bench.table import table

    if write_baseline and (source or scenes or not tutorial_loop):
        raise SettingsError("a baseline holds every scene and the tutorials' loop; leave out what would skip them")
    settings = _settings(source=source, **options)
    if source:
        figures = measure_source(settings, seconds, tutorial_loop)
    else:
        rows = chosen(cases(settings, faces, expressions), scenes)
        figures = measure_cases(settings, rows, seconds, tutorial_loop, clips, lambda name: click.echo(name, err=True))
    click.echo(table(figures))
    if json_file:
        _save(json_file, json.dumps(figures, indent=2) + "\n")
    if write_baseline:
        baseline.write_baseline(figures)
    elif not source:
        click.echo("\n".join(["", *baseline.compared(figures)]))


@cli.command()
@SOURCE
@DETECTOR
@DETECT_WIDTH
@MODELS
@RACE
@click.option("--data", type=click.Path(), help="Folder of the sessions file.")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on.")
def doctor(**options: Any) -> None:
    """Check what run needs; say what to do where it fails."""
    from app.doctor import examine

    findings = examine(_settings(**options))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what:<17} {finding.found}")
        if finding.remedy:
            click.echo(f"      {'':<17} -> {finding.remedy}")
    if not all(finding.ok for finding in findings):
        sys.exit(1)


def _settings(**options: Any) -> Settings:
    return Settings.from_env(os.environ).with_options(**options)


def _write(records: list[dict[str, Any]], json_file: Path | None, csv_file: Path | None) -> None:
    if json_file is not None or csv_file is None:
        _save(json_file or Path("-"), json.dumps(records, indent=2) + "\n")
    if csv_file is not None:
        _save(csv_file, _csv_text(records))


def _csv_text(records: list[dict[str, Any]]) -> str:
    from app.analysis import csv_rows
    from app.sessions.export import escape_formula

    rows = csv_rows(records)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows({key: escape_formula(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def _save(path: Path, text: str) -> None:
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    try:
        path.write_text(text, newline="")
    except OSError as error:
        raise SettingsError(f"cannot write {str(path)!r} ({error.strerror}); name another file") from None
