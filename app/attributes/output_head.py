"""The outputs of a model for one attribute, as its card describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.attributes.estimate import ClassEstimate, Estimate, NumberEstimate, VectorEstimate
from app.numerics import sigmoid, softmax

# Probability mass of the reported interval of a number; 80 % is wide enough to be right, narrow enough to be useful.
INTERVAL_SHARE = 0.8
# Kinds of outputs: `classes` is a softmax over labels, `bins` a softmax over numbers whose mean is the value, `binary`
# one logit of the second label, `number` one value and `vector` one value per label.
HEAD_KINDS = ("classes", "bins", "binary", "number", "vector")
LABELLED_KINDS = ("classes", "bins", "binary", "vector")


@dataclass(frozen=True, slots=True)
class Head:
    """One attribute among the outputs of a model.

    Attributes:
        kind: One of `HEAD_KINDS`.
        labels: Labels, bins or components, in the order of the outputs; empty for a number.
        temperature: Divisor of the logits that calibrates the probabilities.
        interval_scale: For bins, pairs of (expected value, factor): the interval is widened by the factor, linearly
            interpolated, so that it has its nominal coverage. `stretch` in the card.
    """

    attribute: str
    kind: str
    labels: tuple[str, ...]
    temperature: float = 1.0
    interval_scale: tuple[tuple[float, float], ...] = ((0.0, 1.0),)

    @property
    def outputs(self) -> int:
        """Number of outputs of the model that belong to this head."""
        return 1 if self.kind in ("binary", "number") else len(self.labels)

    def estimate(self, outputs: np.ndarray) -> Estimate:
        """The attribute of one face from this head's float32 outputs, shape (outputs,)."""
        if self.kind == "bins":
            return NumberEstimate(self.expected_value(outputs), self.interval(outputs, INTERVAL_SHARE))
        if self.kind == "number":
            return NumberEstimate(float(outputs[0]))
        if self.kind == "vector":
            return VectorEstimate(dict(zip(self.labels, outputs.tolist(), strict=True)))
        return ClassEstimate(dict(zip(self.labels, self.probabilities(outputs).tolist(), strict=True)))

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, float64 (labels,), for this head's logits, shape (outputs,)."""
        scaled = logits.astype(np.float64) / self.temperature
        if self.kind == "binary":
            positive = float(sigmoid(scaled[0]))
            return np.array([1 - positive, positive])
        return softmax(scaled)

    def expected_value(self, logits: np.ndarray) -> float:
        """Mean of the bins for this head's logits, shape (labels,)."""
        return float(self.probabilities(logits) @ np.array(self.labels, float))

    def interval(self, logits: np.ndarray, share: float) -> tuple[float, float]:
        """Central interval with a share of the probability, scaled by `interval_scale` and clipped to the bins."""
        values, probabilities = np.array(self.labels, float), self.probabilities(logits)
        below = np.cumsum(probabilities) - probabilities / 2
        tails = ((1 - share) / 2, (1 + share) / 2)
        low, high = np.interp(tails, below, values)
        at, factors = np.array(self.interval_scale).T
        half = (high - low) / 2 * np.interp(probabilities @ values, at, factors)
        middle = (low + high) / 2
        first, last = np.clip([middle - half, middle + half], values.min(), values.max()).tolist()
        return first, last

    def expected_with_intervals(self, logits: np.ndarray, share: float) -> np.ndarray:
        """Expected value and interval of many faces, float64 (n, 3), for logits of shape (n, bins)."""
        return np.array([(self.expected_value(row), *self.interval(row, share)) for row in logits]).reshape(-1, 3)


def parse_heads(content: Mapping[str, Any]) -> tuple[Head, ...]:
    """The heads in the content of a card.

    Raises:
        ValueError: a field is missing or invalid; the message names it.
    """
    entries = content["heads"]
    if not isinstance(entries, Sequence) or isinstance(entries, str) or not entries:
        raise ValueError("heads is empty or not a list")
    return tuple(_parse_head(entry, f"heads[{index}]") for index, entry in enumerate(entries))


def _parse_head(entry: Any, where: str) -> Head:
    if not isinstance(entry, Mapping):
        raise ValueError(f"{where} is not an object")
    for key in ("attribute", "kind"):
        if not isinstance(entry.get(key), str):
            raise ValueError(f"{where}.{key} is missing or not a text")
    if entry["kind"] not in HEAD_KINDS:
        raise ValueError(f"{where}.kind {entry['kind']!r} is not one of {', '.join(HEAD_KINDS)}")
    scale = entry.get("stretch", [(0.0, 1.0)])
    head = Head(
        entry["attribute"],
        entry["kind"],
        _parse_labels(entry, where),
        _parse_temperature(entry.get("temperature", 1.0), where),
        tuple((float(value), float(factor)) for value, factor in scale),
    )
    if not head.interval_scale:
        raise ValueError(f"{where}.stretch is empty")
    return head


def _parse_labels(entry: Mapping[str, Any], where: str) -> tuple[str, ...]:
    kind, labels = entry["kind"], entry.get("labels", [])
    if kind not in LABELLED_KINDS:
        return ()
    if not isinstance(labels, Sequence) or not all(isinstance(label, str) for label in labels):
        raise ValueError(f"{where}.labels is not a list of texts")
    if len(set(labels)) != len(labels) or len(labels) < 2:
        raise ValueError(f"{where}.labels has fewer than two labels or one twice")
    if kind == "binary" and len(labels) != 2:
        raise ValueError(f"{where}.labels has {len(labels)} labels, but kind binary needs two, the negative one first")
    if kind == "bins":
        for label in labels:
            _parse_number(label, f"{where}.labels")
    return tuple(labels)


def _parse_temperature(value: Any, where: str) -> float:
    temperature = _parse_number(value, f"{where}.temperature")
    if temperature <= 0:
        raise ValueError(f"{where}.temperature {temperature:g} is not above 0")
    return temperature


def _parse_number(value: Any, where: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{where}: {value!r} is not a number") from None
