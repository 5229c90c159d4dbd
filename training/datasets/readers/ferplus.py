"""Read FER+ votes: ten annotators' choices for every row of FER2013."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.datasets.readers.tables import Row, header, rows, word
from training.samples.sample import Rejection

CHOICES = (
    "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Votes:
    """Shares of the choices by row of FER2013, float32 (10,), and the rows that had to be left out."""

    shares: Mapping[int, np.ndarray]
    rejected: Sequence[Rejection]


def read(path: Path) -> Votes:
    """A table of `row` and the ten choices, or FER+'s own `fer2013new.csv`, whose rows are in FER2013's order.

    Raises:
        UnreadableMedia: the table lacks a column.
    """
    shares: dict[int, np.ndarray] = {}
    rejected: list[Rejection] = []
    for row, found in _found(path):
        if isinstance(found, str):
            rejected.append(Rejection(f"{path.name} row {row}", found))
        else:
            shares[int(row)] = found
    return Votes(shares, rejected)


def _found(path: Path) -> Iterator[tuple[str, np.ndarray | str]]:
    numbered = "row" in header(path)
    for index, row in enumerate(rows(path, (("row", *CHOICES) if numbered else CHOICES))):
        number = word(row, "row") if numbered else str(index)
        if number.isdecimal():
            yield number, _shares(row)
        else:
            yield f"after {index} others", "its row number is missing"


def _shares(row: Row) -> np.ndarray | str:
    try:
        counts = np.array([float(word(row, choice)) for choice in CHOICES])
    except ValueError:
        return "a vote is missing or no number"
    if not (np.isfinite(counts) & (counts >= 0)).all():
        return "a vote is missing or no number"
    return (counts / counts.sum()).astype(np.float32) if counts.sum() > 0 else "nobody voted"
