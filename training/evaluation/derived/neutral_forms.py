"""Ways to correct the emotion of a face by how the network reads the same person's neutral face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from app.numerics import softmax
from app.vision.attributes import neutral_face
from app.vision.attributes.neutral_face import excess_logits, log_probabilities


@dataclass(frozen=True, slots=True)
class NeutralPrior:
    """How neutral faces of other people are read on average.

    Attributes:
        probabilities: Mean probabilities, shape (labels,).
        logits: Mean logarithms of the probabilities, shape (labels,).
        neutral: Column of the neutral label.
    """

    probabilities: np.ndarray
    logits: np.ndarray
    neutral: int


@dataclass(frozen=True, slots=True)
class NeutralFace:
    """How the neutral face of the person in each of n pictures is read; the same row for all pictures of a person.

    Attributes:
        probabilities: Mean probabilities, shape (n, labels).
        logits: Mean logarithms of the probabilities, shape (n, labels).
    """

    probabilities: np.ndarray
    logits: np.ndarray


Form = Callable[[np.ndarray, NeutralFace, NeutralPrior, float], np.ndarray]


def shift_logits(probabilities: np.ndarray, face: NeutralFace, prior: NeutralPrior, strength: float) -> np.ndarray:
    """Move the logits by a share of the difference between the usual neutral face and the person's."""
    return softmax(log_probabilities(probabilities) + strength * (prior.logits - face.logits))


def scale_probabilities(
    probabilities: np.ndarray, face: NeutralFace, prior: NeutralPrior, strength: float
) -> np.ndarray:
    """Multiply by the ratio of the usual probabilities of a neutral face and the person's, to a power."""
    ratio = log_probabilities(prior.probabilities) - log_probabilities(face.probabilities)
    return softmax(log_probabilities(probabilities) + strength * ratio)


def add_difference(probabilities: np.ndarray, face: NeutralFace, prior: NeutralPrior, strength: float) -> np.ndarray:
    """Add a share of the difference of the probabilities, and normalise what is left above 0."""
    moved = np.maximum(probabilities + strength * (prior.probabilities - face.probabilities), 1e-6)
    return np.asarray(moved / moved.sum(-1, keepdims=True))


def lower_excess(probabilities: np.ndarray, face: NeutralFace, prior: NeutralPrior, strength: float) -> np.ndarray:
    """Lower only the logits that the person's neutral face has above the usual ones, by a share of the excess."""
    return neutral_face.lower_excess(probabilities, excess_logits(face.logits, prior.logits), strength)


def raise_neutral(probabilities: np.ndarray, face: NeutralFace, prior: NeutralPrior, margin: float) -> np.ndarray:
    """Raise only the logit of neutral, until neutral leads by a margin on the person's neutral face."""
    others = np.delete(face.logits, prior.neutral, axis=-1).max(-1)
    missing = np.maximum(0, others + margin - face.logits[..., prior.neutral])
    logits = log_probabilities(probabilities)
    logits[..., prior.neutral] += missing
    return softmax(logits)


def mix_by_distance(probabilities: np.ndarray, face: NeutralFace, prior: NeutralPrior, distance: float) -> np.ndarray:
    """Mix in neutral, the more the nearer the reading is to that of the person's neutral face.

    Args:
        distance: Total variation distance at which neutral has a weight of 1 / e.
    """
    apart = np.abs(probabilities - face.probabilities).sum(-1, keepdims=True) / 2
    weight = np.exp(-((apart / distance) ** 2))
    return np.asarray((1 - weight) * probabilities + weight * np.eye(probabilities.shape[-1])[prior.neutral])


STRENGTHS = (0.25, 0.5, 0.75, 1.0)
# Form and the values of its parameter to choose from.
FORMS: Mapping[str, tuple[Form, tuple[float, ...]]] = {
    "shift_logits": (shift_logits, STRENGTHS),
    "scale_probabilities": (scale_probabilities, STRENGTHS),
    "add_difference": (add_difference, STRENGTHS),
    "lower_excess": (lower_excess, STRENGTHS),
    "raise_neutral": (raise_neutral, (-0.5, 0.0, 0.5, 1.0)),
    "mix_by_distance": (mix_by_distance, (0.1, 0.2, 0.3, 0.5)),
}
