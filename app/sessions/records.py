"""The data of a session: its header, one record per person and second, and gaps without frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)


def to_iso(time: datetime) -> str:
    """ISO 8601 with time zone and milliseconds."""
    return time.isoformat(timespec="milliseconds")


# Attributes of which each record keeps the most frequent label, with the key of their person-seconds by label in JSON.
LABEL_COUNT_KEYS: Mapping[str, str] = {"race": "races", "mask": "masks"}


@dataclass(frozen=True, slots=True)
class PersonSecond:
    """One person during one second of a session.

    Attributes:
        person_id: The track id drawn on the frames.
        time_s: Whole seconds since the session started.
        frames: Number of frames in which the person was visible.
        dominant: Label with the highest mean probability, or `UNSURE` if a mask covered the face in most frames; None
            without an emotion model.
        probabilities: Mean probability of each label, in the session's order; None without an emotion model, or if a
            mask covered the face in all frames.
        age_years, p_female: Means over the frames; None without a model, and for the age if a mask covered the face.
        mask, race: The most frequent label; None without a model, and for race if it is switched off.
    """

    person_id: int
    time_s: int
    frames: int
    dominant: str | None = None
    probabilities: tuple[float, ...] | None = None
    age_years: float | None = None
    p_female: float | None = None
    mask: str | None = None
    race: str | None = None


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
    labels: tuple[str, ...]

    def time_at(self, time_s: float) -> datetime:
        """The time of day `time_s` seconds after the start."""
        return self.started_at + timedelta(seconds=time_s)
