"""Smooth the model outputs of one attribute of one face over time, by how fast the attribute changes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from app.attributes.attribute import Attribute, Dynamics, Kind
from app.attributes.emotion_pair import MIN_PAIR_PROBABILITY, second_emotion
from app.attributes.estimate import (
    UNSURE,
    ClassEstimate,
    Estimate,
    NumberEstimate,
    VectorEstimate,
    label_or_unsure,
)
from app.numerics import ema_weight, softmax

# Logits of expressions are averaged over SLOW_EMA_S at rest. The further a fast average departs from the slow one
# (total variation distance), the shorter the slow time constant becomes, down to 1 / (1 + SPEED_UP) of it: noise is
# averaged out, and a change of expression shows at once. Tuned on synthetic sequences: changes show within 400 ms, and
# labels of still faces do not flicker.
SLOW_EMA_S = 0.4
FAST_EMA_S = 0.12
SPEED_UP = 6.0
# Lead of another label in the fast average that resets the slow one.
RESET_LEAD = 0.5
# Lower limit of a probability; otherwise one run of an overconfident model would outweigh many others.
MIN_PROBABILITY = 0.01
# Lead that another label needs to replace the shown one. Every switch adds to it up to a limit, and time takes that
# off again: a face between two expressions does not flicker, a clear change is hardly delayed.
SWITCH_LEAD = 0.2
SWITCH_LEAD_STEP = 0.2
MAX_SWITCH_LEAD = 0.4
SWITCH_LEAD_DECAY_S = 30.0
# Hysteresis: fraction of the switch lead, and how long the probability must stay below it before the label is unsure.
UNSURE_LEAD_FRACTION = 0.5
UNSURE_AFTER_S = 0.3
# Hysteresis of constant attributes, on either side of their minimum probability.
CONSTANT_HYSTERESIS = 0.05
# Probabilities of states are averaged so that one outlier at two runs per second changes nothing, and two runs show a
# mask that was put on. A label is kept down to the first distance below the minimum probability; another one needs the
# second distance above it.
STATE_EMA_S = 0.7
STATE_KEEP_BELOW = 0.15
STATE_SWITCH_ABOVE = 0.08
# A second label, once shown, is kept down to this distance below the probability that it needed; chosen by eye.
SECOND_KEEP_BELOW = 0.08
# Number of latest values that count for a constant number; at one every 3 s these are two minutes.
MEDIAN_WINDOW = 40
# Time constants of changing numbers and vectors.
AVERAGE_EMA_S = {Dynamics.EXPRESSION: 0.15, Dynamics.STATE: STATE_EMA_S}


class Smoother(Protocol):
    """Smooths one attribute of one face."""

    def update(self, estimate: Any, weight: float, now_s: float) -> Estimate:
        """Add an estimate and return the smoothed one.

        Args:
            weight: Quality of the crop, 0 to 1.
            now_s: Source time.
        """


def smoother_for(attribute: Attribute) -> Smoother:
    """A new smoother that suits an attribute."""
    constant = attribute.dynamics is Dynamics.CONSTANT
    if attribute.kind in (Kind.NUMBER, Kind.VECTOR):
        if attribute.kind is Kind.NUMBER and constant:
            return MedianSmoother()
        return AverageSmoother(AVERAGE_EMA_S.get(attribute.dynamics, STATE_EMA_S))
    if constant:
        return ConstantSmoother(attribute.min_probability)
    if attribute.dynamics is Dynamics.EXPRESSION:
        return ExpressionSmoother(attribute.min_probability)
    return StateSmoother(attribute.min_probability)


@dataclass(slots=True)
class ExpressionSmoother:
    """Averages logits over time, and keeps a label until another one is clearly more likely.

    Attributes:
        min_probability: Probability a label needs to be shown.
        label: Shown label, or `UNSURE`; None before the first update.
        second: Second label if it is likely enough.
    """

    min_probability: float
    label: str | None = None
    second: str | None = None
    _labels: tuple[str, ...] = ()
    _slow_logits: np.ndarray = field(default_factory=lambda: np.zeros(0))
    _fast_logits: np.ndarray = field(default_factory=lambda: np.zeros(0))
    _updated_at_s: float = 0.0
    _switch_lead: float = SWITCH_LEAD
    _sure_at_s: float = 0.0

    def update(self, estimate: ClassEstimate, weight: float, now_s: float) -> ClassEstimate:
        """Add the probabilities of one frame; their logarithms are the logits up to a constant."""
        probabilities = estimate.probabilities or {}
        logits = np.log(np.maximum(np.fromiter(probabilities.values(), float), MIN_PROBABILITY))
        if self._labels != tuple(probabilities):
            self._labels, self._slow_logits, self._fast_logits = tuple(probabilities), logits, logits
        step_s, self._updated_at_s = max(0.0, now_s - self._updated_at_s), now_s
        self._average(logits, step_s)
        self._switch_lead += (SWITCH_LEAD - self._switch_lead) * ema_weight(step_s, SWITCH_LEAD_DECAY_S)
        if self._has_changed():
            self._slow_logits = self._fast_logits
        smoothed = self.probabilities
        self._decide(smoothed)
        return ClassEstimate(smoothed, self.label, self.second)

    @property
    def probabilities(self) -> dict[str, float]:
        """Smoothed probability by label."""
        return dict(zip(self._labels, softmax(self._slow_logits).tolist(), strict=True))

    def _average(self, logits: np.ndarray, step_s: float) -> None:
        self._fast_logits = self._fast_logits + (logits - self._fast_logits) * ema_weight(step_s, FAST_EMA_S)
        distance = float(np.abs(softmax(self._fast_logits) - softmax(self._slow_logits)).sum() / 2)
        weight = ema_weight(step_s * (1 + SPEED_UP * distance**2), SLOW_EMA_S)
        self._slow_logits = self._slow_logits + (logits - self._slow_logits) * weight

    def _has_changed(self) -> bool:
        """Whether the fast average clearly favours another label than the shown one."""
        newest = dict(zip(self._labels, softmax(self._fast_logits).tolist(), strict=True))
        return self.label in newest and max(newest.values()) - newest[self.label] >= RESET_LEAD

    def _decide(self, probabilities: Mapping[str, float]) -> None:
        before = self.label
        self.label = self._choose_label(probabilities)
        if before not in (None, self.label):
            self._switch_lead = min(MAX_SWITCH_LEAD, self._switch_lead + SWITCH_LEAD_STEP)
        self.second = None if self.label == UNSURE else self._choose_second(self.label, probabilities)

    def _choose_label(self, probabilities: Mapping[str, float]) -> str:
        top, margin = max(probabilities, key=probabilities.__getitem__), UNSURE_LEAD_FRACTION * self._switch_lead
        if probabilities[top] >= self.min_probability - margin:
            self._sure_at_s = self._updated_at_s
        if self.label is None:
            return label_or_unsure(probabilities, self.min_probability)
        if self.label == UNSURE:
            return label_or_unsure(probabilities, self.min_probability + margin)
        if self._updated_at_s - self._sure_at_s >= UNSURE_AFTER_S:
            return UNSURE
        return top if probabilities[top] >= probabilities[self.label] + self._switch_lead else self.label

    def _choose_second(self, label: str, probabilities: Mapping[str, float]) -> str | None:
        """The next most likely label if it is likely enough; the shown one is kept until it is clearly less likely."""
        kept = MIN_PAIR_PROBABILITY - SECOND_KEEP_BELOW
        if self.second not in (None, label) and probabilities[self.second] >= kept:
            return self.second
        return second_emotion(probabilities, label)


@dataclass(slots=True)
class MedianSmoother:
    """Weighted median of the latest values of a constant number, and of their intervals."""

    _window: deque[tuple[float, float, float, float]] = field(default_factory=lambda: deque(maxlen=MEDIAN_WINDOW))

    def update(self, estimate: NumberEstimate, weight: float, now_s: float) -> NumberEstimate:
        """Add a value and its interval; without an interval the smoothed value has none."""
        if estimate.value is None:
            return estimate
        low, high = estimate.interval or (estimate.value, estimate.value)
        self._window.append((estimate.value, low, high, weight))
        value = self._median(0)
        interval = min(value, self._median(1)), max(value, self._median(2))
        return NumberEstimate(value, interval if estimate.interval else None)

    def _median(self, column: int) -> float:
        return _weighted_median((entry[column], entry[3]) for entry in self._window)


@dataclass(slots=True)
class AverageSmoother:
    """Exponential average of a changing number, or of each component of a vector.

    Attributes:
        time_constant_s: Time constant in seconds.
    """

    time_constant_s: float
    _means: dict[str, float] = field(default_factory=dict)
    _updated_at_s: float = 0.0

    def update(self, estimate: NumberEstimate | VectorEstimate, weight: float, now_s: float) -> Estimate:
        """Add the value or the components; an interval is passed on as it is."""
        if isinstance(estimate, VectorEstimate):
            return VectorEstimate(self.average(estimate.values or {}, now_s))
        if estimate.value is None:
            return estimate
        return NumberEstimate(self.average({"value": estimate.value}, now_s)["value"], estimate.interval)

    def average(self, values: Mapping[str, float], now_s: float) -> dict[str, float]:
        """Add values by name and return their averages."""
        step_s, self._updated_at_s = max(0.0, now_s - self._updated_at_s), now_s
        weight = ema_weight(step_s, self.time_constant_s)
        before = self._means if self._means.keys() == values.keys() else values
        self._means = {name: before[name] + (value - before[name]) * weight for name, value in values.items()}
        return dict(self._means)


@dataclass(slots=True)
class ConstantSmoother:
    """Weighted mean of all predictions of an attribute that does not change, such as sex.

    Attributes:
        min_probability: Probability a label needs to be shown.
        label: Shown label, or `UNSURE`; None before the first update.
    """

    min_probability: float
    label: str | None = None
    _sums: dict[str, float] = field(default_factory=dict)
    _weight: float = 0.0

    def update(self, estimate: ClassEstimate, weight: float, now_s: float) -> ClassEstimate:
        """Add the probabilities of one frame."""
        probabilities = estimate.probabilities or {}
        self._weight += weight
        self._sums = {label: self._sums.get(label, 0.0) + weight * p for label, p in probabilities.items()}
        keep, switch = self.min_probability - CONSTANT_HYSTERESIS, self.min_probability + CONSTANT_HYSTERESIS
        means = self.probabilities
        self.label = _with_hysteresis(self.label, means, self.min_probability, keep, switch)
        return ClassEstimate(means, self.label)

    @property
    def probabilities(self) -> dict[str, float]:
        """Mean probability by label."""
        return {label: total / self._weight for label, total in self._sums.items()}


@dataclass(slots=True)
class StateSmoother:
    """Exponential average of the probabilities, with hysteresis of the label.

    Attributes:
        min_probability: Probability a label needs to be shown.
        label: Shown label, or `UNSURE`; None before the first update.
    """

    min_probability: float
    label: str | None = None
    _means: AverageSmoother = field(default_factory=lambda: AverageSmoother(STATE_EMA_S))

    def update(self, estimate: ClassEstimate, weight: float, now_s: float) -> ClassEstimate:
        """Add the probabilities of one frame."""
        means = self._means.average(estimate.probabilities or {}, now_s)
        keep, switch = self.min_probability - STATE_KEEP_BELOW, self.min_probability + STATE_SWITCH_ABOVE
        self.label = _with_hysteresis(self.label, means, self.min_probability, keep, switch)
        return ClassEstimate(means, self.label)


def _with_hysteresis(
    label: str | None, probabilities: Mapping[str, float], first: float, keep: float, switch: float
) -> str:
    """Keep the label down to the probability `keep`; another one needs `switch`, the first one ever `first`."""
    if label is None:
        return label_or_unsure(probabilities, first)
    return label if probabilities.get(label, 0.0) >= keep else label_or_unsure(probabilities, switch)


def _weighted_median(pairs: Iterable[tuple[float, float]]) -> float:
    """Weighted median of (value, weight) pairs, interpolated linearly."""
    values, weights = np.array(sorted(pairs)).T
    return float(np.interp(weights.sum() / 2, np.cumsum(weights) - weights / 2, values))
