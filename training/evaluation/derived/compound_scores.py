"""Score pairs of emotions on faces with compound expressions, and choose when a pair is shown.

A face is described by the emotions that are named. Its overlap with the labels is 2 * common / (named + labelled)
emotions: 1 if exactly the labelled emotions are named. Naming a pair is better than naming the likeliest emotion alone
if the mean overlap is higher, on compound expressions (two labels), and not lower on expressions of one emotion.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.attributes.emotion_pair import MIN_PAIR_PROBABILITY
from app.attributes.predicted.emotion import ATTRIBUTE as EMOTION
from training.datasets.readers import labelled_crops
from training.evaluation.derived.posed_expressions import read_posed
from training.evaluation.scored_model import served_model
from training.metrics.cluster_bootstrap import mean_interval
from training.samples.sample import Rejection, Sample
from training.transforms.alignment import face_patches

IMAGES = "compound.tar"
TABLE = "compound.csv"
PAIR = ("first", "second")
# Thresholds to choose from: probability of the second likeliest emotion.
MIN_PROBABILITIES = tuple(np.arange(0.0, 0.5, 0.02).round(2).tolist())
FOLDS = 5


@dataclass(frozen=True, slots=True)
class LabelledFaces:
    """Probabilities of n faces and the emotions that they are labelled with.

    Attributes:
        labels: The emotions, in the order of the columns.
        probabilities: Shape (n, labels).
        true: Whether a face is labelled with an emotion, bool (n, labels).
        persons: Shape (n,).
    """

    labels: Sequence[str]
    probabilities: np.ndarray
    true: np.ndarray
    persons: np.ndarray

    def select(self, rows: np.ndarray) -> LabelledFaces:
        """The faces of some rows."""
        return LabelledFaces(self.labels, self.probabilities[rows], self.true[rows], self.persons[rows])

    @property
    def likeliest(self) -> np.ndarray:
        """Columns of the two likeliest emotions, int (n, 2)."""
        return np.argsort(-self.probabilities, axis=1, kind="stable")[:, :2]

    @property
    def hits(self) -> np.ndarray:
        """Whether each of the two likeliest emotions is among the labels, bool (n, 2)."""
        return np.take_along_axis(self.true, self.likeliest, 1)

    @property
    def are_both_hits(self) -> np.ndarray:
        """Whether both of the two likeliest emotions are among the labels, bool (n,)."""
        return np.logical_and(*self.hits.T)

    def shown(self, min_probability: float | np.ndarray) -> np.ndarray:
        """Whether a pair is shown, bool (n,); never while the app shows "unsure".

        Args:
            min_probability: Threshold of all faces, or of each (n,).
        """
        first, second = np.take_along_axis(self.probabilities, self.likeliest, 1).T
        return (second >= min_probability) & (first >= EMOTION.min_probability)

    def gains(self, min_probability: float | np.ndarray) -> np.ndarray:
        """Overlap with pairs minus overlap of the likeliest emotion alone, (n,); 0 where no pair is shown.

        Args:
            min_probability: As for `shown`.
        """
        labelled, hits = self.true.sum(1), self.hits
        gain = 2 * hits.sum(1) / (2 + labelled) - 2 * hits[:, 0] / (1 + labelled)
        return np.where(self.shown(min_probability), gain, 0.0)


@dataclass(frozen=True, slots=True)
class CompoundReport:
    """Scores of pairs.

    Attributes:
        min_probability: Threshold that all persons chose; None if none is better than a single label.
        figures: Flat: shares with their 95 % intervals by person.
        rejected: What was not scored.
        folder: Folder of the emotion model.
    """

    min_probability: float | None
    figures: Mapping[str, float | int]
    rejected: Sequence[Rejection]
    folder: Path


def evaluate_compound(folder: Path, models: Path) -> CompoundReport:
    """Score the pairs of the served emotion model on the compound expressions in a folder that name a pair.

    Args:
        folder: With compound.tar, compound.csv, expressions.tar and expressions.csv.
        models: As the app's `--models`.
    Raises:
        UnreadableMedia: a file is missing or damaged.
        ModelError: no model reads emotions, or it is altered.
    """
    model = served_model(models, ["emotion"])
    labels = model.heads[0].labels
    dataset = labelled_crops.read(folder / IMAGES, folder / TABLE, (*PAIR, "person"))
    pairs = [one for one in dataset.samples if all(one.labels[column] in labels for column in PAIR)]
    singles, unreadable = read_posed(folder)

    def labelled(samples: Sequence[Sample], columns: Sequence[str]) -> LabelledFaces:
        probabilities = model.answers(face_patches(samples, model.patch, models))["emotion"]
        true = np.array([[label in {one.labels[column] for column in columns} for label in labels] for one in samples])
        return LabelledFaces(labels, probabilities, true, np.array([str(one.labels["person"]) for one in samples]))

    min_probability, figures = score(labelled(pairs, PAIR), labelled(singles, ("emotion",)))
    rejected = [*dataset.rejected, *unreadable]
    figures |= {"n_without_pair": len(dataset.samples) - len(pairs), "rejected": len(rejected)}
    return CompoundReport(min_probability, figures, rejected, model.folder)


def score(compound: LabelledFaces, single: LabelledFaces) -> tuple[float | None, dict[str, float | int]]:
    """Choose a threshold on all persons; score the choice by cross-validation over persons.

    The threshold of each fold is chosen on the other folds, and all faces are scored together, each by the threshold of
    its fold.

    Args:
        compound: Faces with two labels.
        single: Faces with one label.
    Returns:
        The threshold chosen on all persons, None if none is better than a single label, and the figures.
    """
    thresholds = [_threshold_without(fold, compound, single) for fold in range(FOLDS)]
    figures = _overall_figures(compound)
    figures |= {f"min_pair_probability_fold_{fold + 1}": one for fold, one in enumerate(thresholds) if np.isfinite(one)}
    for name, faces in (("compound", compound), ("single", single)):
        figures |= _shown_figures(name, faces, np.array(thresholds)[folds(faces.persons)])
    figures |= _pair_figures(compound, np.array(thresholds)[folds(compound.persons)])
    chosen = choose_threshold(compound, single)
    return chosen, figures | ({} if chosen is None else {"min_pair_probability": chosen})


def _threshold_without(fold: int, compound: LabelledFaces, single: LabelledFaces) -> float:
    """The threshold that the persons outside a fold choose; infinite if none is better than a single label."""
    chosen = choose_threshold(*(faces.select(folds(faces.persons) != fold) for faces in (compound, single)))
    return float("inf") if chosen is None else chosen


def choose_threshold(compound: LabelledFaces, single: LabelledFaces) -> float | None:
    """The threshold with the largest mean gain on compound expressions among those that lose nothing on single ones.

    Nothing is lost if the lower end of the 95 % interval by person is not below 0. None if no threshold gains.
    """
    candidates = [(float(compound.gains(one).mean()), one) for one in MIN_PROBABILITIES]
    for gain, min_probability in sorted(candidates, reverse=True):
        if gain > 0 and mean_interval(single.gains(min_probability), single.persons)[0] >= 0:
            return min_probability
    return None


def folds(persons: np.ndarray) -> np.ndarray:
    """Fold of each person (n,) for cross-validation, 0 to FOLDS - 1, by the hash of their names."""
    digests = [hashlib.sha256(person.encode()).digest() for person in persons.tolist()]
    return np.array([int.from_bytes(digest[:8], "big") % FOLDS for digest in digests])


def report_lines(report: CompoundReport) -> Iterator[str]:
    """The chosen threshold, that of the app, and the figures as lines of text."""
    chosen = report.min_probability
    yield "no pair is better than a single label" if chosen is None else f"pairs from a second probability of {chosen}"
    yield f"the app shows pairs from {MIN_PAIR_PROBABILITY}"
    for name, value in report.figures.items():
        yield f"{name:40} {value:.4f}" if isinstance(value, float) else f"{name:40} {value}"


def _overall_figures(faces: LabelledFaces) -> dict[str, float | int]:
    """How often the two likeliest emotions are the pair, and the likeliest one of it, against chance."""
    count, hits = len(faces.persons), faces.hits
    emotions = len(faces.labels)
    named = np.zeros_like(faces.true)
    np.put_along_axis(named, faces.likeliest, True, 1)
    first = np.eye(emotions, dtype=bool)[faces.likeliest[:, 0]]
    return {
        "n": count,
        "n_persons": len(set(faces.persons.tolist())),
        **_share("pair_accuracy", faces.are_both_hits, faces.persons),
        "pair_chance": 2 / (emotions * (emotions - 1)),
        # Expected of the same answers, dealt to the faces at random.
        "pair_chance_by_frequency": float((named[:, None] == faces.true[None]).all(-1).mean()),
        "pair_chance_constant": max(float((faces.true == row).all(1).mean()) for row in np.unique(faces.true, axis=0)),
        **_share("single_accuracy", hits[:, 0], faces.persons),
        "single_chance_by_frequency": float((first.mean(0) * faces.true.mean(0)).sum()),
    }


def _shown_figures(name: str, faces: LabelledFaces, thresholds: np.ndarray) -> dict[str, float | int]:
    """What is shown of faces, each by its threshold (n,)."""
    shown = faces.shown(thresholds)
    figures: dict[str, float | int] = {f"n_{name}": len(shown), f"n_{name}_persons": len(set(faces.persons.tolist()))}
    figures |= _share(f"{name}_shown", shown, faces.persons)
    figures |= _share(f"{name}_overlap_gain", faces.gains(thresholds), faces.persons)
    if not shown.any():
        return figures
    part = faces.select(shown)
    figures |= _share(f"{name}_gain_where_shown", part.gains(thresholds[shown]), part.persons)
    figures |= _share(f"{name}_first_right_where_shown", part.hits[:, 0], part.persons)
    return figures | _share(f"{name}_second_right_where_shown", part.hits[:, 1], part.persons)


def _pair_figures(faces: LabelledFaces, thresholds: np.ndarray) -> dict[str, float]:
    """How often a shown pair is the labelled one, by the threshold of each face (n,)."""
    part = faces.select(faces.shown(thresholds))
    return _share("pair_accuracy_where_shown", part.are_both_hits, part.persons) if len(part.persons) else {}


def _share(name: str, values: np.ndarray, persons: np.ndarray) -> dict[str, float]:
    """The mean of values (n,) with its 95 % interval by person."""
    low, high = mean_interval(values, persons)
    return {name: float(values.mean()), f"{name}_low": low, f"{name}_high": high}
