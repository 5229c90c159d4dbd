"""Progress of a run in one line, and its summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.analysis.batch.manifest import Outcome

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done: Finished files, also those of earlier runs.
        total: All files.
        unreadable: Of the finished ones, those that could not be read.
        finished_now: Files finished in this run.
        frames: Pictures and video frames analysed in this run, also of unfinished files.
        clock: Seconds.
    """

    done: int
    total: int
    unreadable: int
    clock: Callable[[], float]
    started_at_s: float
    finished_now: int = 0
    frames: int = 0

    @classmethod
    def start(cls, counts: tuple[int, int, int], clock: Callable[[], float]) -> Progress:
        """Progress at the start of a run, from the counts of the manifest."""
        total, done, unreadable = counts
        return cls(done, total, unreadable, clock, clock())

    @property
    def remaining(self) -> int:
        """Files that are left."""
        return self.total - self.done

    @property
    def files_per_s(self) -> float:
        """Mean rate of this run; 0 before the first file."""
        elapsed_s = self.clock() - self.started_at_s
        return self.finished_now / elapsed_s if elapsed_s > 0 else 0.0

    def count(self, outcome: Outcome) -> None:
        """Count a finished file."""
        self.done += 1
        self.finished_now += 1
        self.unreadable += outcome.reason is not None

    def line(self) -> str:
        """Such as `12,345 of 1,000,000, 214/s, 1 h 15 min left, 3 unreadable`."""
        rate = self.files_per_s
        parts = [f"{self.done:,} of {self.total:,}"]
        if rate:
            parts.append(f"{rate:.0f}/s" if rate >= 10 else f"{rate:.2g}/s")
            parts.append(f"{duration_text(self.remaining / rate)} left")
        return ", ".join([*parts, f"{self.unreadable:,} unreadable"])


@dataclass(slots=True)
class Summary:
    """What became of all files of a run.

    Attributes:
        files: All of them; `pictures` are the pictures and video frames in them.
        people: Number of people by label of the headline attribute; a person of a video counts once.
        unreadable: Number of files by reason.
    """

    headline: str
    files: int = 0
    pictures: int = 0
    faces: int = 0
    people: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> bool:
        """Whether no file at all could be read."""
        return self.files > 0 and self.unreadable.total() == self.files

    def text(self) -> str:
        """Lines for a terminal."""
        lines = [f"{self.files:,} files, {self.pictures:,} pictures and frames, {self.faces:,} faces"]
        if self.people:
            lines.append(f"People by {self.headline}: {_counts_text(self.people)}")
        if self.unreadable:
            lines.append(f"Unreadable files: {_counts_text(self.unreadable)}")
        return "\n".join(lines)


def summarize(rows: Iterable[Mapping[str, Any]], headline: str) -> Summary:
    """Sum up the rows of `Manifest.finished`."""
    summary = Summary(headline)
    for row in rows:
        summary.files += row["files"]
        summary.pictures += row["pictures"]
        summary.faces += row["faces"]
        for label, count in row["people"].items():
            summary.people[label] += count * row["files"]
        if row["reason"] is not None:
            summary.unreadable[row["reason"]] += row["files"]
    return summary


def duration_text(seconds: float) -> str:
    """Such as `45 s`, `12 min`, `1 h 15 min` or `3 d 4 h`."""
    whole = round(seconds)
    if whole < MINUTE_S:
        return f"{whole} s"
    if whole < HOUR_S:
        return f"{whole // MINUTE_S} min"
    if whole < DAY_S:
        return f"{whole // HOUR_S} h {whole % HOUR_S // MINUTE_S} min"
    return f"{whole // DAY_S} d {whole % DAY_S // HOUR_S} h"


def _counts_text(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
