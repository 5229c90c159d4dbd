"""Accumulate the frame results of a running session into one record per person and second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain import UNSURE
from app.sessions.records import LABEL_COUNT_KEYS, Gap, PersonSecond, SessionEntry
from app.sessions.summary import dominant_label, histogram, most_frequent

# Entries kept in memory while the disk fails: about 2.7 hours of one person.
MAX_UNSAVED_ENTRIES = 10_000
# Seconds that may pass between two frames before the time between them counts as a gap.
MIN_GAP_S = 2


def _label_counters() -> dict[str, Counter[str]]:
    """An empty counter of labels for each attribute in `LABEL_COUNT_KEYS`."""
    return {name: Counter() for name in LABEL_COUNT_KEYS}


@dataclass(slots=True)
class PersonSecondSums:
    """Sums over the frames of one person in one second.

    Attributes:
        masked_frames: Frames in which a mask covered the face, so that no emotion was predicted.
    """

    frames: int = 0
    probabilities: dict[str, float] = field(default_factory=dict)
    emotion_frames: int = 0
    ages_years: list[float] = field(default_factory=list)
    p_female: list[float] = field(default_factory=list)
    masked_frames: int = 0
    label_counts: dict[str, Counter[str]] = field(default_factory=_label_counters)

    def add(self, face: Mapping[str, Any]) -> None:
        """Add one frame's face, a dictionary as in docs/api.md."""
        self.frames += 1
        if "emotion" in face:
            self._add_emotion(face["emotion"]["probabilities"])
        if "age" in face and face["age"]["years"] is not None:
            self.ages_years.append(face["age"]["years"])
        if "sex" in face:
            self.p_female.append(face["sex"]["p_female"])
        for name in LABEL_COUNT_KEYS.keys() & face.keys():
            self.label_counts[name][face[name]["label"]] += 1

    def to_record(self, person_id: int, time_s: int, labels: Sequence[str]) -> PersonSecond:
        """The means as a record; `labels` gives the order of the probabilities."""
        frames = self.emotion_frames
        means = tuple(round(self.probabilities.get(label, 0.0) / frames, 4) for label in labels) if frames else None
        age_years, p_female = _mean(self.ages_years), _mean(self.p_female)
        return PersonSecond(
            person_id,
            time_s,
            self.frames,
            UNSURE if self.masked_frames > frames else dominant_label(labels, means),
            means or None,
            None if age_years is None else round(age_years, 1),
            None if p_female is None else round(p_female, 4),
            **{name: most_frequent(counts) for name, counts in self.label_counts.items()},
        )

    def _add_emotion(self, probabilities: Mapping[str, float] | None) -> None:
        if probabilities is None:
            self.masked_frames += 1
            return
        self.emotion_frames += 1
        for label, probability in probabilities.items():
            self.probabilities[label] = self.probabilities.get(label, 0.0) + probability


@dataclass(slots=True)
class SessionAccumulator:
    """A running session: the current second, the totals so far and the entries that are not saved yet.

    Attributes:
        summary: The session's summary at its start, with later changes of its name and demo flag.
        started_at_s: When the session started, on the recorder's clock.
        second: The second of the newest frame; -1 before the first.
        person_sums: Sums of the current second by person id.
        dominant_counts: Person-seconds by dominant label.
        probability_sums: Sums of the mean probabilities by label.
        emotion_seconds: Person-seconds in `probability_sums`.
    """

    summary: dict[str, Any]
    labels: tuple[str, ...]
    started_at_s: float
    second: int = -1
    person_sums: dict[int, PersonSecondSums] = field(default_factory=dict)
    unsaved: list[SessionEntry] = field(default_factory=list)
    person_ids: set[int] = field(default_factory=set)
    dominant_counts: Counter[str] = field(default_factory=Counter)
    probability_sums: dict[str, float] = field(default_factory=dict)
    emotion_seconds: int = 0
    label_counts: dict[str, Counter[str]] = field(default_factory=_label_counters)

    def advance(self, second: int, fps: float) -> list[SessionEntry]:
        """Finish the current second; returns its records, and a gap if no frames arrived since.

        Args:
            second: The new second, later than the current one.
            fps: Frame rate of the source. The time between two frames of a slow source is not a gap.
        """
        records = [
            sums.to_record(person_id, self.second, self.labels) for person_id, sums in sorted(self.person_sums.items())
        ]
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

    def add(self, faces: Iterable[Mapping[str, Any]]) -> None:
        """Add the faces of a frame to the current second."""
        for face in faces:
            self.person_sums.setdefault(face["id"], PersonSecondSums()).add(face)

    def live_totals(self, now_s: float) -> dict[str, Any]:
        """The totals so far, as in the `stats` event."""
        seconds = self.emotion_seconds
        return {
            "id": self.summary["id"],
            "name": self.summary["name"],
            "elapsed_s": round(max(0.0, now_s - self.started_at_s), 1),
            "persons": len(self.person_ids | self.person_sums.keys()),
            "histogram": histogram(self.labels, self.dominant_counts),
            "mean": {label: round(total / seconds, 4) for label, total in self.probability_sums.items()},
            **{LABEL_COUNT_KEYS[name]: dict(counts) for name, counts in self.label_counts.items()},
        }

    def _add_to_totals(self, record: PersonSecond) -> None:
        self.person_ids.add(record.person_id)
        for name, counts in self.label_counts.items():
            if (label := getattr(record, name)) is not None:
                counts[label] += 1
        if record.dominant is not None:
            self.dominant_counts[record.dominant] += 1
        if record.probabilities is None:
            return
        self.emotion_seconds += 1
        for label, probability in zip(self.labels, record.probabilities, strict=True):
            self.probability_sums[label] = self.probability_sums.get(label, 0.0) + probability


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
