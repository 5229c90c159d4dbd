"""What a session is made of: its head and one record a person and second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def utc_now() -> datetime:
    """The time of day with its zone."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """ISO 8601 with zone, to the millisecond."""
    return moment.isoformat(timespec="milliseconds")


# Attributes of which a second keeps the label most frames had, and what their person-seconds by label are called.
COUNTED: Mapping[str, str] = {"race": "races", "mask": "masks"}


@dataclass(frozen=True, slots=True)
class PersonSecond:
    """One person during one second of a session.

    Attributes:
        person_id: The track's id as drawn on the picture.
        time_s: Whole seconds since the session started.
        frames: Pictures in which the person was seen.
        dominant: Label with the highest mean probability, `UNSURE` where a mask hid it most of the time; None without
            an emotion model.
        probabilities: Mean probability by label, in the session's order; None without an emotion model, or where a mask
            hid the emotion all the time.
        age_years, p_female: Means over the frames; None without their model, and of the age where a mask hid it.
        mask, race: The label most frames had; None without a model of it, and of race where it is not switched on.
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
    """Whole seconds of a session, `start_s` to just before `end_s`, in which no picture came."""

    start_s: int
    end_s: int


Entry = PersonSecond | Gap


@dataclass(frozen=True, slots=True)
class SessionHead:
    """A session without its records; `ended_at` is None while it runs."""

    id: int
    name: str
    started_at: datetime
    ended_at: datetime | None
    source: str | None
    demo: bool
    labels: tuple[str, ...]

    def moment(self, time_s: float) -> datetime:
        """The time of day `time_s` seconds after the start."""
        return self.started_at + timedelta(seconds=time_s)
