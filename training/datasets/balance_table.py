"""The table `balance.csv` of `explore`, by which `train` draws: the class, the weight and what undersampling keeps."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.errors import SettingsError, UnreadableMedia
from training.datasets.readers.tables import cell_text, read_rows

COLUMNS = ("name", "class", "kept", "weight")


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """How often a picture is drawn (0: never), and whether undersampling keeps it."""

    weight: float
    kept: bool


def write_balance(
    file: Path, names: Sequence[str], classes: Sequence[str | None], kept: Sequence[int], weights: np.ndarray
) -> None:
    """Write a row for every picture; one of no chosen class has an empty class and the weight 0."""
    chosen = set(kept)
    with file.open("w", newline="", encoding="utf-8") as table:
        writer = csv.writer(table)
        writer.writerow(COLUMNS)
        for index, (name, label, weight) in enumerate(zip(names, classes, weights, strict=True)):
            writer.writerow((name, label or "", int(index in chosen), f"{weight:.6g}"))


def read_balance(file: Path) -> Mapping[str, BalanceRow]:
    """The rows by the name of the picture.

    Raises:
        UnreadableMedia: the file is missing, or is no such table.
    """
    try:
        return {
            cell_text(row, "name"): BalanceRow(float(cell_text(row, "weight")), cell_text(row, "kept") == "1")
            for row in read_rows(file, COLUMNS)
        }
    except ValueError:
        raise UnreadableMedia(f"{file} has a weight that is no number; write it with explore --balance") from None


def rows_of(names: Sequence[str], table: Mapping[str, BalanceRow], file: Path) -> list[BalanceRow | None]:
    """The row of each picture, also where the name of its set stands before its own; None where there is none.

    Raises:
        SettingsError: there is none of any.
    """
    found = [table.get(name) or table.get(name.partition("/")[2]) for name in names]
    if not any(found):
        raise SettingsError(f"{file} names none of the training pictures; write it with explore of the same set")
    return found
