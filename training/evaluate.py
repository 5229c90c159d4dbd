"""Score what the app serves, through the code it serves with: every picture of a set is one face."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.domain import Attributes, Face
from app.errors import ModelError, SettingsError, UnreadableMedia
from app.vision.patch import whole_picture_box
from app.vision.predict import Predictor, load_predictors
from training import metrics
from training.data.sample import Dataset, Rejected, Sample
from training.data.sets import FER2013, UTKFACE, PictureSet

Figures = Mapping[str, float | int]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a scoring.

    Attributes:
        figures: Flat: `n`, the figures of the task, and `rejected`.
        rejected: The files that could not be scored.
        folder: Of the model that was scored.
        note: What a reader of the figures must know; None where there is nothing.
    """

    figures: Figures
    rejected: Sequence[Rejected]
    folder: Path
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that can be evaluated.

    Attributes:
        attributes: What the model's card must have heads for.
        score: Figures of samples and what the model read from each.
    """

    source: PictureSet
    attributes: Sequence[str]
    score: Callable[[Sequence[Sample], Sequence[Attributes]], Figures]


def evaluate(task: str, data: Path, split: str | None, models: Path) -> Report:
    """Score a served model on a set.

    Args:
        task: One of `TASKS`.
        split: `train`, `valid` or `test`; None scores every picture.
        models: As the app's `--models`.
    Raises:
        SettingsError: the set has no such split.
        UnreadableMedia: the set holds no usable picture.
        ModelError: no model reads what the task asks for, or it does not fit its card.
    """
    chosen = TASKS[task]
    predictor = _predictor(models, chosen.attributes)
    dataset = _known_to(predictor, chosen.source.read(data, True))
    samples = _of_split(chosen.source, dataset, split, data)
    attributes = [_read(predictor, sample.image) for sample in samples]
    figures = {"n": len(samples), **chosen.score(samples, attributes), "rejected": len(dataset.rejected)}
    return Report(figures, dataset.rejected, predictor.card.folder, _note(samples))


def _predictor(models: Path, attributes: Sequence[str]) -> Predictor:
    for predictor in load_predictors(models):
        if set(attributes) <= {head.attribute for head in predictor.card.heads}:
            return predictor
    raise ModelError(f"no model in {models} reads {' and '.join(attributes)}; export one, or give another --models")


def _known_to(predictor: Predictor, dataset: Dataset) -> Dataset:
    """Without the samples whose class the model's card does not name."""
    for head in predictor.card.heads:
        if head.kind == "classes":
            dataset = dataset.only(head.attribute, head.labels)
    return dataset


def _of_split(source: PictureSet, dataset: Dataset, split: str | None, data: Path) -> Sequence[Sample]:
    """The samples to score: all, or one split as the set names it, or as training dealt it where it names none."""
    samples = dataset.samples
    if split is not None:
        named = {sample.split for sample in samples} - {None}
        dealt = source.deal(dataset).part(split) if not named else ()
        samples = [sample for sample in samples if sample.split == split] or dealt
        if named and not samples:
            raise SettingsError(f"{data} has no {split} split; it has {', '.join(sorted(filter(None, named)))}")
    if not samples:
        raise UnreadableMedia(
            f"{data} has no usable picture ({len(dataset.rejected)} rejected); expected {source.about}"
        )
    return samples


def _read(predictor: Predictor, image: np.ndarray) -> Attributes:
    height, width = image.shape[:2]
    face = Face(whole_picture_box(width, height, predictor.card.patch), 1.0)
    return predictor.card.attributes(predictor.predict(image, [face])[0])


def _emotion_figures(samples: Sequence[Sample], attributes: Sequence[Attributes]) -> Figures:
    labels = list(attributes[0].emotion or {})
    probabilities = np.array([list((one.emotion or {}).values()) for one in attributes])
    indexes = np.array([labels.index(str(sample.labels["emotion"])) for sample in samples])
    return {
        "accuracy": metrics.accuracy(probabilities, indexes),
        "balanced_accuracy": metrics.balanced_accuracy(probabilities, indexes),
        "ece": metrics.expected_calibration_error(probabilities, indexes),
    }


def _demographics_figures(samples: Sequence[Sample], attributes: Sequence[Attributes]) -> Figures:
    ages = np.array([float(sample.labels["age"]) for sample in samples])
    predicted = np.array([one.age_years for one in attributes], float)
    female = np.array([sample.labels["sex"] == "female" for sample in samples])
    p_female = np.array([one.p_female for one in attributes], float)
    return {
        "mae_years": metrics.mean_absolute_error(predicted, ages),
        "rmse_years": metrics.root_mean_square_error(predicted, ages),
        "sex_accuracy": float(((p_female >= 0.5) == female).mean()),
    }


def _note(samples: Sequence[Sample]) -> str | None:
    if any("PublicTest" in sample.name for sample in samples):
        return "PublicTest is the split for choosing the epoch and the settings: expect a little less on new pictures"
    return None


TASKS: Mapping[str, Task] = {
    "emotion": Task(FER2013, ("emotion",), _emotion_figures),
    "demographics": Task(UTKFACE, ("age", "sex"), _demographics_figures),
}


def listed(rejected: Sequence[Rejected], most: int = 20) -> Iterator[str]:
    """Lines that name what was rejected, at most `most` of them."""
    yield from (f"rejected {one.name}: {one.reason}" for one in rejected[:most])
    if len(rejected) > most:
        yield f"... and {len(rejected) - most} more"
