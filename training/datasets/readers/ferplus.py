"""Read FER+ votes (Barsoum et al. 2016): ten annotators' choices for every row of FER2013."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.datasets.readers.tables import Row, cell_text, read_header, read_rows
from training.samples.sample import InvalidSample, Rejection

CHOICES = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Votes:
    """Fraction of the votes by choice, float32 (10,), by row of FER2013; and the rows that were skipped."""

    fractions: Mapping[int, np.ndarray]
    rejected: Sequence[Rejection]


def read(path: Path) -> Votes:
    """Read a table of `row` and the ten choices, or the original `fer2013new.csv`, whose rows follow FER2013.

    Raises:
        UnreadableMedia: the table lacks a column.
    """
    fractions: dict[int, np.ndarray] = {}
    rejected: list[Rejection] = []
    for number, row in _numbered_rows(path):
        try:
            if not number.isdecimal():
                raise InvalidSample("its row number is missing")
            fractions[int(number)] = _vote_fractions(row)
        except InvalidSample as error:
            rejected.append(Rejection(f"{path.name} row {number}", str(error)))
    return Votes(fractions, rejected)


def _numbered_rows(path: Path) -> Iterator[tuple[str, Row]]:
    """Rows with their row number in FER2013, or with a description of their place if the number is missing."""
    numbered = "row" in read_header(path)
    for index, row in enumerate(read_rows(path, (("row", *CHOICES) if numbered else CHOICES))):
        number = cell_text(row, "row") if numbered else str(index)
        yield (number if number.isdecimal() else f"after {index} others"), row


def _vote_fractions(row: Row) -> np.ndarray:
    try:
        counts = np.array([float(cell_text(row, choice)) for choice in CHOICES])
    except ValueError:
        raise InvalidSample("a vote is missing or no number") from None
    if not (np.isfinite(counts) & (counts >= 0)).all():
        raise InvalidSample("a vote is missing or no number")
    if counts.sum() == 0:
        raise InvalidSample("nobody voted")
    return (counts / counts.sum()).astype(np.float32)
