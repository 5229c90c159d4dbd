"""Steady statements of one face out of many readings: emotion, age, perceived sex and race, and mask."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from app.domain import SURE_EMOTION, SURE_MASK, UNSURE, named

# An average of logits goes this far back at rest; the further the newest readings (over QUICK_S) depart from it, the
# shorter it becomes: noise is calmed, and a change of expression shows at once.
CALM_S, QUICK_S, EAGERNESS = 0.4, 0.12, 6.0
CLEAR = 0.5  # by how much another emotion must be likelier in the newest readings for all before them to be forgotten
LEAST = 0.01  # a probability counts as at least this, or one reading of a model that is too sure would count for many
# By how much another emotion must be likelier before it is shown instead. Each switch adds to it, up to a limit; time
# takes that off again: a face between two expressions does not waver, one that clearly changes is hardly held up.
AHEAD, SWITCH_ADDS, MOST_AHEAD, SETTLES_S = 0.2, 0.2, 0.4, 30.0
# The share of it by which a label must fall below what would name it, and for how long; likewise one rise above.
DOUBT, DOUBT_S = 0.5, 0.3
LASTING_DOUBT = 0.05  # likewise, of what stays as it is: sex and race
# Of masks the probabilities are averaged, over so long that one odd reading of twice a second changes nothing, and that
# two show a mask that was put on. A label stays while it is this likely; then another is named from this on.
MASK_S, MASK_STAYS, MASK_TAKES = 0.7, 0.45, 0.68
# A second emotion is named from this share of the first one's probability on, and until it falls below the other.
SECOND_FROM, SECOND_UNTIL = 0.7, 0.5
LEAST_SECOND = 0.25
AGES = 40  # readings of the age that count; the oldest leave


@dataclass(slots=True)
class SteadyEmotion:
    """Averages logits over time, and keeps to a label until another is clearly likelier."""

    label: str | None = None
    second: str | None = None
    _labels: tuple[str, ...] = ()
    _calm: np.ndarray = field(default_factory=lambda: np.zeros(0))
    _quick: np.ndarray = field(default_factory=lambda: np.zeros(0))
    _at_s: float = 0.0
    _ahead: float = AHEAD
    _sure_at_s: float = 0.0

    def add(self, reading: Mapping[str, float], now_s: float) -> None:
        """Take in the probabilities of one picture; their logarithms are the logits but for a constant."""
        logits = np.log(np.maximum(np.fromiter(reading.values(), float), LEAST))
        if self._labels != tuple(reading):
            self._labels, self._calm, self._quick = tuple(reading), logits, logits
        step_s, self._at_s = max(0.0, now_s - self._at_s), now_s
        self._quick = self._quick + (logits - self._quick) * _share(step_s / QUICK_S)
        departs = float(np.abs(_softmax(self._quick) - _softmax(self._calm)).sum() / 2)
        self._calm = self._calm + (logits - self._calm) * _share(step_s * (1 + EAGERNESS * departs**2) / CALM_S)
        self._ahead += (AHEAD - self._ahead) * _share(step_s / SETTLES_S)
        if self._has_changed():
            self._calm = self._quick
        self._decide()

    @property
    def probabilities(self) -> dict[str, float]:
        return dict(zip(self._labels, _softmax(self._calm).tolist(), strict=True))

    def _has_changed(self) -> bool:
        """Whether the newest readings clearly speak for another emotion than the one that is told."""
        newest = dict(zip(self._labels, _softmax(self._quick).tolist(), strict=True))
        return self.label in newest and max(newest.values()) - newest[self.label] >= CLEAR

    def _decide(self) -> None:
        p, before = self.probabilities, self.label
        self.label = self._label(p)
        if before not in (None, self.label):
            self._ahead = min(MOST_AHEAD, self._ahead + SWITCH_ADDS)
        self.second = None if self.label == UNSURE else self._next_to(self.label, p)

    def _label(self, p: Mapping[str, float]) -> str:
        top, doubt = max(p, key=p.__getitem__), DOUBT * self._ahead
        if p[top] >= SURE_EMOTION - doubt:
            self._sure_at_s = self._at_s
        if self.label is None:
            return named(p, SURE_EMOTION)
        if self.label == UNSURE:
            return named(p, SURE_EMOTION + doubt)
        if self._at_s - self._sure_at_s >= DOUBT_S:
            return UNSURE
        return top if p[top] >= p[self.label] + self._ahead else self.label

    def _next_to(self, label: str, p: Mapping[str, float]) -> str | None:
        """The likeliest other emotion, if it is close; the one that was close stays while it is not far."""
        if self.second not in (None, label) and p[self.second] >= SECOND_UNTIL * p[label]:
            return self.second
        other = max((one for one in p if one != label), key=p.__getitem__)
        return other if p[other] >= max(LEAST_SECOND, SECOND_FROM * p[label]) else None


@dataclass(slots=True)
class SteadyAge:
    """The weighted median of the latest readings, and of the intervals that came with them."""

    _readings: deque[tuple[float, float, float, float]] = field(default_factory=lambda: deque(maxlen=AGES))

    def add(self, years: float, interval: tuple[float, float] | None, weight: float) -> None:
        low, high = interval or (years, years)
        self._readings.append((years, low, high, weight))

    @property
    def years(self) -> float:
        return self._median(0)

    @property
    def interval(self) -> tuple[float, float]:
        return min(self.years, self._median(1)), max(self.years, self._median(2))

    def _median(self, column: int) -> float:
        return _weighted_median((reading[column], reading[3]) for reading in self._readings)


@dataclass(slots=True)
class SteadyMean:
    """The weighted mean of all readings so far, of what stays as it is.

    Attributes:
        sure: From which probability on a label is named.
    """

    sure: float
    label: str | None = None
    _sums: dict[str, float] = field(default_factory=dict)
    _weights: float = 0.0

    def add(self, reading: Mapping[str, float], weight: float) -> None:
        self._weights += weight
        self._sums = {label: self._sums.get(label, 0.0) + weight * p for label, p in reading.items()}
        stays, takes = self.sure - LASTING_DOUBT, self.sure + LASTING_DOUBT
        self.label = _kept(self.label, self.probabilities, self.sure, stays, takes)

    @property
    def probabilities(self) -> dict[str, float]:
        return {label: total / self._weights for label, total in self._sums.items()}


@dataclass(slots=True)
class SteadyMask:
    """An average over time, and the label that it clearly speaks for."""

    label: str | None = None
    _means: dict[str, float] = field(default_factory=dict)
    _at_s: float = 0.0

    def add(self, reading: Mapping[str, float], now_s: float) -> None:
        step_s, self._at_s = max(0.0, now_s - self._at_s), now_s
        share = _share(step_s / MASK_S)
        before = self._means if self._means.keys() == reading.keys() else reading
        self._means = {label: before[label] + (p - before[label]) * share for label, p in reading.items()}
        self.label = _kept(self.label, self._means, SURE_MASK, MASK_STAYS, MASK_TAKES)

    @property
    def probabilities(self) -> dict[str, float]:
        return dict(self._means)


def _kept(label: str | None, p: Mapping[str, float], sure: float, stays: float, takes: float) -> str:
    """The label while it is at least as likely as `stays`, then one from `takes` on; the first one from `sure` on."""
    if label is None:
        return named(p, sure)
    return label if p.get(label, 0.0) >= stays else named(p, takes)


def _share(time: float) -> float:
    """How far an exponential average goes towards a new value; `time` in time constants."""
    return 1 - math.exp(-time)


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def _weighted_median(pairs: Iterable[tuple[float, float]]) -> float:
    """The value at half of the weight; between two values where the half falls between them."""
    values, weights = np.array(sorted(pairs)).T
    return float(np.interp(weights.sum() / 2, np.cumsum(weights) - weights / 2, values))
