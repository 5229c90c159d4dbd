"""Run each attribute model on the faces that are due, in one batch per model and frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from app.domain import Attributes, Track
from app.vision.attributes.crop_quality import crop_quality
from app.vision.attributes.inference_scheduler import (
    MASK_MAX_INTERVAL_S,
    BackoffScheduler,
    FixedRateScheduler,
    InferenceScheduler,
)
from app.vision.attributes.predictor import Predictor


@dataclass(frozen=True, slots=True)
class AttributePrediction:
    """Model outputs for one face in one frame.

    Attributes:
        attributes: Empty if no model has run.
        weight: Quality of the crop, 0 to 1.
    """

    attributes: Attributes = Attributes()
    weight: float = 1.0


class AttributeInference:
    """Runs the models on their schedules: changing attributes often, constant ones rarely."""

    def __init__(self, predictors: Sequence[Predictor]) -> None:
        self._scheduled: list[tuple[Predictor, InferenceScheduler]] = [
            (predictor, _scheduler_for(predictor)) for predictor in predictors
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
                attributes = merge(before.attributes, predictor.card.attributes(row))
                predictions[track.id] = AttributePrediction(attributes, min(before.weight, weight))
        return [predictions[track.id] for track in tracks]

    def set_interval_factor(self, factor: float) -> None:
        """Multiply the time between two model runs on a face."""
        for _, scheduler in self._scheduled:
            scheduler.interval_factor = factor

    def reset(self) -> None:
        """Start a new source."""
        for _, scheduler in self._scheduled:
            scheduler.reset()


def merge(first: Attributes, second: Attributes) -> Attributes:
    """Combine two sets of attributes; `second` wins where both are set."""
    known = {field.name: value for field in fields(second) if (value := getattr(second, field.name)) is not None}
    return replace(first, **known)


def _scheduler_for(predictor: Predictor) -> InferenceScheduler:
    """Schedule for the attribute of the model that changes fastest."""
    attributes = {head.attribute for head in predictor.card.served_heads}
    if "emotion" in attributes:
        return FixedRateScheduler()
    return BackoffScheduler(MASK_MAX_INTERVAL_S) if "mask" in attributes else BackoffScheduler()
