"""What sets kept in tables share: rows by column, and pictures written out as numbers."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from app.errors import UnreadableMedia

# By column; None where a row is too short.
Row = dict[str, str | None]


def rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a CSV file that has at least `columns`, in any order.

    Raises:
        UnreadableMedia: the table cannot be read, or lacks a column.
    """
    csv.field_size_limit(max(csv.field_size_limit(), min(sys.maxsize, 2**31 - 1)))  # a damaged row may be long
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            missing = [column for column in columns if column not in (table.fieldnames or ())]
            if missing:
                raise UnreadableMedia(f"{path} has no column {', '.join(missing)}; expected {','.join(columns)}")
            yield from table
    except (OSError, csv.Error) as error:
        raise UnreadableMedia(f"{path} cannot be read ({error}); give a CSV table") from None


def word(row: Row, column: str) -> str:
    """A cell without spaces around it; empty where there is none."""
    return (row.get(column) or "").strip()


def header(path: Path) -> list[str]:
    """The column names in the first line of a CSV file; none where it cannot be read."""
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            return [name.strip() for name in file.readline(100_000).split(",")]
    except OSError:
        return []


def parse_gray_image(text: str, side: int) -> np.ndarray | str:
    """Gray levels in words as RGB uint8 (side, side, 3), or why they are no such picture."""
    words = text.split()
    if len(words) != side * side:
        return "wrong pixel count"
    try:
        values = np.array(words, np.int64)
    except (ValueError, OverflowError):
        return "a pixel is no number"
    if values.min() < 0 or values.max() > 255:
        return "a pixel is out of range"
    return cv2.cvtColor(values.astype(np.uint8).reshape(side, side), cv2.COLOR_GRAY2RGB)
