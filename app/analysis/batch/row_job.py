"""What the workers of the command do: read a file, analyse it and return its rows as bytes."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.analysis.analyzer import Analyzer
from app.analysis.batch.manifest import Outcome
from app.analysis.batch.output_formats import Encode, encoder
from app.analysis.results import Result
from app.attributes.estimate import ClassEstimate
from app.settings import Settings

# Video frames whose rows travel together.
CHUNK_FRAMES = 32
# Rows travel at least this often, as a sign of life.
CHUNK_PERIOD_S = 1.0
# Reasons that may be gone at the next run.
PASSING_REASONS = frozenset({"network", "missing"})


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Rows of a file.

    Attributes:
        rows: Whole lines of the output.
        pictures: Pictures and video frames in them.
        outcome: What became of the file, with its last rows; None before.
    """

    rows: bytes
    pictures: int = 0
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class RowJob:
    """Analyses files; a task is a path or address."""

    settings: Settings
    format: str
    crops: bool = False
    every_s: float | None = None

    def build(self) -> Callable[[str], Iterator[RowChunk]]:
        """Load the models."""
        analyzer = Analyzer(self.settings, self.crops)
        encode = encoder(self.format, analyzer.attributes)

        headline = analyzer.attributes.headline.name
        return lambda path: chunks(analyzer.results(path, every_s=self.every_s), encode, headline)


def chunks(
    results: Iterator[Result], encode: Encode, headline: str, clock: Callable[[], float] = time.monotonic
) -> Iterator[RowChunk]:
    """The rows of the results of one file, as they come: a worker that gives nothing for long counts as hanging."""
    tally, lines, sent, sent_at_s = _Tally(headline), list[bytes](), 0, clock()
    for result in results:
        tally.add(result)
        lines.append(encode(result))
        if len(lines) == CHUNK_FRAMES or clock() - sent_at_s >= CHUNK_PERIOD_S:
            yield RowChunk(b"".join(lines), tally.pictures - sent)
            lines, sent, sent_at_s = [], tally.pictures, clock()
    yield RowChunk(b"".join(lines), tally.pictures - sent, tally.outcome())


@dataclass(slots=True)
class _Tally:
    """Counts the faces and people of one file."""

    headline: str
    pictures: int = 0
    faces: int = 0
    reason: str | None = None
    labels: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, result: Result) -> None:
        if result.error is not None:
            self.reason = result.reason
            return
        self.pictures += 1
        self.faces += len(result.faces)
        for face in result.faces:
            estimate = face.estimates.get(self.headline)
            if isinstance(estimate, ClassEstimate) and estimate.label is not None:
                self.labels[face.id][estimate.label] += 1

    def outcome(self) -> Outcome:
        """A person of a video counts once, with the most frequent label."""
        people = Counter(labels.most_common(1)[0][0] for labels in self.labels.values())
        return Outcome(self.pictures, self.faces, dict(people), self.reason, self.reason in PASSING_REASONS)
