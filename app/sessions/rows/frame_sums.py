"""Sum up the frames of one face in one interval: one estimate per attribute, in the form that its sessions keep."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.attributes.attribute import Attribute, SessionForm
from app.attributes.estimate import UNSURE, ClassEstimate, Estimate
from app.attributes.kinds import PROBABILITY_DIGITS
from app.domain import Box, FaceResult
from app.face_json import BOX_DIGITS, SCORE_DIGITS
from app.sessions.rows.attribute_columns import AttributeColumns
from app.sessions.rows.records import Observation, whole_seconds


def most_probable(probabilities: Mapping[str, float]) -> str | None:
    """The label with the highest probability, the first of equals; None without probabilities."""
    return max(probabilities, key=probabilities.__getitem__) if probabilities else None


def most_frequent(counts: Mapping[str, float]) -> str | None:
    """The label with the highest count, the first of equals; None if all counts are 0."""
    return max(counts, key=counts.__getitem__) if any(counts.values()) else None


def histogram(labels: Sequence[str], durations_ms: Mapping[str, int]) -> dict[str, float]:
    """Person-seconds by label: all labels of the session, then other labels that occurred."""
    others = [label for label in durations_ms if label not in labels]
    return {label: whole_seconds(durations_ms.get(label, 0)) for label in (*labels, *others)}


class EstimateSums(Protocol):
    """Sums of the estimates of one attribute."""

    def add(self, estimate: Estimate) -> None:
        """Add the estimate of one frame."""

    def result(self) -> Estimate | None:
        """What the frames say together; None if nothing is known."""


@dataclass(slots=True)
class DistributionSums:
    """Mean probabilities; the label is `UNSURE` if the attribute was hidden in more frames than not."""

    attribute: Attribute
    sums: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    frames: int = 0
    hidden_frames: int = 0

    def add(self, estimate: Estimate) -> None:
        """Add the probabilities, or count that they are hidden."""
        if not isinstance(estimate, ClassEstimate) or not estimate.probabilities:
            self.hidden_frames += 1
            return
        self.frames += 1
        for label, probability in estimate.probabilities.items():
            self.sums[label] += probability

    def result(self) -> Estimate | None:
        """The means with their label."""
        means = {
            label: round(self.sums[label] / self.frames, PROBABILITY_DIGITS)
            for label in self.attribute.labels
            if self.frames
        }
        label = UNSURE if self.hidden_frames > self.frames else most_probable(means)
        return None if label is None else ClassEstimate(means or None, label)


@dataclass(slots=True)
class LabelSums:
    """The most frequent label."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, estimate: Estimate) -> None:
        """Count the label."""
        if isinstance(estimate, ClassEstimate) and estimate.label is not None:
            self.counts[estimate.label] += 1

    def result(self) -> Estimate | None:
        """The estimate without probabilities."""
        label = most_frequent(self.counts)
        return None if label is None else ClassEstimate(label=label)


@dataclass(slots=True)
class MeanSums:
    """Mean of each column of a number, a vector or a binary attribute; frames that hide it do not count."""

    columns: AttributeColumns
    values: list[list[float]] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [[] for _ in self.columns.names]

    def add(self, estimate: Estimate) -> None:
        """Add the values that are known."""
        for values, value in zip(self.values, self.columns.values(estimate), strict=True):
            if value is not None:
                values.append(value)

    def result(self) -> Estimate | None:
        """The means with the attribute's digits."""
        means = [sum(values) / len(values) if values else None for values in self.values]
        return self.columns.round(self.columns.estimate(means))


def new_sums(attribute: Attribute) -> EstimateSums:
    """Empty sums of an attribute."""
    if attribute.session is SessionForm.DISTRIBUTION:
        return DistributionSums(attribute)
    return LabelSums() if attribute.session is SessionForm.LABEL else MeanSums(AttributeColumns(attribute))


class FrameSums:
    """Sums over the frames of one face in one interval."""

    def __init__(self, attributes: Iterable[Attribute]) -> None:
        self._frames = 0
        self._score = 0.0
        self._box = [0.0] * 4
        self._sums = {attribute.name: new_sums(attribute) for attribute in attributes}

    def add(self, face: FaceResult) -> None:
        """Add the face of one frame; estimates of attributes that the session lacks are left out."""
        self._frames += 1
        self._score += face.score
        box = face.box
        for index, value in enumerate((box.x1, box.y1, box.x2, box.y2)):
            self._box[index] += value
        for name in self._sums.keys() & face.estimates.keys():
            self._sums[name].add(face.estimates[name])

    def to_row(self, track_id: int, time_ms: int, duration_ms: int) -> Observation:
        """The row of the interval."""
        results = {name: sums.result() for name, sums in self._sums.items()}
        known = {name: estimate for name, estimate in results.items() if estimate is not None}
        box = Box(*(round(value / self._frames, BOX_DIGITS) for value in self._box))
        score = round(self._score / self._frames, SCORE_DIGITS)
        return Observation(track_id, time_ms, self._frames, known, duration_ms, score, box)
