"""Score what the app serves, or a run, on a labelled set: every picture of the set is one face."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from app.errors import ModelError, SettingsError, UnreadableMedia
from app.vision.inference.face_crop import PatchSpec, patch_matrix, transform_points
from training.datasets.catalog import masks_labelled_in
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.detect_format import detect_format
from training.evaluation.evaluation_sets import TASKS, EvaluationTask
from training.evaluation.scored_model import run_model, served_model
from training.metrics.mask_metrics import mask_figures
from training.metrics.results import AgeScores, ClassScores, Figures, LandmarkScores, Scores
from training.metrics.subgroups import GroupGap, Grouping
from training.samples.framing import normalize_points
from training.samples.sample import Dataset, Rejection, Sample
from training.tasks.face_model import FaceModel
from training.transforms.alignment import MODELS, face_patches, nominal_pose

WARM_UP, TIMED = 20, 200  # faces
VALIDATION_NOTE = "{} was used to choose the epoch and the settings; expect slightly lower results on new images"


@dataclass(frozen=True, slots=True)
class LabelledFaces:
    """What is scored of a set, and the files that could not be."""

    source: DatasetSpec
    samples: Sequence[Sample] = field(repr=False)
    rejected: Sequence[Rejection]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a scoring.

    Attributes:
        figures: Flat: `n`, the figures of the task, and `rejected`.
        rejected: The files that could not be scored.
        folder: Of the model that was scored.
        note: What a reader of the figures must know; None where there is nothing.
        title, source: Of the model, and the set.
        scores: By attribute; rows are those of `samples`.
    """

    figures: Figures
    rejected: Sequence[Rejection]
    folder: Path
    note: str | None
    title: str
    source: DatasetSpec
    samples: Sequence[Sample] = field(repr=False)
    scores: Sequence[Scores] = field(repr=False)


def evaluate(
    task: str,
    data: Path,
    split: str | None,
    models: Path,
    run: Path | None = None,
    weights: Path | None = None,
    timed: bool = False,
    labels: Path | None = None,
) -> Report:
    """Score a served model, or the weights of a run, on a set.

    Args:
        task: One of `TASKS`.
        split: `train`, `valid` or `test`; None scores every picture.
        models: As the app's `--models`.
        run: Folder of a run, to be scored instead of a served model.
        weights: Of the run, instead of its best.
        timed: Also measure the milliseconds that a face takes on its own (a served model: on one thread).
        labels: Table `file,label` of masks, instead of the one beside the pictures.
    Raises:
        SettingsError: the set has no such split.
        UnreadableMedia: the set holds no usable picture.
        ModelError: no model reads what the task asks for, or it does not fit its card.
    """
    chosen = TASKS[task] if labels is None else replace(TASKS[task], sources=(masks_labelled_in(labels),))
    model = run_model(run, weights) if run else served_model(models, chosen.served)
    check_reads(model, chosen, task)
    found = read_labelled(chosen, model, data, split)
    scores = scores_of(model, chosen.scored, found.samples, models)
    figures = {**figures_of(scores, found.samples), "rejected": len(found.rejected)}
    if timed:
        figures["ms_a_face"] = milliseconds_a_face(model)
    note = note_on(found.samples, split)
    return Report(figures, found.rejected, model.folder, note, model.title, found.source, found.samples, scores)


def milliseconds_a_face(model: FaceModel, clock: Callable[[], float] = time.perf_counter) -> float:
    """The median over some patches of noise, each on its own."""
    patches = np.random.default_rng(0).integers(0, 256, (WARM_UP + TIMED, 1, *model.patch.shape), np.uint8)
    took_s = []
    for patch in patches:
        started_s = clock()
        model.predict(patch)
        took_s.append(clock() - started_s)
    return 1000 * statistics.median(took_s[WARM_UP:])


def read_labelled(task: EvaluationTask, model: FaceModel, data: Path, split: str | None) -> LabelledFaces:
    """The pictures that a model can be scored on.

    Raises:
        SettingsError: the set has no such split.
        UnreadableMedia: the set holds no usable picture.
    """
    source = _source(task, data)
    dataset = _known_to(model, source.read(data, True))
    samples = _of_split(source, dataset, split, data)
    rejected = [one for one in dataset.rejected if split is None or one.split in (None, split)]
    return LabelledFaces(source, samples, rejected)


def figures_of(scores: Sequence[Scores], samples: Sequence[Sample]) -> dict[str, float | int]:
    """All figures, flat."""
    figures: dict[str, float | int] = {"n": len(samples)}
    for one in scores:
        figures |= {**one.figures, **_group_figures(one, samples)}
        if isinstance(one, ClassScores) and one.attribute == "mask":
            figures |= mask_figures(one, samples)
    return figures


def spread_of(scores: Scores, grouping: Grouping) -> GroupGap | None:
    """How far the groups of people are apart in accuracy, or in mean error in years."""
    if isinstance(scores, ClassScores):
        return grouping.spread(lambda rows: float(scores.right[rows].mean()))
    if isinstance(scores, AgeScores):
        return grouping.spread(lambda rows: float(np.abs(scores.errors[rows]).mean()), higher_is_better=False)
    return None


def said(report: Report) -> Iterator[str]:
    """The figures as lines; each is marked if it is from the validation split."""
    beside = "  (validation split)" if report.note else ""
    width = max(28, *map(len, report.figures))
    for name, value in report.figures.items():
        yield f"{name:{width}} {value:.4f}{beside}" if isinstance(value, float) else f"{name:{width}} {value}"
    if report.note:
        yield report.note


def check_reads(model: FaceModel, task: EvaluationTask, name: str) -> None:
    """Refuse a model of which nothing is scored.

    Args:
        name: What follows `evaluate` in the command.
    Raises:
        ModelError: it is such a one.
    """
    if not model.attributes & set(task.scored):
        reads = " and ".join(sorted(model.attributes))
        raise ModelError(f"{model.folder} reads {reads}, which evaluate {name} does not score; give another --run")


def _source(task: EvaluationTask, data: Path) -> DatasetSpec:
    """The set at a path; the task's first where it is none of the task's, whose reader then says what is amiss."""
    try:
        found = detect_format(data)
    except UnreadableMedia:
        return task.sources[0]
    return found if found in task.sources else task.sources[0]


def _known_to(model: FaceModel, dataset: Dataset) -> Dataset:
    """Without the samples whose class the model does not name, or that lack the points it is scored by."""
    for head in model.heads:
        if head.kind == "classes" and all(head.attribute in sample.labels for sample in dataset.samples):
            dataset = dataset.keep_labels(head.attribute, head.labels)
    if "landmarks" not in model.attributes:
        return dataset
    marked = [s if s.has_all_landmarks else Rejection(s.name, "missing keypoints") for s in dataset.samples]
    return Dataset.collect([*dataset.rejected, *marked])


def _of_split(source: DatasetSpec, dataset: Dataset, split: str | None, data: Path) -> Sequence[Sample]:
    """The samples to score: all, or one split as the set names it, or as training dealt it where it names none."""
    samples = dataset.samples
    if split is not None:
        named = {sample.split for sample in samples} - {None}
        dealt = source.split(dataset).part(split) if not named else ()
        samples = [sample for sample in samples if sample.split == split] or dealt
        if named and not samples:
            raise SettingsError(f"{data} has no {split} split; it has {', '.join(sorted(filter(None, named)))}")
    if not samples:
        raise UnreadableMedia(
            f"{data} has no usable picture ({len(dataset.rejected)} rejected); expected {source.about}"
        )
    return samples


def scores_of(
    model: FaceModel, attributes: Sequence[str], samples: Sequence[Sample], models: Path = MODELS
) -> list[Scores]:
    """What a model says of each sample, by those of `attributes` that it reads and the samples know.

    Args:
        models: Where the landmark network is that aligns the faces.
    Raises:
        SettingsError: there is none.
    """
    return scores_of_patches(model, attributes, samples, face_patches(samples, model.patch, models))


def scores_of_patches(
    model: FaceModel, attributes: Sequence[str], samples: Sequence[Sample], patches: np.ndarray
) -> list[Scores]:
    """As `scores_of`, of patches (n, *model.patch.shape) that were cut before."""
    answers = model.answers(patches)
    found = [
        _score(head.attribute, head.labels, answers[head.attribute], samples, model.patch)
        for head in model.heads
        if head.attribute in attributes and (head.attribute == "landmarks" or head.attribute in samples[0].labels)
    ]
    if not found:
        raise SettingsError(f"the set does not know what {model.folder} reads; give another --data")
    return found


def _score(
    attribute: str, labels: Sequence[str], answers: np.ndarray, samples: Sequence[Sample], patch: PatchSpec
) -> Scores:
    if attribute == "age":
        columns = answers.reshape(len(samples), -1)
        intervals = columns[:, 1:] if columns.shape[1] > 1 else None  # a plain value comes without
        return AgeScores(columns[:, 0], np.array([float(sample.labels["age"]) for sample in samples]), intervals)
    if attribute == "landmarks":
        true = np.stack([_points_in_patch(sample, patch) for sample in samples])
        return LandmarkScores(answers.reshape(true.shape), true)
    indexes = np.array([labels.index(str(sample.labels[attribute])) for sample in samples])
    # The figures of a task's only classes need no name of their own.
    prefix = "" if attribute in ("emotion", "mask") else f"{attribute}_"
    return ClassScores(attribute, labels, answers, indexes, prefix)


def _points_in_patch(sample: Sample, patch: PatchSpec) -> np.ndarray:
    """Where its marks are in the patch of a picture, float64 (15, 2), 0 in the middle and 1 at the edge."""
    assert sample.points is not None
    matrix = patch_matrix(nominal_pose(sample, patch), patch)
    return normalize_points(transform_points(matrix, sample.points), np.empty(patch.shape))


def _group_figures(scores: Scores, samples: Sequence[Sample]) -> Figures:
    """The worst group of people and the largest gap, where the set tells groups apart."""
    grouping = Grouping.of(samples)
    spread = spread_of(scores, grouping) if grouping else None
    if spread is None:
        return {}
    if isinstance(scores, AgeScores):
        return {"mae_years_worst_group": spread.worst_figure, "mae_years_gap": spread.gap}
    name = f"{scores.attribute}_accuracy"
    return {f"{name}_worst_group": spread.worst_figure, f"{name}_gap": spread.gap}


def note_on(samples: Sequence[Sample], split: str | None) -> str | None:
    """What a reader of figures on these samples must know.

    Args:
        split: That the samples are of, as training dealt them; None where it is unknown.
    """
    if any("PublicTest" in sample.name for sample in samples):
        return VALIDATION_NOTE.format("PublicTest")
    valid = split == "valid" or any(sample.split == "valid" for sample in samples)
    return VALIDATION_NOTE.format("valid") if valid else None
