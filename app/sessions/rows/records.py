"""The data of a session: its header, one row per person and interval, and gaps without frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.attributes.attribute_set import AttributeSet, own_attributes
from app.attributes.estimate import ClassEstimate, Estimate
from app.domain import Box

# Rows a person and second that can be recorded; whole intervals of them fit into a second.
RATES = (1, 2, 5, 10)
MIN_RATE = RATES[0]


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def to_iso(time: datetime) -> str:
    """ISO 8601 with time zone and milliseconds."""
    return time.isoformat(timespec="milliseconds")


def to_seconds(milliseconds: float) -> float:
    """Seconds with three decimals."""
    return round(milliseconds / 1000, 3)


def whole_seconds(milliseconds: int) -> float:
    """Seconds; an integer where they are whole, as in sessions of one row a second."""
    seconds = to_seconds(milliseconds)
    return int(seconds) if seconds.is_integer() else seconds


def recorded_attributes(attributes: AttributeSet) -> AttributeSet:
    """The attributes that a session keeps: the served ones, and those that the app predicts if a model is there.

    The latter stay empty, so that all sessions have the same columns. Nothing of a model that is off is kept.
    """
    predicted = {one.name: one for one in own_attributes() if one.derive is None}
    kept = (one if one.name in attributes.served else predicted.get(one.name) for one in attributes)
    return AttributeSet(tuple(one for one in kept if one), attributes.served)


@dataclass(frozen=True, slots=True)
class Observation:
    """One face during one interval of a session: a row.

    Attributes:
        track_id: Number of the track in the session, from 1. Edits of people never change it.
        time_ms: Start of the interval in which the frames were captured, in milliseconds since the session started.
        frames: Number of frames in which the face was visible.
        estimates: Each attribute summed up over the frames (`frame_sums`), by name; attributes of which nothing is
            known are absent.
        duration_ms: Length of the interval.
        score: Mean confidence of the detector, 0 to 1; None in sessions of older versions.
        box: Mean box in image pixels; None in sessions of older versions.
    """

    track_id: int
    time_ms: int
    frames: int
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    duration_ms: int = 1000
    score: float | None = None
    box: Box | None = None

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


SessionEntry = Observation | Gap


@dataclass(frozen=True, slots=True)
class NewSession:
    """What a session is started with.

    Attributes:
        name: None to name it by its id.
        attributes: What it keeps; of those that a recorder is given, the ones that are served.
        rate: Rows a person and second.
        marker_names: Names of markers by their key, "1" to "9".
        camera: Name of the camera, where the server has named ones.
    """

    name: str | None
    source: str | None
    demo: bool
    attributes: AttributeSet
    rate: float = MIN_RATE
    marker_names: Mapping[str, str] = field(default_factory=dict)
    camera: str | None = None


@dataclass(frozen=True, slots=True)
class SessionHeader:
    """A session without its rows; `ended_at` is None while it is running.

    Attributes:
        rate: Rows a person and second; a fraction for a video of which fewer frames were analysed.
        tags: In the order given.
        marker_names: Names of markers by their key, "1" to "9".
        camera: Name of the camera, where the server has named ones.
        interrupted: Whether its server stopped without ending it; it ends with the start of its last row.
    """

    id: int
    name: str
    started_at: datetime
    ended_at: datetime | None
    source: str | None
    demo: bool
    attributes: AttributeSet
    rate: float = float(MIN_RATE)
    tags: Sequence[str] = ()
    marker_names: Mapping[str, str] = field(default_factory=dict)
    camera: str | None = None
    interrupted: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the main statistics, in order."""
        return self.attributes.headline.labels

    def time_at(self, time_s: float) -> datetime:
        """The time of day `time_s` seconds after the start."""
        return self.started_at + timedelta(seconds=time_s)

    def duration_ms(self, now: datetime) -> int:
        """Milliseconds from the start to the end, or to now while it is running; never negative."""
        return max(0, round(((self.ended_at or now) - self.started_at) / timedelta(milliseconds=1)))
