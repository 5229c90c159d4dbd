"""The data of a session: its header, one record per person and second, and gaps without frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.attributes.attribute_set import AttributeSet, own_attributes
from app.attributes.estimate import ClassEstimate, Estimate


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def to_iso(time: datetime) -> str:
    """ISO 8601 with time zone and milliseconds."""
    return time.isoformat(timespec="milliseconds")


def recorded_attributes(attributes: AttributeSet) -> AttributeSet:
    """The attributes that a session keeps: the served ones, and those that the app predicts if a model is there.

    The latter stay empty, so that all sessions have the same columns. Nothing of a model that is off is kept.
    """
    predicted = {one.name: one for one in own_attributes() if one.derive is None}
    kept = (one if one.name in attributes.served else predicted.get(one.name) for one in attributes)
    return AttributeSet(tuple(one for one in kept if one), attributes.served)


@dataclass(frozen=True, slots=True)
class PersonSecond:
    """One person during one second of a session.

    Attributes:
        person_id: The track id drawn on the frames.
        time_s: Whole seconds since the session started.
        frames: Number of frames in which the person was visible.
        estimates: Each attribute summed up over the frames (`second_sums`), by name; attributes of which nothing is
            known are absent.
    """

    person_id: int
    time_s: int
    frames: int
    estimates: Mapping[str, Estimate] = field(default_factory=dict)

    def label(self, name: str) -> str | None:
        """The label of an attribute; None without one."""
        estimate = self.estimates.get(name)
        return estimate.label if isinstance(estimate, ClassEstimate) else None

    def probabilities(self, name: str) -> Mapping[str, float] | None:
        """The mean probability of each label of an attribute; None if unknown or hidden in all frames."""
        estimate = self.estimates.get(name)
        return estimate.probabilities if isinstance(estimate, ClassEstimate) else None


@dataclass(frozen=True, slots=True)
class Gap:
    """Whole seconds of a session without frames, from `start_s` (inclusive) to `end_s` (exclusive)."""

    start_s: int
    end_s: int


SessionEntry = PersonSecond | Gap


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """A session without its records; `ended_at` is None while it is running."""

    id: int
    name: str
    started_at: datetime
    ended_at: datetime | None
    source: str | None
    demo: bool
    attributes: AttributeSet

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the main statistics, in order."""
        return self.attributes.headline.labels

    def time_at(self, time_s: float) -> datetime:
        """The time of day `time_s` seconds after the start."""
        return self.started_at + timedelta(seconds=time_s)
