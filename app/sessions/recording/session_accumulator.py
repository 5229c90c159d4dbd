"""Accumulate the frame results of a running session into one row per track and interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.domain import FaceResult
from app.sessions.rows.attribute_columns import counts_key, counts_labels
from app.sessions.rows.frame_sums import FrameSums, histogram
from app.sessions.rows.records import Gap, Observation, SessionEntry, whole_seconds

# Entries kept in memory while the disk fails: 75 s of 40 people at 10 rows a second, or 8 hours of one person.
MAX_UNSAVED_ENTRIES = 30_000
# Seconds that may pass between two frames before the time between them counts as a gap.
MIN_GAP_S = 2


@dataclass(slots=True)
class SessionAccumulator:
    """A running session: the current interval, the totals so far and the entries that are not saved yet.

    Attributes:
        summary: The session's summary at its start, with later changes of its name and demo flag.
        started_at_s: When the session started, on the recorder's clock.
        attributes: What the session keeps.
        interval: Number of the interval of the newest frame; -1 before the first.
        first_track: Number of the first track: above those of a process that recorded the session before.
        track_ids: Number of each track in the session by the id in the frames.
        track_sums: Sums of the current interval by number of the track.
        dominant_ms: Milliseconds by label of the main statistics.
        probability_sums: Sums of the mean probabilities of these labels.
        probability_rows: Rows in `probability_sums`.
        label_ms: Milliseconds by label of each attribute that is counted besides, by its name.
    """

    summary: dict[str, Any]
    attributes: AttributeSet
    started_at_s: float
    interval: int = -1
    first_track: int = 1
    track_ids: dict[int, int] = field(default_factory=dict)
    track_sums: dict[int, FrameSums] = field(default_factory=dict)
    unsaved: list[SessionEntry] = field(default_factory=list)
    dominant_ms: Counter[str] = field(default_factory=Counter)
    probability_sums: dict[str, float] = field(default_factory=dict)
    probability_rows: int = 0
    label_ms: dict[str, Counter[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.label_ms = {one.name: Counter() for one in self.attributes if counts_labels(one)}

    @property
    def interval_ms(self) -> int:
        """Length of an interval."""
        return round(1000 / self.summary["rate"])

    @property
    def next_track(self) -> int:
        """Number of the next new track."""
        return self.first_track + len(self.track_ids)

    @property
    def second(self) -> int:
        """The second of the newest frame; -1 before the first."""
        return self.interval * self.interval_ms // 1000

    def interval_at(self, time_s: float) -> int:
        """The interval of a time on the recorder's clock; times before the start belong to the first."""
        return max(0, round(1000 * (time_s - self.started_at_s)) // self.interval_ms)

    def advance(self, interval: int, fps: float) -> list[SessionEntry]:
        """Finish the current interval; returns its rows, and a gap if no frames arrived since.

        Args:
            interval: The new interval, later than the current one.
            fps: Frame rate of the source. The time between two frames of a slow source is not a gap.
        """
        time_ms = self.interval * self.interval_ms
        rows = [sums.to_row(number, time_ms, self.interval_ms) for number, sums in sorted(self.track_sums.items())]
        self.track_sums = {}
        for row in rows:
            self._add_to_totals(row)
        previous, self.interval = self.second, interval
        is_gap = self.second - previous > max(MIN_GAP_S, 2 / fps)
        return [*rows, Gap(previous + 1, self.second)] if is_gap else [*rows]

    def queue(self, entries: Sequence[SessionEntry]) -> None:
        """Append unsaved entries; beyond the limit the oldest ones are dropped."""
        self.unsaved = [*self.unsaved, *entries][-MAX_UNSAVED_ENTRIES:]

    def requeue(self, entries: Sequence[SessionEntry]) -> None:
        """Put entries whose saving failed back in front."""
        self.unsaved = [*entries, *self.unsaved][-MAX_UNSAVED_ENTRIES:]

    def add(self, faces: Iterable[FaceResult]) -> None:
        """Add the faces of a frame to the current interval."""
        for face in faces:
            number = self.track_ids.setdefault(face.id, self.next_track)
            if number not in self.track_sums:
                self.track_sums[number] = FrameSums(self.attributes)
            self.track_sums[number].add(face)

    def live_totals(self, now_s: float) -> dict[str, Any]:
        """The totals so far, as in the `stats` event."""
        rows = self.probability_rows
        return {
            "id": self.summary["id"],
            "name": self.summary["name"],
            "elapsed_s": round(max(0.0, now_s - self.started_at_s), 1),
            "persons": self.next_track - 1,
            "histogram": histogram(self.attributes.headline.labels, self.dominant_ms),
            "mean": {label: round(total / rows, 4) for label, total in self.probability_sums.items()},
            **{
                counts_key(self.attributes[name]): {label: whole_seconds(time_ms) for label, time_ms in times.items()}
                for name, times in self.label_ms.items()
            },
        }

    def _add_to_totals(self, row: Observation) -> None:
        headline = self.attributes.headline.name
        for name, times in ((headline, self.dominant_ms), *self.label_ms.items()):
            if (label := row.label(name)) is not None:
                times[label] += row.duration_ms
        probabilities = row.probabilities(headline)
        if probabilities is None:
            return
        self.probability_rows += 1
        for label, probability in probabilities.items():
            self.probability_sums[label] = self.probability_sums.get(label, 0.0) + probability
