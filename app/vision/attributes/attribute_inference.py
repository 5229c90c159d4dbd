"""Let each model read those faces whose turn it is, in one call a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from app.domain import Attributes, Track
from app.vision.attributes.crop_quality import quality
from app.vision.attributes.inference_scheduler import MASKS_S, Often, Schedule, Seldom
from app.vision.attributes.predictor import Predictor


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from one face in one picture.

    Attributes:
        attributes: Empty where no model was asked.
        weight: How good a picture of the face it is, 0 to 1.
    """

    attributes: Attributes = Attributes()
    weight: float = 1.0


class Reader:
    """Asks the models by their schedules: what changes fast often, what stays seldom."""

    def __init__(self, predictors: Sequence[Predictor]) -> None:
        self._paced: list[tuple[Predictor, Schedule]] = [(one, _schedule_of(one)) for one in predictors]

    def read(self, image: np.ndarray, tracks: Sequence[Track], now_s: float) -> list[Reading]:
        """One reading a track; a face that the detector has just missed is not read.

        Args:
            image: RGB uint8, shape (height, width, 3).
            now_s: The source's time.
        """
        readings = {track.id: Reading() for track in tracks}
        seen = [track for track in tracks if track.seen]
        for predictor, schedule in self._paced if seen else ():
            due = schedule.due(seen, now_s, lambda track: quality(image, track.face))
            chosen = [seen[index] for index in due]
            rows = predictor.predict(image, [track.face for track in chosen]) if chosen else ()
            for track, row, weight in zip(chosen, rows, due.values(), strict=True):
                known = readings[track.id]
                attributes = joined(known.attributes, predictor.card.attributes(row))
                readings[track.id] = Reading(attributes, min(known.weight, weight))
        return [readings[track.id] for track in tracks]

    def wait(self, times: float) -> None:
        """From now on let so many times as long as usual pass between two readings of a face."""
        for _, schedule in self._paced:
            schedule.wait = times

    def reset(self) -> None:
        """Begin a new source."""
        for _, schedule in self._paced:
            schedule.reset()


def joined(known: Attributes, more: Attributes) -> Attributes:
    """Both together; `more` counts where both speak."""
    spoken = {one.name: value for one in fields(more) if (value := getattr(more, one.name)) is not None}
    return replace(known, **spoken)


def _schedule_of(predictor: Predictor) -> Schedule:
    """A model that reads several attributes is asked as often as the one that changes fastest needs."""
    read = {head.attribute for head in predictor.card.served_heads}
    if "emotion" in read:
        return Often()
    return Seldom(MASKS_S) if "mask" in read else Seldom()
