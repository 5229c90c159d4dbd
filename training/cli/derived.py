"""The commands `evaluate pose`, `compound`, `neutral`, `fit-mean-face`, `lesson-features`: what networks lead to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from training.cli.options import DATA, JSON, MODELS, card_entry, tell, titled, write_json

PAIR_NOTE = (
    "people of the training split are left out; the threshold was chosen before, for a network that knew FER2013 "
    "alone, on all people"
)
HALVES_NOTE = (
    "people of the training split are left out; the form and its parameter were chosen on the half of the others that "
    "is not scored"
)
WRITE_CARD = click.option("--write-card", is_flag=True, help="Put the figures and this command into the model's card.")


@click.command()
@DATA
@click.option("--split", type=click.Choice(["train", "valid", "test"]), help="By person; default: every still.")
@click.option("--frontal", type=click.Path(path_type=Path), help="Folder expressions: also measure frontal portraits.")
@MODELS
@JSON
@WRITE_CARD
def pose(
    data: Path, split: str | None, frontal: Path | None, models: Path, json_file: Path | None, write_card: bool
) -> None:
    """Score the head pose by the landmarks of the app against poses solved from 68 points of the data set."""
    from training.evaluation.derived.pose_errors import evaluate_pose, report_lines

    report = evaluate_pose(data, split, models, frontal)
    tell(report_lines(report), report.rejected)
    write_json(json_file, dict(report.figures))
    if write_card:
        title, options = titled("head pose,", data.name, split), {"data": data, "split": split, "frontal": frontal}
        _add_to_card(report.folder, title, report.figures, "pose", options)


@click.command()
@DATA
@MODELS
@JSON
@WRITE_CARD
def compound(data: Path, models: Path, json_file: Path | None, write_card: bool) -> None:
    """Score the pairs of emotions that the app shows, on compound expressions and on single ones.

    --data is the folder with compound.tar and expressions.tar and their tables. People of the training split are left
    out.
    """
    from training.evaluation.derived.compound_scores import evaluate_compound, report_lines

    report = evaluate_compound(data, models)
    tell(report_lines(report), report.rejected)
    write_json(json_file, dict(report.figures))
    if write_card:
        title = "compound expressions"
        _add_to_card(report.folder, title, report.figures, "compound", {"data": data}, PAIR_NOTE)


@click.command()
@DATA
@MODELS
@JSON
@WRITE_CARD
def neutral(data: Path, models: Path, json_file: Path | None, write_card: bool) -> None:
    """Score whether a person's neutral face improves how the other faces of the person are read.

    --data is the folder with expressions.tar and expressions.csv. Of the people with a neutral picture who are not in
    the training split, half choose one of several corrections and its parameter; the other half are scored.
    """
    from training.evaluation.derived.neutral_scores import evaluate_neutral, report_lines

    report = evaluate_neutral(data, models)
    tell(report_lines(report), report.rejected)
    write_json(json_file, dict(report.figures))
    if write_card:
        title = "correction by a neutral face"
        _add_to_card(report.folder, title, report.figures, "neutral", {"data": data}, HALVES_NOTE)


@click.command("fit-mean-face")
@DATA
@click.option(
    "--frontal", type=click.Path(path_type=Path), required=True, help="Folder expressions: zero of the pitch."
)
@MODELS
@JSON
def fit_mean_face(data: Path, frontal: Path, models: Path, json_file: Path | None) -> None:
    """Print the mean face of the head pose, fitted to the training split of stills with 68 points.

    The rows are those of MEAN_FACE_68_MM (training/evaluation/derived/mean_face_68.py) and MEAN_FACE_MM
    (app/attributes/face_geometry.py).
    """
    from training.evaluation.derived.mean_face import fit_mean_face as fit
    from training.evaluation.derived.mean_face import report_lines

    found = fit(data, frontal, models)
    tell(report_lines(found), found.rejected)
    write_json(json_file, {**found.figures, "points_mm": found.points.tolist()})


@click.command("lesson-features")
@DATA
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The table, app/assets/lessons/happy_sad.csv."
)
@MODELS
def lesson_features(data: Path, out: Path, models: Path) -> None:
    """Write the landmark distances of happy and sad faces that the page /learn/training learns from.

    --data is fer2013.tar; the table is app/assets/lessons/happy_sad.csv. No picture, and nothing by which one could be
    found, goes into it.
    """
    from training.evaluation.lesson_features import write_lesson_features

    click.echo(f"{out}: {write_lesson_features(data, models, out)} faces")


def _add_to_card(
    folder: Path,
    title: str,
    figures: Mapping[str, float | int],
    command: str,
    options: Mapping[str, object],
    note: str | None = None,
) -> None:
    """Put figures into the card in a model's folder, with the command that gives them."""
    from training.export.model_card import add_figures

    rounded, about = card_entry(command, options, figures, note)
    add_figures(folder, title, {**rounded, **about})
