"""Predicted ages next to the true ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from training.metrics.predictions import MeanEstimate, wilson_interval
from training.metrics.scores import Figures, Scores
from training.metrics.subgroups import MIN_GROUP_FACES

CLOSE_YEARS = 5
DECADE_YEARS = 10
MIN_COVERAGE_FACES = 200  # fewer faces make the coverage of an interval too uncertain
LARGE_BIAS_YEARS = 4.0  # a decade with a larger bias is listed as a known failure


class DecadeFigures(NamedTuple):
    """Bias and mean absolute error of the n faces of one decade of age."""

    first: int
    bias_years: float
    mae_years: float
    n: int


class DecadeCoverage(NamedTuple):
    """Fraction of true ages in the predicted interval, with its 95 % interval, for n faces of a predicted decade."""

    first: int
    share: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class AgeScores(Scores):
    """Ages of n faces in years.

    Attributes:
        predicted, true: Shape (n,).
        intervals: 80 % prediction intervals, shape (n, 2); None if the model predicts none.
    """

    predicted: np.ndarray
    true: np.ndarray
    intervals: np.ndarray | None = None
    attribute: str = "age"
    main_figure = "mae_years"

    @property
    def errors(self) -> np.ndarray:
        """Predicted minus true age, float64 (n,)."""
        return self.predicted - self.true

    @property
    def figures(self) -> Figures:
        return {
            "mae_years": float(np.abs(self.errors).mean()),
            **self._mae_interval(),
            "rmse_years": float(np.sqrt(np.square(self.errors).mean())),
            "bias_years": float(self.errors.mean()),
            f"share_within_{CLOSE_YEARS}_years": float((np.abs(self.errors) <= CLOSE_YEARS).mean()),
            **({} if self.covered is None else {"interval_coverage": float(self.covered.mean())}),
        }

    def _mae_interval(self) -> Figures:
        """95 % interval of the mean absolute error; nothing for a single face."""
        if len(self.errors) < 2:
            return {}
        low, high = MeanEstimate.of(np.abs(self.errors)).interval
        return {"mae_years_low": low, "mae_years_high": high}

    @property
    def covered(self) -> np.ndarray | None:
        """Whether each age lies in its interval, bool (n,)."""
        if self.intervals is None:
            return None
        return (self.intervals[:, 0] <= self.true) & (self.true <= self.intervals[:, 1])

    def coverages(self) -> list[DecadeCoverage]:
        """Coverage by predicted decade, for decades with enough faces."""
        covered = self.covered
        if covered is None:
            return []
        firsts = _decades(self.predicted)
        parts = {first: covered[firsts == first] for first in np.unique(firsts).tolist()}
        return [_coverage(first, part) for first, part in parts.items() if len(part) >= MIN_COVERAGE_FACES]

    def decades(self) -> list[DecadeFigures]:
        """Figures by true decade, youngest first; decades without faces are left out."""
        firsts = _decades(self.true)
        parts = [(int(first), self.errors[firsts == first]) for first in np.unique(firsts)]
        return [DecadeFigures(first, float(e.mean()), float(np.abs(e).mean()), len(e)) for first, e in parts]

    def sample_errors(self) -> np.ndarray:
        return np.abs(self.errors)

    def describe(self, index: int) -> str:
        return f"{self.predicted[index]:.0f} years, labelled {self.true[index]:.0f}"

    def describe_figure(self, value: float) -> str:
        return f"mean error {value:.1f} years"

    def select(self, rows: np.ndarray) -> AgeScores:
        return AgeScores(self.predicted[rows], self.true[rows])

    def with_predictions(self, predictions: Sequence[float]) -> AgeScores:
        return AgeScores(np.array(predictions, float), self.true)

    def details(self) -> dict[str, Any]:
        return {
            "decades": [_plain(one) for one in self.decades()],
            "coverage": [_plain(one) for one in self.coverages()],
        }

    def known_failures(self) -> Iterator[str]:
        for one in self.decades():
            if one.n >= MIN_GROUP_FACES and abs(one.bias_years) > LARGE_BIAS_YEARS:
                ages = f"Ages {one.first} to {one.first + 9}"
                direction = "old" if one.bias_years > 0 else "young"
                size = f"{abs(one.bias_years):.1f} years too {direction}"
                yield f"{ages}: on average {size} ({one.n:,} faces)."


def _decades(ages: np.ndarray) -> np.ndarray:
    """First year of the decade of each age, int64 (n,)."""
    return (ages // DECADE_YEARS).astype(int) * DECADE_YEARS


def _plain(one: DecadeFigures | DecadeCoverage) -> dict[str, float | int]:
    """As JSON has it, where the decade is named by its first year."""
    return {name.replace("first", "from"): value for name, value in one._asdict().items()}


def _coverage(first: int, inside: np.ndarray) -> DecadeCoverage:
    low, high = wilson_interval(int(inside.sum()), len(inside))
    return DecadeCoverage(first, float(inside.mean()), low, high, len(inside))
