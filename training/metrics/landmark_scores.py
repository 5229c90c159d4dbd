"""Predicted landmarks next to the labelled ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.metrics import predictions
from training.metrics.scores import Figures, Scores
from training.samples.landmark_points import EYE_INDEXES, LANDMARK_NAMES

# Mean distance of the eye centres in Kaggle's images of 96 pixels, so that figures compare with its leaderboard.
EYES_APART_AT_96 = 36


@dataclass(frozen=True, slots=True)
class LandmarkScores(Scores):
    """Landmarks of n faces in any one unit.

    Attributes:
        predicted: Shape (n, 15, 2).
        true: The same, NaN where a landmark is unknown; the eye centres are known.
    """

    predicted: np.ndarray
    true: np.ndarray
    attribute: str = "landmarks"

    @property
    def errors(self) -> np.ndarray:
        """Errors divided by the distance of the eye centres, float64 (n, 15); NaN where a landmark is unknown."""
        return predictions.normalized_landmark_errors(self.predicted, self.true, (EYE_INDEXES[0], EYE_INDEXES[1]))

    @property
    def figures(self) -> Figures:
        """Of all known landmarks, then of each one; `unknown_points` if there are any."""
        figures = dict(_landmark_figures(self.errors))
        unknown = int(np.isnan(self.errors).sum())
        figures |= {"unknown_points": unknown} if unknown else {}
        for name, own in self.by_point.items():
            figures |= {f"{figure}_{name}": value for figure, value in own.items()}
        return figures

    @property
    def by_point(self) -> Mapping[str, Figures]:
        """`rmse_px96` and `nme` by name of the landmark."""
        errors = zip(LANDMARK_NAMES, self.errors.T, strict=True)
        return {name: _landmark_figures(own) for name, own in errors if not np.isnan(own).all()}

    main_figure = "nme"
    figure_of_rows = None

    def sample_errors(self) -> np.ndarray:
        return np.nanmean(self.errors, -1)

    def describe(self, index: int) -> str:
        return f"{np.nanmean(self.errors[index]):.1%} of the eyes' distance"

    def describe_figure(self, value: float) -> str:
        return f"{value:.1%} of the eyes' distance"

    def select(self, rows: np.ndarray) -> LandmarkScores:
        return LandmarkScores(self.predicted[rows], self.true[rows])

    def with_predictions(self, predictions: Sequence[np.ndarray]) -> LandmarkScores:
        return replace(self, predicted=np.array(predictions))


def _landmark_figures(errors: np.ndarray) -> Figures:
    # Of coordinates, as Kaggle scores: half of a squared distance lies along each axis.
    along_axis = np.sqrt(np.nanmean(np.square(errors)) / 2)
    return {"rmse_px96": float(EYES_APART_AT_96 * along_axis), "nme": float(np.nanmean(errors))}
