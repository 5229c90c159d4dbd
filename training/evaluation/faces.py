"""Evaluate a served model, or the weights of a run, on a labelled data set of single faces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError, SettingsError, UnreadableMedia
from app.vision.inference.face_crop import PatchSpec, patch_matrix, transform_points
from training.datasets.catalog import masks_corrected_by, masks_labelled_in
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.detect_format import detect_format
from training.evaluation.evaluation_sets import TASKS, EvaluationTask
from training.evaluation.scored_model import run_model, served_model
from training.evaluation.timing import milliseconds_per_face
from training.metrics.age_scores import AgeScores
from training.metrics.class_scores import ClassScores
from training.metrics.landmark_scores import LandmarkScores
from training.metrics.mask_metrics import mask_figures
from training.metrics.race_metrics import race_figures
from training.metrics.scores import Figures, Scores
from training.metrics.source_metrics import source_figures
from training.metrics.subgroups import GroupGap, Grouping
from training.samples.framing import normalize_points
from training.samples.sample import Dataset, Rejection, Sample
from training.tasks.face_model import FaceModel, Windows
from training.transforms.alignment import MODELS, face_patches, nominal_pose

VALIDATION_NOTE = "{} was used to choose the epoch and the settings; expect slightly lower results on new images"
ONLY_CLASSES = ("emotion", "mask")  # the figures of a task with one classification need no prefix
# Figures of single attributes beside those of their scores.
FURTHER_FIGURES: Mapping[str, Callable[[Any, Sequence[Sample]], Figures]] = {
    "mask": mask_figures,
    "emotion": source_figures,
    "race": race_figures,
}


@dataclass(frozen=True, slots=True)
class LabelledFaces:
    """The samples of a data set that are scored, and what was skipped."""

    source: DatasetSpec
    samples: Sequence[Sample] = field(repr=False)
    rejected: Sequence[Rejection]


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an evaluation.

    Attributes:
        figures: Flat: `n`, the metrics of the task, and `rejected`.
        rejected: The files that could not be scored.
        folder: Folder of the model.
        note: A caveat about the figures, if there is one.
        title, source: The model and the data set.
        scores: By attribute; rows are those of `samples`.
        windows: What a spatial transformer looks at in each sample; None if the network has none.
    """

    figures: Figures
    rejected: Sequence[Rejection]
    folder: Path
    note: str | None
    title: str
    source: DatasetSpec
    samples: Sequence[Sample] = field(repr=False)
    scores: Sequence[Scores] = field(repr=False)
    windows: Windows | None = field(default=None, repr=False)


def evaluate(
    task: str,
    data: Path,
    split: str | None,
    models: Path,
    run: Path | None = None,
    weights: Path | None = None,
    timed: bool = False,
    labels: Path | None = None,
    corrections: Path | None = None,
) -> Report:
    """Score a served model, or the weights of a run, on a data set.

    Args:
        task: One of `TASKS`.
        split: `train`, `valid` or `test`; None scores every image.
        models: As the app's `--models`.
        run: Folder of a run to score instead of a served model.
        weights: Weights of the run, instead of its best.
        timed: Measure the milliseconds per face as well (a served model on one thread).
        labels: Table `file,label` of masks, instead of the one beside the images.
        corrections: Table `file,label,corrected` of other labels for some masks.
    Raises:
        SettingsError: the data set has no such split, or both tables are given.
        UnreadableMedia: the data set has no usable image.
        ModelError: no model predicts what the task scores, or it does not fit its card.
    """
    source = _relabelled(labels, corrections)
    chosen = replace(TASKS[task], sources=(source,)) if source else TASKS[task]
    model = run_model(run, weights) if run else served_model(models, chosen.served)
    check_predicts(model, chosen, task)
    faces = read_labelled(chosen, model, data, split)
    patches = face_patches(faces.samples, model.patch, models)
    scores = score_patches(model, chosen.scored, faces.samples, patches)
    windows = Windows(patches, model.windows(patches)) if model.windows else None
    figures = {**all_figures(scores, faces.samples), "rejected": len(faces.rejected)}
    if timed:
        figures["ms_a_face"] = milliseconds_per_face(model)
    note = note_on(faces.samples, split)
    known = figures, faces.rejected, model.folder, note, model.title, faces.source, faces.samples, scores
    return Report(*known, windows)


def _relabelled(labels: Path | None, corrections: Path | None) -> DatasetSpec | None:
    """The masks with the labels of another table; None if there is none."""
    if labels and corrections:
        raise SettingsError("--corrections are for the set's own labels, not for those of --labels; give one of them")
    return masks_labelled_in(labels) if labels else masks_corrected_by(corrections) if corrections else None


def read_labelled(task: EvaluationTask, model: FaceModel, data: Path, split: str | None) -> LabelledFaces:
    """Read the samples that a model can be scored on.

    Raises:
        SettingsError: the data set has no such split.
        UnreadableMedia: the data set has no usable image.
    """
    source = _source(task, data)
    dataset = _scorable(model, source.read(data, True))
    samples = _of_split(source, dataset, split, data)
    rejected = [one for one in dataset.rejected if split is None or one.split in (None, split)]
    return LabelledFaces(source, samples, rejected)


def subsample(samples: Sequence[Sample], limit: int | None) -> Sequence[Sample]:
    """At most `limit` samples, evenly spaced."""
    if limit is None or limit >= len(samples):
        return samples
    return [samples[index] for index in np.linspace(0, len(samples) - 1, limit).round().astype(int)]


def all_figures(scores: Sequence[Scores], samples: Sequence[Sample]) -> dict[str, float | int]:
    """The figures of all attributes, flat."""
    figures: dict[str, float | int] = {"n": len(samples)}
    for one in scores:
        figures |= {**one.figures, **_group_figures(one, samples)}
        if one.attribute in FURTHER_FIGURES:
            figures |= FURTHER_FIGURES[one.attribute](one, samples)
    return figures


def largest_gap(scores: Scores, grouping: Grouping | None) -> GroupGap | None:
    """The best and the worst group of people by the main figure; None if the data set has no groups."""
    return grouping.largest_gap(scores.figure_of_rows, scores.higher_is_better) if grouping else None


def report_lines(report: Report) -> Iterator[str]:
    """The figures as lines of text, with a caveat on each if they come from the validation split."""
    caveat = "  (validation split)" if report.note else ""
    width = max(28, *map(len, report.figures))
    for name, value in report.figures.items():
        yield f"{name:{width}} {value:.4f}{caveat}" if isinstance(value, float) else f"{name:{width}} {value}"
    if report.note:
        yield report.note


def check_predicts(model: FaceModel, task: EvaluationTask, name: str) -> None:
    """Refuse a model that predicts nothing that the task scores.

    Args:
        name: What follows `evaluate` in the command.
    Raises:
        ModelError: the model is refused.
    """
    if not model.attributes & set(task.scored):
        reads = " and ".join(sorted(model.attributes))
        raise ModelError(f"{model.folder} reads {reads}, which evaluate {name} does not score; give another --run")


def _source(task: EvaluationTask, data: Path) -> DatasetSpec:
    """The data set at a path; if it is none of the task's, their first, whose reader reports what is wrong."""
    try:
        found = detect_format(data)
    except UnreadableMedia:
        return task.sources[0]
    sources = [source.at(data) for source in task.sources]
    return found if found in sources else sources[0]


def _scorable(model: FaceModel, dataset: Dataset) -> Dataset:
    """Reject samples whose class the model does not know, or without the eye centres that landmarks are scored by."""
    for head in model.heads:
        if head.kind == "classes" and all(head.attribute in sample.labels for sample in dataset.samples):
            dataset = dataset.keep_labels(head.attribute, head.labels)
    if "landmarks" not in model.attributes:
        return dataset
    scorable = [s if s.has_eye_centres else Rejection(s.name, "missing eye centres") for s in dataset.samples]
    return Dataset.collect([*dataset.rejected, *scorable])


def _of_split(source: DatasetSpec, dataset: Dataset, split: str | None, data: Path) -> Sequence[Sample]:
    """The samples to score: all, or one split as the data set defines it, else as training splits it."""
    samples = dataset.samples
    if split is not None:
        named = {sample.split for sample in samples} - {None}
        assigned = source.split(dataset).part(split) if not named else ()
        samples = [sample for sample in samples if sample.split == split] or assigned
        if named and not samples:
            raise SettingsError(f"{data} has no {split} split; it has {', '.join(sorted(filter(None, named)))}")
    if not samples:
        raise UnreadableMedia(
            f"{data} has no usable picture ({len(dataset.rejected)} rejected); expected {source.about}"
        )
    return samples


def score_samples(
    model: FaceModel, attributes: Sequence[str], samples: Sequence[Sample], models: Path = MODELS
) -> list[Scores]:
    """Predict each sample, for those of `attributes` that the model predicts and the samples are labelled with.

    Args:
        models: Folder of the networks that align the faces.
    Raises:
        SettingsError: there is no such attribute.
    """
    return score_patches(model, attributes, samples, face_patches(samples, model.patch, models))


def score_patches(
    model: FaceModel, attributes: Sequence[str], samples: Sequence[Sample], patches: np.ndarray
) -> list[Scores]:
    """As `score_samples`, with patches (n, *model.patch.shape) that were cropped before."""
    outputs = model.answers(patches)
    found = [
        _score(head.attribute, head.labels, outputs[head.attribute], samples, model.patch)
        for head in model.heads
        if head.attribute in attributes and (head.attribute == "landmarks" or head.attribute in samples[0].labels)
    ]
    if not found:
        raise SettingsError(f"the set does not know what {model.folder} reads; give another --data")
    return found


def _score(
    attribute: str, labels: Sequence[str], outputs: np.ndarray, samples: Sequence[Sample], patch: PatchSpec
) -> Scores:
    if attribute == "age":
        columns = outputs.reshape(len(samples), -1)
        intervals = columns[:, 1:] if columns.shape[1] > 1 else None  # a plain value has no interval
        return AgeScores(columns[:, 0], np.array([float(sample.labels["age"]) for sample in samples]), intervals)
    if attribute == "landmarks":
        true = np.stack([_points_in_patch(sample, patch) for sample in samples])
        return LandmarkScores(outputs.reshape(true.shape), true)
    indexes = np.array([labels.index(str(sample.labels[attribute])) for sample in samples])
    return ClassScores(attribute, labels, outputs, indexes, "" if attribute in ONLY_CLASSES else f"{attribute}_")


def _points_in_patch(sample: Sample, patch: PatchSpec) -> np.ndarray:
    """Labelled landmarks in the patch of an image, float64 (15, 2): 0 at its centre, 1 at its edge."""
    assert sample.points is not None
    matrix = patch_matrix(nominal_pose(sample, patch), patch)
    return normalize_points(transform_points(matrix, sample.points), np.empty(patch.shape))


def _group_figures(scores: Scores, samples: Sequence[Sample]) -> Figures:
    """The worst group of people and the largest gap, if the data set has groups."""
    gap = largest_gap(scores, Grouping.of(samples))
    if gap is None:
        return {}
    return {f"{scores.group_figure}_worst_group": gap.worst_figure, f"{scores.group_figure}_gap": gap.gap}


def note_on(samples: Sequence[Sample], split: str | None) -> str | None:
    """A caveat if figures on these samples come from the validation split.

    Args:
        split: The split of the samples, as training splits them; None if it is unknown.
    """
    if any("PublicTest" in sample.name for sample in samples):
        return VALIDATION_NOTE.format("PublicTest")
    valid = split == "valid" or any(sample.split == "valid" for sample in samples)
    return VALIDATION_NOTE.format("valid") if valid else None
