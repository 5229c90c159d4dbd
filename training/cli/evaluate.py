"""The commands `python -m training evaluate ...`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.settings import Settings
from training.cli.derived import compound, neutral, pose
from training.cli.options import (
    DATA,
    FACES_REPORT,
    JSON,
    LIMIT,
    MODELS,
    PATH,
    SCORED_RUN,
    SPLIT,
    card_entry,
    tell,
    titled,
    write_json,
)

if TYPE_CHECKING:
    from training.evaluation.detectors import DetectorResult
    from training.evaluation.end_to_end import PipelineReport
    from training.evaluation.robustness import ConditionsReport
    from training.metrics.scores import Figures

FACE_TASKS = ("emotion", "demographics", "landmarks", "mask")
HELP = (
    "Score the model that --models serves, or a run. Every usable picture is scored as one face, whether a face would "
    "be detected or not; what cannot be used is listed with the reason."
)
CORRECTIONS = click.option(
    "--corrections",
    type=PATH,
    help="Table file,label,corrected of other labels, such as training/datasets/mask_corrections.csv.",
)
LABELS = click.option("--labels", type=PATH, help="Table file,label; default: masks.csv in or beside --data.")
SERVED_CARD = click.option(
    "--write-card", is_flag=True, help="Put the figures and this command into the served model's card."
)


def _face_command(task: str) -> click.Command:
    """The command that scores what is read from single faces."""

    @click.command(task, help=HELP)
    @DATA
    @SPLIT
    @MODELS
    @SCORED_RUN
    @click.option("--weights", type=PATH, help="Of the run, instead of its best.")
    @JSON
    @FACES_REPORT
    @click.option("--time", "timed", is_flag=True, help="Also time a face on its own; let nothing else run meanwhile.")
    @SERVED_CARD
    def command(json_file: Path | None, out: Path | None, write_card: bool, **options: Any) -> None:
        _score_faces(task, json_file, out, write_card, **options)

    return LABELS(CORRECTIONS(command)) if task == "mask" else command


def _score_faces(task: str, json_file: Path | None, out: Path | None, write_card: bool, **options: Any) -> None:
    """Args: options: As `training.evaluation.faces.evaluate` takes them."""
    if (options["run"] and write_card) or (options["weights"] and not options["run"]):
        raise click.UsageError("--write-card is for a served model, not for --run, and --weights belong to a --run")
    from training.evaluation.faces import evaluate as score
    from training.evaluation.faces import report_lines

    report = score(task, **options)
    tell(report_lines(report), report.rejected)
    write_json(json_file, dict(report.figures))
    title = titled(options["data"].name, options["split"], options.get("corrections") and "corrected")
    if out:
        from training.reports.faces import faces_context, faces_figures
        from training.reports.render import write_report

        click.echo(write_report("faces", faces_context(report, title), faces_figures(report), out))
    if write_card:
        from training.evaluation.details import card_details
        from training.export.model_card import add_figures

        chosen = {name: options.get(name) for name in ("data", "labels", "corrections", "split")}
        figures, about = card_entry(task, chosen | {"time": options["timed"] or None}, report.figures, report.note)
        add_figures(report.folder, title, {**figures, **about, **card_details(report)})


@click.command()
@DATA
@click.option("--boxes", type=PATH, required=True, help="Table file,x1,y1,x2,y2,ignore of the faces.")
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
@click.option("--out", type=PATH, help="Also write a report here; it shows images of the set.")
@click.option("--write-card", is_flag=True, help="Put the figures and this command into the card of our own detector.")
def detector(
    data: Path, models: Path, json_file: Path | None, out: Path | None, write_card: bool, **options: Any
) -> None:
    """Score face detectors on whole pictures, side by side."""
    from training.evaluation.detectors import compare_detectors
    from training.metrics.detection_protocol import RULES

    settings = Settings.from_env(os.environ).with_options(models=str(models))
    report = compare_detectors(data, settings=settings, **options)
    tell(filter(None, [*_table(report.results), RULES, report.note]), report.rejected)
    named = {one.contender.name: dict(one.figures) for one in report.results}
    write_json(json_file, {"detector": next(iter(named)), **report.results[0].figures, "detectors": named})
    tilt = f"{options['tilt']:g}" if options["tilt"] else None
    title = titled(data.name, options["split"], tilt and f"tilted by {tilt} degrees")
    if out:
        from training.reports.detectors import detectors_context, detectors_figures
        from training.reports.render import write_report

        click.echo(write_report("detectors", detectors_context(report, title), detectors_figures(report), out))
    if write_card:
        from app.vision.detection.anchor_free_detector import FOLDER
        from training.export.model_card import add_figures

        if "own" not in named:
            raise click.UsageError("--write-card is for our own detector; give --detector own")
        own = {name: value for name, value in named["own"].items() if name != "ms"}
        shown = {"data": data, "boxes": options["boxes"], "detector": "own", "split": options["split"], "tilt": tilt}
        figures, about = card_entry("detector", shown, own, report.note)
        add_figures(models / FOLDER, title, {**figures, **about})


def _table(results: Sequence[DetectorResult]) -> Iterator[str]:
    """A line a figure, a column a detector."""
    width = max(12, *(len(one.contender.name) + 2 for one in results))
    yield f"{'':24}" + "".join(f"{one.contender.name:>{width}}" for one in results)
    for name in results[0].figures:
        values = (one.figures[name] for one in results)
        yield f"{name:24}" + "".join(f"{v:>{width}.4f}" if isinstance(v, float) else f"{v:>{width}}" for v in values)


@click.command()
@DATA
@SPLIT
@LIMIT
@click.option("--seed", type=int, default=0, show_default=True, help="Another one pastes every face elsewhere.")
@click.option("--detector", help="own, haar or a YuNet .onnx file (env FACE_DETECTOR_MODEL; default own).")
@MODELS
@JSON
@FACES_REPORT
@click.option("--write-card", is_flag=True, help="Put the figures and this command into the card of what is served.")
def pipeline(
    detector: str | None, models: Path, json_file: Path | None, out: Path | None, write_card: bool, **chosen: Any
) -> None:
    """Score the app's whole pipeline: faces of a labelled set are pasted into whole pictures, found and read."""
    from training.evaluation.end_to_end import RULES, score_pipeline

    settings = Settings.from_env(os.environ).with_options(models=str(models), detector=detector)
    report = score_pipeline(settings=settings, **chosen)
    tell([*_pipeline_lines(report), RULES], report.rejected)
    write_json(json_file, {"detector": report.detector.name, **report.figures})
    title = titled(chosen["data"].name, chosen["split"], chosen["limit"] and f"{chosen['limit']} pictures")
    if out:
        from training.reports.pipeline import pipeline_context
        from training.reports.render import write_report

        click.echo(write_report("pipeline", pipeline_context(report, title), dict(report.figures), out))
    if write_card:
        from training.export.model_card import add_figures

        options = {**chosen, "seed": chosen["seed"] or None, "detector": report.detector.name}
        figures, about = card_entry("pipeline", options, report.figures, report.note)
        entry = {**figures, "detector": report.detector.title, **about}
        add_figures(report.folder, f"{title}, whole pipeline with {report.detector.title}", entry)


def _pipeline_lines(report: PipelineReport) -> Iterator[str]:
    yield f"{'detector':28} {report.detector.title}; backgrounds: {report.backgrounds.about}"
    if report.detector.notice:
        yield report.detector.notice
    for name, value in report.figures.items():
        yield f"{name:28} {value:.4f}" if isinstance(value, float) else f"{name:28} {value}"
    if report.note:
        yield report.note


@click.command()
@DATA
@SPLIT
@LIMIT
@MODELS
@SCORED_RUN
@JSON
@SERVED_CARD
def conditions(
    data: Path, split: str | None, limit: int | None, json_file: Path | None, write_card: bool, **model: Any
) -> None:
    """Score faces of a labelled set as they are, turned, cut tight, with the hair hidden and with drawn masks."""
    if model["run"] and write_card:
        raise click.UsageError("--write-card is for a served model, not for --run")
    from training.evaluation.robustness import RULES, score_conditions

    report = score_conditions(data, split, limit=limit, **model)
    tell([*_condition_lines(report), RULES], report.rejected)
    write_json(json_file, dict(report.figures))
    if write_card:
        from training.export.model_card import add_figures

        options = {"data": data, "split": split, "limit": limit}
        figures, about = card_entry("conditions", options, report.figures, report.note)
        title = titled(data.name, split, limit and f"{limit} pictures")
        add_figures(report.folder, f"{title}, conditions", {**figures, "about": RULES, **about})


def _condition_lines(report: ConditionsReport) -> Iterator[str]:
    """A line for each figure under each condition, and what is lost against plain faces."""
    from training.evaluation.robustness import PLAIN
    from training.metrics.sex_direction import DIRECTIONS

    figures = report.figures
    yield f"{figures['n']} faces, {figures['rejected']} rejected"
    directions = [f"{label}_as_{other}" for label, other in DIRECTIONS if f"{label}_as_{other}" in figures]
    for name in (*(one.main_figure for one in report.scores[PLAIN]), *directions):
        for condition in report.scores:
            if condition == PLAIN:
                yield f"{name:14} {condition:12} {figures[name]:8.4f}"
            else:
                lost = _with_interval(figures, f"{name}_lost_{condition}")
                yield f"{name:14} {condition:12} {figures[f'{name}_{condition}']:8.4f}  lost {lost}"
    if report.note:
        yield report.note


def _with_interval(figures: Figures, name: str) -> str:
    text = f"{figures[name]:8.4f}"
    if f"{name}_low" not in figures:
        return text
    return f"{text} ({figures[f'{name}_low']:.4f} to {figures[f'{name}_high']:.4f})"


@click.command("close-ups")
@DATA
@click.option("--boxes", type=PATH, required=True, help="Table file,x1,y1,x2,y2,ignore of the faces of --data.")
@click.option("--portraits", type=PATH, required=True, help="Folder or tar of All-Age-Faces.")
@click.option("--limit", type=click.IntRange(min=1), default=120, show_default=True, help="Number of portraits.")
@MODELS
@JSON
@click.argument("pictures", nargs=-1, type=PATH)
def close_ups(json_file: Path | None, **options: Any) -> None:
    """Count false boxes of our own detector on large close-ups, beside the small faces that it finds.

    PICTURES are files with one large face each.
    """
    from training.evaluation.close_ups import RULES, report_lines, score_close_ups

    report = score_close_ups(**options)
    tell([*report_lines(report), RULES], report.rejected)
    write_json(json_file, report.figures)


evaluate = click.Group(
    "evaluate",
    commands=[*map(_face_command, FACE_TASKS), detector, close_ups, pipeline, conditions, pose, compound, neutral],
    help="Score models on labelled sets.",
)
