"""The command `python -m training geometry`."""

from __future__ import annotations

from pathlib import Path

import click

from training.cli.options import MODELS


@click.command()
@click.argument("data", metavar="SET", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the report and its figures.")
@click.option("--run", type=click.Path(path_type=Path), help="Run of a landmark recipe, instead of a served model.")
@MODELS
def geometry(data: Path, out: Path, run: Path | None, models: Path) -> None:
    """Report the positions of landmarks by emotion of SET, and whether published results hold.

    The landmarks are predicted by the landmark network of --run or --models. The report shows no image of the set.
    """
    from training.evaluation.landmark_geometry import measure
    from training.evaluation.scored_model import run_model, served_model
    from training.reports.geometry import write_geometry_report
    from training.samples.sample import count_reasons

    model = run_model(run) if run else served_model(models, ["landmarks"])
    found = measure(data, model)
    for name, faces in found.emotions.items():
        click.echo(f"{name:10} {len(faces.points)} faces")
    for reason, count in count_reasons(found.rejected).items():
        click.echo(f"left out {count}: {reason}")
    for one in found.findings:
        click.echo(one.sentence)
    click.echo(write_geometry_report(found, out))
