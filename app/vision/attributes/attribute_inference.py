"""Run each attribute model on the faces that are due, in one batch per model and frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from app.attributes.attribute import Dynamics
from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import Estimates
from app.domain import Track
from app.vision.attributes.crop_quality import crop_quality
from app.vision.attributes.inference_scheduler import (
    STATE_MAX_INTERVAL_S,
    BackoffScheduler,
    FixedRateScheduler,
    InferenceScheduler,
)
from app.vision.attributes.predictor import Predictor


@dataclass(frozen=True, slots=True)
class AttributePrediction:
    """Model outputs for one face in one frame.

    Attributes:
        estimates: By name of the attribute; empty if no model has run.
        weight: Quality of the crop, 0 to 1.
    """

    estimates: Estimates = field(default_factory=dict)
    weight: float = 1.0


class AttributeInference:
    """Runs the models on their schedules: changing attributes often, constant ones rarely."""

    def __init__(self, predictors: Sequence[Predictor], attributes: AttributeSet) -> None:
        self._scheduled: list[tuple[Predictor, InferenceScheduler]] = [
            (predictor, _scheduler_for(predictor, attributes)) for predictor in predictors
        ]

    def run(self, image: np.ndarray, tracks: Sequence[Track], now_s: float) -> list[AttributePrediction]:
        """Predict the attributes of the faces that are due; faces the detector has just missed are skipped.

        Args:
            image: RGB uint8, shape (height, width, 3).
            now_s: Source time.
        Returns:
            One prediction per track, empty if its face was not due.
        """
        predictions = {track.id: AttributePrediction() for track in tracks}
        detected = [track for track in tracks if track.is_detected]
        for predictor, scheduler in self._scheduled if detected else ():
            due = scheduler.select(detected, now_s, lambda track: crop_quality(image, track.face))
            chosen = [detected[index] for index in due]
            rows = predictor.predict(image, [track.face for track in chosen]) if chosen else ()
            for track, row, weight in zip(chosen, rows, due.values(), strict=True):
                before = predictions[track.id]
                estimates = {**before.estimates, **predictor.card.estimates(row)}
                predictions[track.id] = AttributePrediction(estimates, min(before.weight, weight))
        return [predictions[track.id] for track in tracks]

    def set_interval_factor(self, factor: float) -> None:
        """Multiply the time between two model runs on a face."""
        for _, scheduler in self._scheduled:
            scheduler.interval_factor = factor

    def reset(self) -> None:
        """Start a new source."""
        for _, scheduler in self._scheduled:
            scheduler.reset()


def _scheduler_for(predictor: Predictor, attributes: AttributeSet) -> InferenceScheduler:
    """Schedule for the attribute of the model that changes fastest."""
    dynamics = {attributes[head.attribute].dynamics for head in predictor.card.served_heads}
    if Dynamics.EXPRESSION in dynamics:
        return FixedRateScheduler()
    return BackoffScheduler(STATE_MAX_INTERVAL_S) if Dynamics.STATE in dynamics else BackoffScheduler()
