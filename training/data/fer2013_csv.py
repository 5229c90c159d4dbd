"""Read Kaggle's `fer2013.csv`: `emotion,pixels,Usage`, a 48x48 gray picture a row."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np

from app.errors import UnreadableMedia
from training.data.sample import Dataset, Rejected, Sample, is_blank

SIDE = 48
COLUMNS = ("emotion", "pixels", "Usage")
# The table's numbers, in its own order.
EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
USAGES: Mapping[str, str] = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Every sound row of the table; PublicTest is `valid`, PrivateTest `test`.

    Args:
        keep_blank: Take pictures of a single tone too (scoring drops none).
    Raises:
        UnreadableMedia: the table lacks a column.
    """
    return Dataset.collect(_sample(index, row, keep_blank) for index, row in enumerate(_rows(path)))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(max(csv.field_size_limit(), min(sys.maxsize, 2**31 - 1)))  # a damaged row may be long
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        table = csv.DictReader(file, skipinitialspace=True)
        missing = [column for column in COLUMNS if column not in (table.fieldnames or ())]
        if missing:
            raise UnreadableMedia(f"{path} has no column {', '.join(missing)}; expected emotion,pixels,Usage")
        yield from table


def _sample(index: int, row: Mapping[str, str | None], keep_blank: bool) -> Sample | Rejected:
    name = f"row {index}"
    emotion, usage = (row["emotion"] or "").strip(), (row["Usage"] or "").strip()
    if not emotion:
        return Rejected(name, "missing label")
    if emotion not in map(str, range(len(EMOTIONS))):
        return Rejected(name, f"unknown label {emotion[:20]!r}")
    if usage not in USAGES:
        return Rejected(name, f"unknown Usage {usage[:20]!r}")
    image = _image(row["pixels"] or "")
    if isinstance(image, str):
        return Rejected(name, image)
    if is_blank(image) and not keep_blank:
        return Rejected(name, "blank picture")
    return Sample(name, image, {"emotion": EMOTIONS[int(emotion)]}, USAGES[usage], index)


def _image(text: str) -> np.ndarray | str:
    """RGB uint8 (48, 48, 3), or why the row holds none."""
    words = text.split()
    if len(words) != SIDE * SIDE:
        return "wrong pixel count"
    try:
        values = np.array(words, np.int64)
    except (ValueError, OverflowError):
        return "a pixel is no number"
    if values.min() < 0 or values.max() > 255:
        return "a pixel is out of range"
    return cv2.cvtColor(values.astype(np.uint8).reshape(SIDE, SIDE), cv2.COLOR_GRAY2RGB)
