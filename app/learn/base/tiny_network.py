"""A network of one hidden layer that learns in NumPy, and its state as a text."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np

from app.errors import InvalidRequest
from app.numerics import sigmoid

# Adam (Kingma and Ba 2015) with its usual constants.
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8
SEED = 7
# Beyond this a sigmoid is 0 or 1, and its logarithm loses nothing.
MAX_LOGIT = 30.0


@dataclass
class TinyNetwork:
    """Weights of inputs -> ReLU -> one logit, all in one vector, with the running means of Adam.

    Attributes:
        epoch: Passes over the samples so far.
    """

    inputs: int
    hidden: int
    weights: np.ndarray
    first_moment: np.ndarray
    second_moment: np.ndarray
    epoch: int = 0

    @classmethod
    def untrained(cls, inputs: int, hidden: int) -> TinyNetwork:
        """Random weights, always the same (He et al. 2015)."""
        random = np.random.default_rng(SEED)
        first = random.normal(0, np.sqrt(2 / inputs), inputs * hidden)
        second = random.normal(0, np.sqrt(2 / hidden), hidden)
        weights = np.concatenate([first, np.zeros(hidden), second, [0.0]])
        return cls(inputs, hidden, weights, np.zeros_like(weights), np.zeros_like(weights))

    @classmethod
    def from_text(cls, text: str, inputs: int, hidden: int) -> TinyNetwork:
        """The network of `to_text`; an untrained one for an empty text.

        Raises:
            InvalidRequest: the text is not of such a network.
        """
        network = cls.untrained(inputs, hidden)
        if not text:
            return network
        try:
            values = np.frombuffer(base64.b64decode(text, validate=True), np.float32).astype(np.float64)
        except ValueError:
            values = np.empty(0)
        if len(values) != 3 * len(network.weights) + 1 or not np.isfinite(values).all() or not 0 <= values[0] < 1e6:
            raise InvalidRequest("state is not of this network; leave it out to begin anew")
        parts = np.split(values[1:], 3)
        return cls(inputs, hidden, parts[0], parts[1], np.abs(parts[2]), int(values[0]))

    def to_text(self) -> str:
        """Epoch, weights and means as float32 in base64."""
        values = np.concatenate([[self.epoch], self.weights, self.first_moment, self.second_moment])
        return base64.b64encode(values.astype(np.float32).tobytes()).decode()

    @property
    def parameters(self) -> int:
        """Number of weights and biases."""
        return len(self.weights)

    def logits(self, features: np.ndarray) -> np.ndarray:
        """Logits (n,) of standardised features (n, inputs)."""
        kernel, bias, last, offset = self._parts(self.weights)
        return np.asarray(np.maximum(features @ kernel + bias, 0) @ last + offset)

    def train_epoch(self, features: np.ndarray, targets: np.ndarray, rate: float, decay: float) -> None:
        """One step of Adam on all samples, with a decay of the weights.

        Args:
            features: Shape (n, inputs).
            targets: 0 or 1, shape (n,).
        """
        self.epoch += 1
        gradient = self._gradient(features, targets)
        self.first_moment = BETA_1 * self.first_moment + (1 - BETA_1) * gradient
        self.second_moment = BETA_2 * self.second_moment + (1 - BETA_2) * gradient**2
        mean = self.first_moment / (1 - BETA_1**self.epoch)
        spread = np.sqrt(self.second_moment / (1 - BETA_2**self.epoch))
        self.weights = self.weights - rate * (mean / (spread + EPSILON) + decay * self.weights)

    def _gradient(self, features: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Of the mean cross-entropy by all weights."""
        kernel, bias, last, offset = self._parts(self.weights)
        before = features @ kernel + bias
        active = np.maximum(before, 0)
        error = (sigmoid(np.clip(active @ last + offset, -MAX_LOGIT, MAX_LOGIT)) - targets) / len(targets)
        back = np.outer(error, last) * (before > 0)
        return np.concatenate([(features.T @ back).ravel(), back.sum(0), active.T @ error, [error.sum()]])

    def _parts(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """Kernel (inputs, hidden), bias (hidden,), last weights (hidden,) and offset."""
        end = self.inputs * self.hidden
        kernel = vector[:end].reshape(self.inputs, self.hidden)
        return kernel, vector[end : end + self.hidden], vector[end + self.hidden : -1], float(vector[-1])


def cross_entropy(logits: np.ndarray, targets: np.ndarray) -> float:
    """Mean loss of logits (n,) against targets of 0 or 1 (n,)."""
    clipped = np.clip(logits, -MAX_LOGIT, MAX_LOGIT)
    return float(np.mean(np.logaddexp(0, clipped) - targets * clipped))
