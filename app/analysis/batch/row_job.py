"""What the workers of the command do: read a file, analyse it and return its rows as bytes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from app.analysis.analyzer import Analyzer
from app.analysis.batch.manifest import Outcome
from app.analysis.batch.output_formats import Encode, encoder
from app.analysis.results import Result
from app.attributes.estimate import ClassEstimate
from app.settings import Settings

# Video frames whose rows travel together.
CHUNK_FRAMES = 32
# Reasons that may be gone at the next run.
PASSING_REASONS = frozenset({"network", "missing"})


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Rows of a file.

    Attributes:
        rows: Whole lines of the output.
        outcome: What became of the file, with its last rows; None before.
    """

    rows: bytes
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


def chunks(results: Iterator[Result], encode: Encode, headline: str) -> Iterator[RowChunk]:
    """The rows of the results of one file."""
    tally = _Tally(headline)
    while group := list(islice(results, CHUNK_FRAMES)):
        for result in group:
            tally.add(result)
        is_last = len(group) < CHUNK_FRAMES
        yield RowChunk(b"".join(map(encode, group)), tally.outcome() if is_last else None)
        if is_last:
            return
    yield RowChunk(b"", tally.outcome())


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
