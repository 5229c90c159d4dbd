"""Answers of a model beside what is true, by attribute: figures, and how wrong each answer is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from training.metrics import predictions
from training.samples.landmark_points import LANDMARK_NAMES

Figures = Mapping[str, float | int]

CLOSE_YEARS = 5
DECADE = 10
LEAST_COVERED = 200  # faces: of fewer the share that lies in an interval is too uncertain
EYES = LANDMARK_NAMES.index("left_eye_center"), LANDMARK_NAMES.index("right_eye_center")
# In Kaggle's pictures of 96 pixels the eye centres are about this far apart.
EYES_APART_AT_96 = 36


class Scores(Protocol):
    """The answers about one attribute of n faces."""

    @property
    def attribute(self) -> str: ...

    @property
    def figures(self) -> Figures:
        """Flat, with the names that `evaluate --json` has."""

    def error(self) -> np.ndarray:
        """How wrong every answer is, shape (n,); 0 or less where nothing is wrong."""

    def told(self, index: int) -> str:
        """One answer and the truth, for people."""


@dataclass(frozen=True, slots=True)
class ClassScores:
    """Answers among words.

    Attributes:
        probabilities: Shape (n, labels).
        indexes: The right labels, shape (n,).
        prefix: Of the figures' names.
    """

    attribute: str
    labels: Sequence[str]
    probabilities: np.ndarray
    indexes: np.ndarray
    prefix: str = ""

    @property
    def right(self) -> np.ndarray:
        return self.probabilities.argmax(-1) == self.indexes

    @property
    def confusion(self) -> np.ndarray:
        return predictions.confusion_matrix(self.probabilities, self.indexes)

    @property
    def figures(self) -> Figures:
        low, high = predictions.wilson_interval(int(self.right.sum()), len(self.right))
        named = {
            "accuracy": predictions.accuracy(self.probabilities, self.indexes),
            "accuracy_low": low,
            "accuracy_high": high,
            "balanced_accuracy": predictions.balanced_accuracy(self.probabilities, self.indexes),
            "ece": predictions.expected_calibration_error(self.probabilities, self.indexes),
            "ece_by_chance": predictions.chance_calibration_error(self.probabilities),
            "nll": predictions.negative_log_likelihood(self.probabilities, self.indexes),
            "brier": predictions.brier_score(self.probabilities, self.indexes),
        }
        return {f"{self.prefix}{name}": value for name, value in named.items()}

    def error(self) -> np.ndarray:
        # Being sure of something wrong is worse than being undecided.
        return self.probabilities.max(-1) - self.probabilities[np.arange(len(self.indexes)), self.indexes]

    def told(self, index: int) -> str:
        said = int(self.probabilities[index].argmax())
        share = self.probabilities[index, said]
        return f"{self.labels[said]} {share:.0%}, labelled {self.labels[int(self.indexes[index])]}"


@dataclass(frozen=True, slots=True)
class DecadeFigures:
    """How ages of ten years in a row come out."""

    first: int
    bias_years: float
    mae_years: float
    count: int


@dataclass(frozen=True, slots=True)
class DecadeCoverage:
    """Which share of the ages lies in the told intervals, among faces predicted to be of some ages.

    Attributes:
        low, high: The 95 % interval of that share.
    """

    first: int
    share: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class AgeScores:
    """Ages in years, predicted and true, each of shape (n,).

    Attributes:
        intervals: Where four of five ages should lie, shape (n, 2); None where a model tells none.
    """

    predicted: np.ndarray
    true: np.ndarray
    intervals: np.ndarray | None = None
    attribute: str = "age"

    @property
    def errors(self) -> np.ndarray:
        """Years too old; negative where too young."""
        return self.predicted - self.true

    @property
    def figures(self) -> Figures:
        return {
            "mae_years": predictions.mean_absolute_error(self.predicted, self.true),
            "rmse_years": predictions.root_mean_square_error(self.predicted, self.true),
            "bias_years": predictions.mean_error(self.predicted, self.true),
            f"share_within_{CLOSE_YEARS}_years": predictions.fraction_within(self.predicted, self.true, CLOSE_YEARS),
            **({} if self.covered is None else {"interval_coverage": float(self.covered.mean())}),
        }

    @property
    def covered(self) -> np.ndarray | None:
        """Whether each age lies in its interval, bool (n,)."""
        if self.intervals is None:
            return None
        return (self.intervals[:, 0] <= self.true) & (self.true <= self.intervals[:, 1])

    def coverages(self) -> list[DecadeCoverage]:
        """By predicted age, in decades with faces enough to tell."""
        covered, found = self.covered, []
        if covered is None:
            return []
        firsts = (self.predicted // DECADE).astype(int) * DECADE
        for first in np.unique(firsts).tolist():
            inside = covered[firsts == first]
            if len(inside) >= LEAST_COVERED:
                low, high = predictions.wilson_interval(int(inside.sum()), len(inside))
                found.append(DecadeCoverage(first, float(inside.mean()), low, high, len(inside)))
        return found

    def decades(self) -> list[DecadeFigures]:
        """By true age, from the youngest; decades without faces are left out."""
        firsts = (self.true // DECADE).astype(int) * DECADE
        parts = [(int(first), self.errors[firsts == first]) for first in np.unique(firsts)]
        return [DecadeFigures(first, float(e.mean()), float(np.abs(e).mean()), len(e)) for first, e in parts]

    def error(self) -> np.ndarray:
        return np.abs(self.errors)

    def told(self, index: int) -> str:
        return f"{self.predicted[index]:.0f} years, labelled {self.true[index]:.0f}"


@dataclass(frozen=True, slots=True)
class LandmarkScores:
    """Points in any one unit, predicted and true, each of shape (n, 15, 2)."""

    predicted: np.ndarray
    true: np.ndarray
    attribute: str = "landmarks"

    @property
    def errors(self) -> np.ndarray:
        """Distances in distances of the eye centres, shape (n, 15)."""
        return predictions.normalized_landmark_errors(self.predicted, self.true, EYES)

    @property
    def figures(self) -> Figures:
        """Of all points, then of each one."""
        figures = dict(_landmark_figures(self.errors))
        for name, own in self.by_point.items():
            figures |= {f"{figure}_{name}": value for figure, value in own.items()}
        return figures

    @property
    def by_point(self) -> Mapping[str, Figures]:
        """By name of the point, its own `rmse_px96` and `nme`."""
        return {name: _landmark_figures(self.errors[:, index]) for index, name in enumerate(LANDMARK_NAMES)}

    def error(self) -> np.ndarray:
        return self.errors.mean(-1)

    def told(self, index: int) -> str:
        return f"{self.errors[index].mean():.1%} of the eyes' distance"


def sample_errors(scores: Scores) -> np.ndarray:
    """Of each answer: whether it is wrong, 0 or 1, or by how many years; shape (n,)."""
    if isinstance(scores, AgeScores):
        return np.abs(scores.errors)
    assert isinstance(scores, ClassScores)
    return 1.0 - scores.right


def main_figure(scores: Scores) -> str:
    """The name of the figure that tells most of an attribute's answers: how many are right, or the years off."""
    return "mae_years" if isinstance(scores, AgeScores) else f"{getattr(scores, 'prefix', '')}accuracy"


def degradation_figures(name: str, lost: np.ndarray) -> Figures:
    """By how much faces are read worse on average, with the 95 % interval where they are two at least.

    Args:
        name: Of the figure.
        lost: Answers or years, shape (n,).
    """
    if len(lost) < 2:
        return {name: float(lost.mean())}
    low, high = predictions.MeanEstimate.of(lost).interval
    return {name: float(lost.mean()), f"{name}_low": low, f"{name}_high": high}


def _landmark_figures(errors: np.ndarray) -> Figures:
    # Of coordinates, as Kaggle scores: half of a squared distance lies along each axis.
    along_axis = np.sqrt(np.square(errors).mean() / 2)
    return {"rmse_px96": float(EYES_APART_AT_96 * along_axis), "nme": float(errors.mean())}
