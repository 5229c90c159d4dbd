"""Predicted landmarks next to the labelled ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.metrics import predictions
from training.metrics.scores import Figures, Scores
from training.samples.landmark_points import LANDMARK_NAMES

EYE_INDEXES = LANDMARK_NAMES.index("left_eye_center"), LANDMARK_NAMES.index("right_eye_center")
# Mean distance of the eye centres in Kaggle's images of 96 pixels, so that figures compare with its leaderboard.
EYES_APART_AT_96 = 36


@dataclass(frozen=True, slots=True)
class LandmarkScores(Scores):
    """Landmarks of n faces in any one unit.

    Attributes:
        predicted, true: Shape (n, 15, 2).
    """

    predicted: np.ndarray
    true: np.ndarray
    attribute: str = "landmarks"

    @property
    def errors(self) -> np.ndarray:
        """Errors divided by the distance of the eye centres, float64 (n, 15)."""
        return predictions.normalized_landmark_errors(self.predicted, self.true, EYE_INDEXES)

    @property
    def figures(self) -> Figures:
        """Of all landmarks, then of each one."""
        figures = dict(_landmark_figures(self.errors))
        for name, own in self.by_point.items():
            figures |= {f"{figure}_{name}": value for figure, value in own.items()}
        return figures

    @property
    def by_point(self) -> Mapping[str, Figures]:
        """`rmse_px96` and `nme` by name of the landmark."""
        return {name: _landmark_figures(self.errors[:, index]) for index, name in enumerate(LANDMARK_NAMES)}

    main_figure = "nme"
    figure_of_rows = None

    def sample_errors(self) -> np.ndarray:
        return self.errors.mean(-1)

    def describe(self, index: int) -> str:
        return f"{self.errors[index].mean():.1%} of the eyes' distance"

    def describe_figure(self, value: float) -> str:
        return f"{value:.1%} of the eyes' distance"

    def select(self, rows: np.ndarray) -> LandmarkScores:
        return LandmarkScores(self.predicted[rows], self.true[rows])

    def with_predictions(self, predictions: Sequence[np.ndarray]) -> LandmarkScores:
        return replace(self, predicted=np.array(predictions))


def _landmark_figures(errors: np.ndarray) -> Figures:
    # Of coordinates, as Kaggle scores: half of a squared distance lies along each axis.
    along_axis = np.sqrt(np.square(errors).mean() / 2)
    return {"rmse_px96": float(EYES_APART_AT_96 * along_axis), "nme": float(errors.mean())}
