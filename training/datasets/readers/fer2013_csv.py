"""Read Kaggle's `fer2013.csv`: `emotion,pixels,Usage`, a 48x48 gray picture a row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.datasets.readers.tables import Row, parse_gray_image, rows, word
from training.samples.sample import Dataset, Rejection, Sample, is_blank

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
    return Dataset.collect(_sample(index, row, keep_blank) for index, row in enumerate(rows(path, COLUMNS)))


def _sample(index: int, row: Row, keep_blank: bool) -> Sample | Rejection:
    name = f"row {index}"
    emotion, usage = word(row, "emotion"), word(row, "Usage")
    if not emotion:
        return Rejection(name, "missing label")
    if emotion not in map(str, range(len(EMOTIONS))):
        return Rejection(name, f"unknown label {emotion[:20]!r}")
    if usage not in USAGES:
        return Rejection(name, f"unknown Usage {usage[:20]!r}")
    image = parse_gray_image(row["pixels"] or "", SIDE)
    if isinstance(image, str):
        return Rejection(name, image)
    if is_blank(image) and not keep_blank:
        return Rejection(name, "blank picture")
    return Sample(name, image, {"emotion": EMOTIONS[int(emotion)]}, USAGES[usage], index)
