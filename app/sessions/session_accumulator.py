"""A running session: its sums of the current second, its totals, and what is not saved yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain import UNSURE
from app.sessions.records import COUNTED, Entry, Gap, PersonSecond
from app.sessions.summary import dominant, histogram, most

MOST_UNSAVED = 10_000  # entries kept for another try while the disk refuses them
LONGEST_WITHOUT_S = 2  # whole seconds without a picture that are no gap yet


def _counters() -> dict[str, Counter[str]]:
    """Labels so far, by attribute."""
    return {name: Counter() for name in COUNTED}


@dataclass(slots=True)
class PersonSecondSums:
    """Sums over the frames of one person in one second."""

    frames: int = 0
    probabilities: dict[str, float] = field(default_factory=dict)
    emotion_frames: int = 0
    ages: list[float] = field(default_factory=list)
    p_female: list[float] = field(default_factory=list)
    hidden_frames: int = 0  # in which a mask hid the emotion
    counted: dict[str, Counter[str]] = field(default_factory=_counters)

    def add(self, face: Mapping[str, Any]) -> None:
        self.frames += 1
        if "emotion" in face:
            self._add_emotion(face["emotion"]["probabilities"])
        if "age" in face and face["age"]["years"] is not None:
            self.ages.append(face["age"]["years"])
        if "sex" in face:
            self.p_female.append(face["sex"]["p_female"])
        for name in COUNTED.keys() & face.keys():
            self.counted[name][face[name]["label"]] += 1

    def record(self, person_id: int, time_s: int, labels: Sequence[str]) -> PersonSecond:
        frames = self.emotion_frames
        means = tuple(round(self.probabilities.get(label, 0.0) / frames, 4) for label in labels) if frames else None
        age, p_female = _mean(self.ages), _mean(self.p_female)
        return PersonSecond(
            person_id,
            time_s,
            self.frames,
            UNSURE if self.hidden_frames > frames else dominant(labels, means),
            means or None,
            None if age is None else round(age, 1),
            None if p_female is None else round(p_female, 4),
            **{name: most(counts) for name, counts in self.counted.items()},
        )

    def _add_emotion(self, probabilities: Mapping[str, float] | None) -> None:
        if probabilities is None:
            self.hidden_frames += 1
            return
        self.emotion_frames += 1
        for label, p in probabilities.items():
            self.probabilities[label] = self.probabilities.get(label, 0.0) + p


@dataclass(slots=True)
class SessionAccumulator:
    """The running session and its totals so far."""

    summary: dict[str, Any]
    labels: tuple[str, ...]
    started_s: float
    second: int = -1  # of the newest picture; none has come so far
    sums: dict[int, PersonSecondSums] = field(default_factory=dict)
    unsaved: list[Entry] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    seconds: Counter[str] = field(default_factory=Counter)
    totals: dict[str, float] = field(default_factory=dict)
    person_seconds: int = 0  # with an emotion
    counted: dict[str, Counter[str]] = field(default_factory=_counters)

    def advance(self, second: int, fps: float) -> list[Entry]:
        """Go on to a later second: the records of the one just past, and a gap if no pictures came since.

        Args:
            fps: Of the source so far; a slow one has no gaps between its pictures.
        """
        records = [one.record(person_id, self.second, self.labels) for person_id, one in sorted(self.sums.items())]
        self.sums = {}
        for record in records:
            self._count(record)
        before, self.second = self.second, second
        is_gap = second - before > max(LONGEST_WITHOUT_S, 2 / fps)
        return [*records, Gap(before + 1, second)] if is_gap else [*records]

    def keep(self, entries: Sequence[Entry]) -> None:
        """Keep what is not saved yet, as much as is bearable."""
        self.unsaved = [*self.unsaved, *entries][-MOST_UNSAVED:]

    def put_back(self, entries: Sequence[Entry]) -> None:
        """Keep what the disk has refused."""
        self.unsaved = [*entries, *self.unsaved][-MOST_UNSAVED:]

    def add(self, faces: Iterable[Mapping[str, Any]]) -> None:
        """Count the faces of a picture into the current second."""
        for face in faces:
            self.sums.setdefault(face["id"], PersonSecondSums()).add(face)

    def live(self, now_s: float) -> dict[str, Any]:
        """The totals so far, as `stats` shows them."""
        seconds = self.person_seconds
        return {
            "id": self.summary["id"],
            "name": self.summary["name"],
            "elapsed_s": round(max(0.0, now_s - self.started_s), 1),
            "persons": len(self.people | self.sums.keys()),
            "histogram": histogram(self.labels, self.seconds),
            "mean": {label: round(total / seconds, 4) for label, total in self.totals.items()},
            **{COUNTED[name]: dict(counts) for name, counts in self.counted.items()},
        }

    def _count(self, record: PersonSecond) -> None:
        self.people.add(record.person_id)
        for name, counts in self.counted.items():
            if (label := getattr(record, name)) is not None:
                counts[label] += 1
        if record.dominant is not None:
            self.seconds[record.dominant] += 1
        if record.probabilities is None:
            return
        self.person_seconds += 1
        for label, p in zip(self.labels, record.probabilities, strict=True):
            self.totals[label] = self.totals.get(label, 0.0) + p


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
