"""The commands that look at this computer: `bench` measures, `doctor` checks."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from app.commands.options import INPUT_PATH, OutputFile, load_settings, setting_options
from app.errors import SettingsError


@click.command()
@click.option("--source", help="Measure this source instead of synthetic scenes (as in run).")
@setting_options("detector", "detect_width", "models", "width", "height")
@click.option("--scene", "scenes", multiple=True, metavar="NAME", help="Measure only this synthetic scene; repeatable.")
@click.option("--faces", type=INPUT_PATH, help="Folder or tar archive of face images: also render scenes from them.")
@click.option("--expressions", type=INPUT_PATH, help="The same, with one folder per expression.")
@click.option("--clip", "clips", type=INPUT_PATH, multiple=True, help="Also measure this video; repeatable.")
@click.option("--seconds", type=float, default=3.0, show_default=True, help="Duration of each measurement.")
@click.option("--json", "json_file", type=OutputFile(), help="Write the results as JSON.")
@click.option("--tutorial-loop/--no-tutorial-loop", default=True, help="Also measure the loop of common tutorials.")
@click.option("--write-baseline", is_flag=True, help="Save the results as the baseline of later comparisons.")
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
    """Measure speed, latency, memory and stability on synthetic scenes or one --source."""
    from app.bench import baseline
    from app.bench.scenarios import build_scenarios, select_scenarios
    from app.bench.suite import measure_scenarios, measure_source
    from app.bench.table import format_table

    if write_baseline and (source or scenes or not tutorial_loop):
        raise SettingsError(
            "a baseline contains every scene and the tutorial loop; remove the options that skip some of them"
        )
    settings = load_settings(source=source, **options)
    if source:
        figures = measure_source(settings, seconds, tutorial_loop)
    else:
        rows = select_scenarios(build_scenarios(settings, faces, expressions), scenes)
        figures = measure_scenarios(
            settings, rows, seconds, tutorial_loop, clips, lambda name: click.echo(name, err=True)
        )
    click.echo(format_table(figures))
    if json_file:
        from app.analysis.batch.record_files import write_text

        write_text(json_file, json.dumps(figures, indent=2) + "\n")
    if write_baseline:
        baseline.write_baseline(figures)
    elif not source:
        click.echo("\n".join(["", *baseline.compare_with_baseline(figures)]))


@click.command()
@setting_options("source", "camera", "detector", "detect_width", "models", "race", "data", "host", "port")
def doctor(**options: Any) -> None:
    """Check the requirements of run and print a remedy for each problem."""
    from app.doctor import run_checks

    checks = run_checks(load_settings(**options))
    for check in checks:
        click.echo(f"{'ok  ' if check.passed else 'FAIL'}  {check.name:<17} {check.result}")
        if check.remedy:
            click.echo(f"      {'':<17} -> {check.remedy}")
    if not all(check.passed for check in checks):
        sys.exit(1)
