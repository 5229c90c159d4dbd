"""Accumulate the frame results of a running session into one record per person and second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.domain import FaceResult
from app.sessions.attribute_columns import counts_key, counts_labels
from app.sessions.records import Gap, PersonSecond, SessionEntry
from app.sessions.second_sums import PersonSecondSums
from app.sessions.summary import histogram

# Entries kept in memory while the disk fails: about 2.7 hours of one person.
MAX_UNSAVED_ENTRIES = 10_000
# Seconds that may pass between two frames before the time between them counts as a gap.
MIN_GAP_S = 2


@dataclass(slots=True)
class SessionAccumulator:
    """A running session: the current second, the totals so far and the entries that are not saved yet.

    Attributes:
        summary: The session's summary at its start, with later changes of its name and demo flag.
        started_at_s: When the session started, on the recorder's clock.
        attributes: What the session keeps.
        second: The second of the newest frame; -1 before the first.
        person_sums: Sums of the current second by person id.
        dominant_counts: Person-seconds by label of the main statistics.
        probability_sums: Sums of the mean probabilities of these labels.
        probability_seconds: Person-seconds in `probability_sums`.
        label_counts: Person-seconds by label of each attribute that is counted besides, by its name.
    """

    summary: dict[str, Any]
    attributes: AttributeSet
    started_at_s: float
    second: int = -1
    person_sums: dict[int, PersonSecondSums] = field(default_factory=dict)
    unsaved: list[SessionEntry] = field(default_factory=list)
    person_ids: set[int] = field(default_factory=set)
    dominant_counts: Counter[str] = field(default_factory=Counter)
    probability_sums: dict[str, float] = field(default_factory=dict)
    probability_seconds: int = 0
    label_counts: dict[str, Counter[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.label_counts = {one.name: Counter() for one in self.attributes if counts_labels(one)}

    def advance(self, second: int, fps: float) -> list[SessionEntry]:
        """Finish the current second; returns its records, and a gap if no frames arrived since.

        Args:
            second: The new second, later than the current one.
            fps: Frame rate of the source. The time between two frames of a slow source is not a gap.
        """
        records = [sums.to_record(person_id, self.second) for person_id, sums in sorted(self.person_sums.items())]
        self.person_sums = {}
        for record in records:
            self._add_to_totals(record)
        previous, self.second = self.second, second
        is_gap = second - previous > max(MIN_GAP_S, 2 / fps)
        return [*records, Gap(previous + 1, second)] if is_gap else [*records]

    def queue(self, entries: Sequence[SessionEntry]) -> None:
        """Append unsaved entries; beyond the limit the oldest ones are dropped."""
        self.unsaved = [*self.unsaved, *entries][-MAX_UNSAVED_ENTRIES:]

    def requeue(self, entries: Sequence[SessionEntry]) -> None:
        """Put entries whose saving failed back in front."""
        self.unsaved = [*entries, *self.unsaved][-MAX_UNSAVED_ENTRIES:]

    def add(self, faces: Iterable[FaceResult]) -> None:
        """Add the faces of a frame to the current second."""
        for face in faces:
            if face.id not in self.person_sums:
                self.person_sums[face.id] = PersonSecondSums(self.attributes)
            self.person_sums[face.id].add(face.estimates)

    def live_totals(self, now_s: float) -> dict[str, Any]:
        """The totals so far, as in the `stats` event."""
        seconds = self.probability_seconds
        return {
            "id": self.summary["id"],
            "name": self.summary["name"],
            "elapsed_s": round(max(0.0, now_s - self.started_at_s), 1),
            "persons": len(self.person_ids | self.person_sums.keys()),
            "histogram": histogram(self.attributes.headline.labels, self.dominant_counts),
            "mean": {label: round(total / seconds, 4) for label, total in self.probability_sums.items()},
            **{counts_key(self.attributes[name]): dict(counts) for name, counts in self.label_counts.items()},
        }

    def _add_to_totals(self, record: PersonSecond) -> None:
        self.person_ids.add(record.person_id)
        headline = self.attributes.headline.name
        for name, counts in ((headline, self.dominant_counts), *self.label_counts.items()):
            if (label := record.label(name)) is not None:
                counts[label] += 1
        probabilities = record.probabilities(headline)
        if probabilities is None:
            return
        self.probability_seconds += 1
        for label, probability in probabilities.items():
            self.probability_sums[label] = self.probability_sums.get(label, 0.0) + probability
