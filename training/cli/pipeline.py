"""The command `python -m training evaluate pipeline`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.settings import Settings
from training.cli.options import DATA, JSON, MODELS, shown, tell, write_json

if TYPE_CHECKING:
    from training.evaluation.end_to_end import PipelineReport


@click.command()
@DATA
@click.option("--split", type=click.Choice(["train", "valid", "test"]), help="Default: every picture.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many pictures, evenly spread over the set.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another one pastes every face elsewhere.")
@click.option("--detector", help="own, haar or a YuNet .onnx file (env FACE_DETECTOR_MODEL; default own).")
@MODELS
@JSON
@click.option("--out", type=click.Path(path_type=Path), help="Also write a report here; it shows faces of the set.")
@click.option("--write-card", is_flag=True, help="Put the figures and this command into the card of what is served.")
def pipeline(
    data: Path,
    split: str | None,
    limit: int | None,
    seed: int,
    detector: str | None,
    models: Path,
    json_file: Path | None,
    out: Path | None,
    write_card: bool,
) -> None:
    """Score the app's whole pipeline: faces of a labelled set are pasted into whole pictures, found and read."""
    from training.evaluation.end_to_end import RULES, score_pipeline

    settings = Settings.from_env(os.environ).with_options(models=str(models), detector=detector)
    report = score_pipeline(data, split, limit, settings, seed)
    tell([*_said(report), RULES], report.rejected)
    write_json(json_file, {"detector": report.detector.name, **report.figures})
    title = " ".join(filter(None, (data.name, split, f"{limit} pictures" if limit else "")))
    if out:
        from training.reports.pipeline import write_pipeline_report

        click.echo(write_pipeline_report(report, title, out))
    if write_card:
        _write_card(report, title, data, split, limit, seed)


def _said(report: PipelineReport) -> Iterator[str]:
    yield f"{'detector':28} {report.detector.title}; backgrounds: {report.backgrounds.about}"
    if report.detector.notice:
        yield report.detector.notice
    for name, value in report.figures.items():
        yield f"{name:28} {value:.4f}" if isinstance(value, float) else f"{name:28} {value}"
    if report.note:
        yield report.note


def _write_card(
    report: PipelineReport, title: str, data: Path, split: str | None, limit: int | None, seed: int
) -> None:
    from training.export.model_card import add_figures

    chosen = {"split": split, "limit": limit, "seed": seed or None}
    options = "".join(f" --{name} {value}" for name, value in chosen.items() if value is not None)
    detector = report.detector.name
    command = f"python -m training evaluate pipeline --data {shown(data)}{options} --detector {detector}"
    rounded = {name: round(value, 4) for name, value in report.figures.items()}
    about = {"detector": report.detector.title, "command": command, **({"note": report.note} if report.note else {})}
    add_figures(report.folder, f"{title}, whole pipeline with {report.detector.title}", {**rounded, **about})
