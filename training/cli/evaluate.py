"""The commands `python -m training evaluate ...`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from training.cli.conditions import conditions
from training.cli.detection import detector
from training.cli.options import DATA, JSON, MODELS, shown, tell, write_json
from training.cli.pipeline import pipeline

FACE_TASKS = ("emotion", "demographics", "landmarks", "mask")
HELP = "Score the model that --models serves, or a run: every picture is one face, none is dropped."
LABELS = click.option(
    "--labels", type=click.Path(path_type=Path), help="Table file,label; default: masks.csv in or beside --data."
)


def _face_command(task: str) -> click.Command:
    """The command that scores what is read from single faces."""

    @click.command(task, help=HELP)
    @DATA
    @click.option("--split", type=click.Choice(["train", "valid", "test"]), help="Default: every picture.")
    @MODELS
    @click.option("--run", type=click.Path(path_type=Path), help="Score the best weights of this run instead.")
    @click.option("--weights", type=click.Path(path_type=Path), help="Of the run, instead of its best.")
    @JSON
    @click.option("--out", type=click.Path(path_type=Path), help="Also write a report here; it shows faces of the set.")
    @click.option("--time", "timed", is_flag=True, help="Also time a face on its own; let nothing else run meanwhile.")
    @click.option("--write-card", is_flag=True, help="Put the figures and this command into the served model's card.")
    def command(**options: Any) -> None:
        _score_faces(task, **options)

    return LABELS(command) if task == "mask" else command


evaluate = click.Group(
    "evaluate",
    commands=[*map(_face_command, FACE_TASKS), detector, pipeline, conditions],
    help="Score models on labelled sets.",
)


def _score_faces(
    task: str,
    data: Path,
    split: str | None,
    models: Path,
    run: Path | None,
    weights: Path | None,
    json_file: Path | None,
    out: Path | None,
    timed: bool,
    write_card: bool,
    labels: Path | None = None,
) -> None:
    if (run and write_card) or (weights and not run):
        raise click.UsageError("--write-card is for a served model, not for --run, and --weights belong to a --run")
    from training.evaluation.faces import evaluate as score
    from training.evaluation.faces import report_lines

    report = score(task, data, split, models, run, weights, timed, labels)
    tell(report_lines(report), report.rejected)
    write_json(json_file, dict(report.figures))
    if out:
        from training.reports.faces import write_faces_report

        click.echo(write_faces_report(report, " ".join(filter(None, (data.name, split))), out))
    if write_card:
        from training.evaluation.details import card_details
        from training.export.model_card import add_figures

        command = f"python -m training evaluate {task} --data {shown(data)}"
        command += (f" --labels {shown(labels)}" if labels else "") + (f" --split {split}" if split else "")
        command += " --time" if timed else ""
        rounded = {name: round(value, 4) for name, value in report.figures.items()}
        note = {"note": report.note} if report.note else {}
        figures = {**rounded, "command": command, **note, **card_details(report)}
        add_figures(report.folder, " ".join(filter(None, (data.name, split))), figures)
