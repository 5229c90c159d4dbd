"""The command `python -m training evaluate detector`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.settings import Settings
from training.cli.options import DATA, JSON, MODELS, shown, tell, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.evaluation.detectors import Comparison, DetectorResult


@click.command()
@DATA
@click.option(
    "--boxes", type=click.Path(path_type=Path), required=True, help="Table file,x1,y1,x2,y2,ignore of the faces."
)
@click.option(
    "--detector",
    "names",
    multiple=True,
    help="own, haar or a YuNet .onnx file; may be given again. Default: what there is (env FACE_DETECTOR_MODEL).",
)
@MODELS
@click.option(
    "--split", type=click.Choice(["train", "valid"]), help="As training deals the pictures; default: every one."
)
@click.option("--tilt", type=click.FloatRange(-180, 180), default=0.0, help="Turn the pictures by so many degrees.")
@JSON
@click.option("--out", type=click.Path(path_type=Path), help="Also write a report here; it shows images of the set.")
@click.option("--write-card", is_flag=True, help="Put the figures and this command into the card of our own detector.")
def detector(
    data: Path,
    boxes: Path,
    names: tuple[str, ...],
    models: Path,
    split: str | None,
    tilt: float,
    json_file: Path | None,
    out: Path | None,
    write_card: bool,
) -> None:
    """Score face detectors on whole pictures, side by side."""
    from training.evaluation.detectors import compare_detectors
    from training.metrics.detection_protocol import RULES

    settings = Settings.from_env(os.environ).with_options(models=str(models))
    report = compare_detectors(data, boxes, names, settings, split, tilt)
    tell(filter(None, [*_table(report.results), RULES, report.note]), report.rejected)
    write_json(json_file, plain(report.results))
    title = " ".join(filter(None, (data.name, split, f"tilted by {tilt:g} degrees" if tilt else "")))
    if out:
        from training.reports.detectors import write_detectors_report

        click.echo(write_detectors_report(report, title, out))
    if write_card:
        _write_card(report, title, models, data, boxes, split, tilt)


def plain(results: Sequence[DetectorResult]) -> dict[str, Any]:
    """The figures of the first detector, flat, and those of all by name."""
    named = {one.contender.name: dict(one.figures) for one in results}
    return {"detector": results[0].contender.name, **results[0].figures, "detectors": named}


def _table(results: Sequence[DetectorResult]) -> Iterator[str]:
    """A line a figure, a column a detector."""
    width = max(12, *(len(one.contender.name) + 2 for one in results))
    yield f"{'':24}" + "".join(f"{one.contender.name:>{width}}" for one in results)
    for name in results[0].figures:
        values = (one.figures[name] for one in results)
        yield f"{name:24}" + "".join(f"{v:>{width}.4f}" if isinstance(v, float) else f"{v:>{width}}" for v in values)


def _write_card(
    report: Comparison, title: str, models: Path, data: Path, boxes: Path, split: str | None, tilt: float
) -> None:
    from app.vision.detection.anchor_free_detector import FOLDER
    from training.export.model_card import add_figures

    own = next((one for one in report.results if one.contender.name == "own"), None)
    if own is None:
        raise click.UsageError("--write-card is for our own detector; give --detector own")
    command = f"python -m training evaluate detector --data {shown(data)} --boxes {shown(boxes)} --detector own"
    command += (f" --split {split}" if split else "") + (f" --tilt {tilt:g}" if tilt else "")
    rounded = {name: round(value, 4) for name, value in own.figures.items() if name != "ms"}
    note = {"note": report.note} if report.note else {}
    add_figures(models / FOLDER, title, {**rounded, "command": command, **note})
