"""Tables of reports whose cells are shaded by their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

CORRECT, ERROR = "", "error"  # grey and coloured
FEW, WORST = "few", "worst"  # faded and framed
WEAKEST, STRONGEST = 0.1, 0.7  # shading of the worst and the best value of a row, 0 to 1
# Shares below 1 are raised, so that rare confusions can be seen.
CONFUSION_EXPONENT = 0.7


@dataclass(frozen=True, slots=True)
class ShadedTable:
    """Rows of cells by name, for the macro `shaded_table`; None leaves a cell empty."""

    columns: Sequence[str]
    rows: Mapping[str, Sequence[Cell | None]]
    corner: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a shaded table.

    Attributes:
        strength: How strongly the cell is shaded, 0 to 1.
        detail: Small text below the value.
        kinds: Any of `ERROR`, `FEW` and `WORST`, separated by spaces.
    """

    text: str
    strength: float
    detail: str = ""
    tooltip: str = ""
    kinds: str = CORRECT


def shading(value: float, values: Sequence[float], higher_is_better: bool) -> float:
    """Return the shading of one of a row's values: the better, the stronger; the weakest where there is no other."""
    low, high = min(values), max(values)
    if high == low:
        return WEAKEST
    rank = (value - low) / (high - low)
    return WEAKEST + (STRONGEST - WEAKEST) * (rank if higher_is_better else 1 - rank)


def confusion_table(labels: Sequence[str], counts: np.ndarray) -> ShadedTable:
    """Shade a confusion matrix of images by true label (rows) and predicted one (columns), int (labels, labels)."""
    rows = {
        f"{true} ({counts[row].sum():,})": [
            _confusion_cell(true, predicted, int(counts[row, column]), max(1, int(counts[row].sum())))
            for column, predicted in enumerate(labels)
        ]
        for row, true in enumerate(labels)
    }
    return ShadedTable(labels, rows, "label / predicted")


def _confusion_cell(true: str, predicted: str, count: int, images: int) -> Cell:
    strength = (count / images) ** CONFUSION_EXPONENT
    text = f"{count:,} of {true} predicted as {predicted}"
    return Cell(f"{count / images:.0%}", strength, f"{count:,}", text, CORRECT if true == predicted else ERROR)
