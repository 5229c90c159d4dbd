"""Correct what is read of a person's expression by how that person's neutral face is read."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.attributes.estimate import ClassEstimate
from app.attributes.predicted.emotion import ATTRIBUTE as EMOTION
from app.domain import Track
from app.numerics import softmax
from app.vision.attributes.attribute_inference import AttributePrediction

# Readings of this time are averaged, and at least so many: with many faces each is read less often.
MEASURING_S = 3.0
MIN_READINGS = 5
# Lower limit of a probability, so that an overconfident reading does not outweigh the others of a mean.
MIN_PROBABILITY = 0.01
# Share of the excess that is taken off. Chosen by `python -m training evaluate neutral` for a network that was trained
# on none of its 230 people. The usual neutral face is from the same command: mean logarithms of the probabilities that
# the served network gives neutral faces, over 15 people that it was not trained on.
EXCESS_SHARE = 0.5
USUAL_NEUTRAL_LOGITS: Mapping[str, float] = {
    "angry": -3.57,
    "disgust": -3.43,
    "fear": -3.71,
    "happy": -4.18,
    "neutral": -0.47,
    "sad": -2.87,
    "surprise": -3.73,
}
# Longer than the tracker remembers a lost face.
FORGET_AFTER_S = 3.0

MEASURING, APPLIED = "measuring", "applied"


def log_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """Logits up to a constant, float64 of the same shape; probabilities below `MIN_PROBABILITY` count as that."""
    return np.log(np.maximum(probabilities, MIN_PROBABILITY))


def excess_logits(neutral_logits: np.ndarray, usual_logits: np.ndarray) -> np.ndarray:
    """How far the labels of a person's neutral face lie above those of a usual one, 0 where they do not.

    Args:
        neutral_logits: Mean logarithms of the probabilities of the person's neutral face, shape (..., labels).
        usual_logits: Likewise of the neutral faces of other people, shape (labels,).
    """
    return np.maximum(0.0, neutral_logits - usual_logits)


def lower_excess(probabilities: np.ndarray, excess: np.ndarray, share: float = EXCESS_SHARE) -> np.ndarray:
    """Take a share of an excess off the logits; probabilities of shape (..., labels) as given."""
    return softmax(log_probabilities(probabilities) - share * excess)


@dataclass(slots=True)
class _Measurement:
    """The readings of one person's neutral face.

    Attributes:
        excess: What the person's readings are corrected by, by label; None while it is measured.
    """

    started_at_s: float
    seen_at_s: float
    readings: list[np.ndarray] = field(default_factory=list)
    excess: np.ndarray | None = None

    def add(self, probabilities: np.ndarray, usual_logits: np.ndarray, now_s: float) -> None:
        """Add a reading; the last one completes the measurement."""
        self.readings.append(log_probabilities(probabilities))
        if now_s - self.started_at_s >= MEASURING_S and len(self.readings) >= MIN_READINGS:
            self.excess = excess_logits(np.mean(self.readings, 0), usual_logits)
            self.readings.clear()


class NeutralFaces:
    """The measured neutral faces of the people in view. `measure` and `forget` may be called from any thread.

    Args:
        usual_logits: Mean logarithm of the probability that neutral faces have, by label. A network with other labels
            is not corrected.
    """

    def __init__(self, usual_logits: Mapping[str, float] = USUAL_NEUTRAL_LOGITS) -> None:
        self._usual_logits = usual_logits
        self._requests: deque[tuple[int, bool]] = deque()
        self._measurements: dict[int, _Measurement] = {}

    def measure(self, person: int) -> None:
        """Take what is read of a person from the next frame on as that person's neutral face."""
        self._requests.append((person, True))

    def forget(self, person: int) -> None:
        """Report a person as everyone else again."""
        self._requests.append((person, False))

    def correct(
        self, tracks: Sequence[Track], predictions: Sequence[AttributePrediction], now_s: float
    ) -> list[AttributePrediction]:
        """Measure, and correct the readings of those whose neutral face is known.

        Args:
            predictions: One per track.
            now_s: Source time in seconds.
        """
        self._handle_requests(now_s)
        for track in tracks:
            if track.id in self._measurements:
                self._measurements[track.id].seen_at_s = now_s
        self._measurements = {
            person: one for person, one in self._measurements.items() if now_s - one.seen_at_s <= FORGET_AFTER_S
        }
        return [self._correct(track.id, one, now_s) for track, one in zip(tracks, predictions, strict=True)]

    def mark(self, tracks: Sequence[Track]) -> list[Track]:
        """The tracks, those of which a neutral face is known or measured with that state."""
        if not self._measurements:
            return list(tracks)
        return [replace(track, neutral_face=self.state(track.id)) for track in tracks]

    def state(self, person: int) -> str | None:
        """`MEASURING`, `APPLIED` or None."""
        measurement = self._measurements.get(person)
        if measurement is None:
            return None
        return MEASURING if measurement.excess is None else APPLIED

    def correct_probabilities(self, person: int, probabilities: np.ndarray) -> np.ndarray:
        """Corrected probabilities of a person's emotion, shape (..., labels) as given."""
        measurement = self._measurements.get(person)
        if measurement is None or measurement.excess is None:
            return probabilities
        return lower_excess(probabilities, measurement.excess)

    def reset(self) -> None:
        """Start a new source."""
        self._measurements = {}

    def _handle_requests(self, now_s: float) -> None:
        while self._requests:
            person, is_wanted = self._requests.popleft()
            self._measurements.pop(person, None)
            if is_wanted:
                self._measurements[person] = _Measurement(now_s, now_s)

    def _correct(self, person: int, prediction: AttributePrediction, now_s: float) -> AttributePrediction:
        estimate = prediction.estimates.get(EMOTION.name)
        if person not in self._measurements or not isinstance(estimate, ClassEstimate):
            return prediction
        read = estimate.probabilities or {}
        if read.keys() != self._usual_logits.keys():
            del self._measurements[person]
            return prediction
        probabilities = np.fromiter(read.values(), float)
        measurement = self._measurements[person]
        if measurement.excess is None:
            measurement.add(probabilities, np.array([self._usual_logits[label] for label in read]), now_s)
        corrected = self.correct_probabilities(person, probabilities)
        named = dict(zip(read, corrected.tolist(), strict=True))
        return replace(prediction, estimates={**prediction.estimates, EMOTION.name: ClassEstimate(named)})
