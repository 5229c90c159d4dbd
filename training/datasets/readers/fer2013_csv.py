"""Read Kaggle's `fer2013.csv`: columns `emotion,pixels,Usage`, one gray image of 48x48 pixels per row.

Kaggle's `train.csv` has no `Usage`; its rows are the first ones of `fer2013.csv`, in the same order.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.datasets.readers.tables import Row, cell_text, parse_gray_image, parse_rows, read_header
from training.samples.sample import Dataset, InvalidSample, Sample

SIDE_PX = 48
COLUMNS = ("emotion", "pixels")
USAGE = "Usage"  # optional column
TABLE_EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # by the numbers of the table
SPLITS_BY_USAGE: Mapping[str, str] = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Read every valid row of the table; PublicTest becomes `valid`, PrivateTest `test`.

    Without the column `Usage` no row has a split.

    Raises:
        UnreadableMedia: the table lacks a column.
    """

    has_usage = USAGE in read_header(path)

    def parse(name: str, index: int, row: Row) -> Sample:
        emotion, split = _parse_emotion(row), _parse_split(row) if has_usage else None
        image = parse_gray_image(row["pixels"] or "", SIDE_PX, keep_blank)
        return Sample(name, image, {"emotion": emotion}, split, index)

    return Dataset.collect(parse_rows(path, COLUMNS, parse))


def _parse_emotion(row: Row) -> str:
    emotion = cell_text(row, "emotion")
    if not emotion:
        raise InvalidSample("missing label")
    if emotion not in map(str, range(len(TABLE_EMOTIONS))):
        raise InvalidSample(f"unknown label {emotion[:20]!r}")
    return TABLE_EMOTIONS[int(emotion)]


def _parse_split(row: Row) -> str:
    usage = cell_text(row, USAGE)
    if usage not in SPLITS_BY_USAGE:
        raise InvalidSample(f"unknown Usage {usage[:20]!r}")
    return SPLITS_BY_USAGE[usage]
