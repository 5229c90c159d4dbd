"""Smooth the model outputs of one face over time: emotion, age, perceived sex and race, and mask."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from app.domain import MIN_EMOTION_PROBABILITY, MIN_MASK_PROBABILITY, UNSURE, label_or_unsure
from app.numerics import ema_weight, softmax

# Emotion logits are averaged over SLOW_EMA_S at rest. The further a fast average departs from the slow one (total
# variation distance), the shorter the slow time constant becomes, down to 1 / (1 + SPEED_UP) of it: noise is averaged
# out, and a change of expression shows at once. Tuned on synthetic sequences: changes show within 400 ms, and labels of
# still faces do not flicker.
SLOW_EMA_S = 0.4
FAST_EMA_S = 0.12
SPEED_UP = 6.0
# Lead of another emotion in the fast average that resets the slow one.
RESET_LEAD = 0.5
# Lower limit of a probability; otherwise one run of an overconfident model would outweigh many others.
MIN_PROBABILITY = 0.01
# Lead that another emotion needs to replace the shown one. Every switch adds to it up to a limit, and time takes that
# off again: a face between two expressions does not flicker, a clear change is hardly delayed.
SWITCH_LEAD = 0.2
SWITCH_LEAD_STEP = 0.2
MAX_SWITCH_LEAD = 0.4
SWITCH_LEAD_DECAY_S = 30.0
# Hysteresis: fraction of the switch lead, and how long the probability must stay below it before the label is unsure.
UNSURE_LEAD_FRACTION = 0.5
UNSURE_AFTER_S = 0.3
# Hysteresis of constant attributes (sex, race), on either side of their minimum probability.
CONSTANT_HYSTERESIS = 0.05
# Mask probabilities are averaged so that one outlier at two runs per second changes nothing, and two runs show a mask
# that was put on. A label is kept down to the first probability; another one needs the second.
MASK_EMA_S = 0.7
MASK_KEEP_PROBABILITY = 0.45
MASK_SWITCH_PROBABILITY = 0.68
# A second emotion is shown from this fraction of the first one's probability, and until it falls below the other one.
SECOND_SHOW_FRACTION = 0.7
SECOND_KEEP_FRACTION = 0.5
MIN_SECOND_PROBABILITY = 0.25
# Number of latest ages that count; at one every 3 s these are two minutes.
AGE_WINDOW = 40


@dataclass(slots=True)
class EmotionSmoother:
    """Averages logits over time, and keeps a label until another one is clearly more likely.

    Attributes:
        label: Shown emotion, or `UNSURE`; None before the first update.
        second: Second emotion if it is nearly as likely.
    """

    label: str | None = None
    second: str | None = None
    _labels: tuple[str, ...] = ()
    _slow_logits: np.ndarray = field(default_factory=lambda: np.zeros(0))
    _fast_logits: np.ndarray = field(default_factory=lambda: np.zeros(0))
    _updated_at_s: float = 0.0
    _switch_lead: float = SWITCH_LEAD
    _sure_at_s: float = 0.0

    def update(self, emotion: Mapping[str, float], now_s: float) -> None:
        """Add the probabilities of one frame; their logarithms are the logits up to a constant."""
        logits = np.log(np.maximum(np.fromiter(emotion.values(), float), MIN_PROBABILITY))
        if self._labels != tuple(emotion):
            self._labels, self._slow_logits, self._fast_logits = tuple(emotion), logits, logits
        step_s, self._updated_at_s = max(0.0, now_s - self._updated_at_s), now_s
        self._average(logits, step_s)
        self._switch_lead += float((SWITCH_LEAD - self._switch_lead) * ema_weight(step_s, SWITCH_LEAD_DECAY_S))
        if self._has_changed():
            self._slow_logits = self._fast_logits
        self._decide()

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
        """Whether the fast average clearly favours another emotion than the shown one."""
        newest = dict(zip(self._labels, softmax(self._fast_logits).tolist(), strict=True))
        return self.label in newest and max(newest.values()) - newest[self.label] >= RESET_LEAD

    def _decide(self) -> None:
        probabilities, before = self.probabilities, self.label
        self.label = self._choose_label(probabilities)
        if before not in (None, self.label):
            self._switch_lead = min(MAX_SWITCH_LEAD, self._switch_lead + SWITCH_LEAD_STEP)
        self.second = None if self.label == UNSURE else self._choose_second(self.label, probabilities)

    def _choose_label(self, probabilities: Mapping[str, float]) -> str:
        top, margin = max(probabilities, key=probabilities.__getitem__), UNSURE_LEAD_FRACTION * self._switch_lead
        if probabilities[top] >= MIN_EMOTION_PROBABILITY - margin:
            self._sure_at_s = self._updated_at_s
        if self.label is None:
            return label_or_unsure(probabilities, MIN_EMOTION_PROBABILITY)
        if self.label == UNSURE:
            return label_or_unsure(probabilities, MIN_EMOTION_PROBABILITY + margin)
        if self._updated_at_s - self._sure_at_s >= UNSURE_AFTER_S:
            return UNSURE
        return top if probabilities[top] >= probabilities[self.label] + self._switch_lead else self.label

    def _choose_second(self, label: str, probabilities: Mapping[str, float]) -> str | None:
        """The next most likely emotion if it is close; the shown one is kept until it is far behind."""
        first = probabilities[label]
        if self.second not in (None, label) and probabilities[self.second] >= SECOND_KEEP_FRACTION * first:
            return self.second
        other = max((one for one in probabilities if one != label), key=probabilities.__getitem__)
        is_close = probabilities[other] >= max(MIN_SECOND_PROBABILITY, SECOND_SHOW_FRACTION * first)
        return other if is_close else None


@dataclass(slots=True)
class AgeSmoother:
    """Weighted median of the latest ages and of their intervals."""

    _window: deque[tuple[float, float, float, float]] = field(default_factory=lambda: deque(maxlen=AGE_WINDOW))

    def update(self, years: float, interval: tuple[float, float] | None, weight: float) -> None:
        """Add a predicted age and its interval in years; without an interval the age is its own."""
        low, high = interval or (years, years)
        self._window.append((years, low, high, weight))

    @property
    def years(self) -> float:
        """Smoothed age."""
        return self._median(0)

    @property
    def interval(self) -> tuple[float, float]:
        """Smoothed interval in years; always contains the age."""
        return min(self.years, self._median(1)), max(self.years, self._median(2))

    def _median(self, column: int) -> float:
        return _weighted_median((entry[column], entry[3]) for entry in self._window)


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

    def update(self, probabilities: Mapping[str, float], weight: float) -> None:
        """Add the probabilities of one frame."""
        self._weight += weight
        self._sums = {label: self._sums.get(label, 0.0) + weight * p for label, p in probabilities.items()}
        keep, switch = self.min_probability - CONSTANT_HYSTERESIS, self.min_probability + CONSTANT_HYSTERESIS
        self.label = _with_hysteresis(self.label, self.probabilities, self.min_probability, keep, switch)

    @property
    def probabilities(self) -> dict[str, float]:
        """Mean probability by label."""
        return {label: total / self._weight for label, total in self._sums.items()}


@dataclass(slots=True)
class MaskSmoother:
    """Exponential average of the mask probabilities, with hysteresis of the label.

    Attributes:
        label: Shown label, or `UNSURE`; None before the first update.
    """

    label: str | None = None
    _means: dict[str, float] = field(default_factory=dict)
    _updated_at_s: float = 0.0

    def update(self, probabilities: Mapping[str, float], now_s: float) -> None:
        """Add the probabilities of one frame."""
        step_s, self._updated_at_s = max(0.0, now_s - self._updated_at_s), now_s
        weight = float(ema_weight(step_s, MASK_EMA_S))
        before = self._means if self._means.keys() == probabilities.keys() else probabilities
        self._means = {label: before[label] + (p - before[label]) * weight for label, p in probabilities.items()}
        self.label = _with_hysteresis(
            self.label, self._means, MIN_MASK_PROBABILITY, MASK_KEEP_PROBABILITY, MASK_SWITCH_PROBABILITY
        )

    @property
    def probabilities(self) -> dict[str, float]:
        """Smoothed probability by label."""
        return dict(self._means)


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
