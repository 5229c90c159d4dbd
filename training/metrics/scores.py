"""The predictions for one attribute next to the labels: metrics, errors per face, and text for reports and cards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from training.metrics.predictions import MeanEstimate

Figures = Mapping[str, float | int]
ATTRIBUTE_NAMES = {"sex": "Perceived sex", "race": "Race label"}
RowFigure = Callable[[np.ndarray], float]  # the main figure of some rows


def attribute_name(attribute: str) -> str:
    """Name of an attribute for a heading or at the start of a sentence."""
    return ATTRIBUTE_NAMES.get(attribute, attribute.capitalize())


class Scores(ABC):
    """The predictions for one attribute of n faces.

    Attributes:
        higher_is_better: Whether a larger main figure is better.
    """

    attribute: str
    higher_is_better = False

    @property
    @abstractmethod
    def figures(self) -> Figures:
        """Metrics by name, flat, as `evaluate --json` prints them."""

    @property
    @abstractmethod
    def main_figure(self) -> str:
        """Name of the metric that sums the predictions up."""

    @property
    def group_figure(self) -> str:
        """Name of that metric where groups of people are compared."""
        return self.main_figure

    @property
    def figure_of_rows(self) -> RowFigure | None:
        """Computes the main figure of some rows; None if groups of people are not compared by this attribute."""
        return lambda rows: float(self.sample_errors()[rows].mean())

    @abstractmethod
    def sample_errors(self) -> np.ndarray:
        """Error of each prediction, float64 (n,): 0 or 1 for classes, years for ages."""

    def severity(self) -> np.ndarray:
        """How wrong each prediction is, float64 (n,), for ranking; 0 or less if nothing is wrong."""
        return self.sample_errors()

    @abstractmethod
    def describe(self, index: int) -> str:
        """One prediction and its label, for people."""

    @abstractmethod
    def describe_figure(self, value: float) -> str:
        """A value of the main figure in words."""

    @abstractmethod
    def select(self, rows: np.ndarray) -> Scores:
        """The predictions of some rows."""

    @abstractmethod
    def with_predictions(self, predictions: Sequence[Any]) -> Scores:
        """Other predictions for the same labels: values, or probabilities by label."""

    def details(self) -> dict[str, Any]:
        """What cards and reports hold beyond the figures, as plain values."""
        return {}

    def known_failures(self) -> Iterator[str]:
        """Sentences about the classes or ages that are predicted worst."""
        yield from ()


def degradation_figures(name: str, increase: np.ndarray) -> Figures:
    """Mean increase of the error, and its 95 % interval if there are at least two faces.

    Args:
        name: Of the figure.
        increase: Errors per face compared with a reference, shape (n,).
    """
    if len(increase) < 2:
        return {name: float(increase.mean())}
    low, high = MeanEstimate.of(increase).interval
    return {name: float(increase.mean()), f"{name}_low": low, f"{name}_high": high}
