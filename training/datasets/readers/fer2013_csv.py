"""Read Kaggle's `fer2013.csv`: columns `emotion,pixels,Usage`, one gray image of 48x48 pixels per row."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from training.datasets.readers.tables import Row, cell_text, parse_gray_image, parse_rows
from training.samples.sample import Dataset, InvalidSample, Sample

SIDE_PX = 48
COLUMNS = ("emotion", "pixels", "Usage")
TABLE_EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # by the numbers of the table
SPLITS_BY_USAGE: Mapping[str, str] = {"Training": "train", "PublicTest": "valid", "PrivateTest": "test"}


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Read every valid row of the table; PublicTest becomes `valid`, PrivateTest `test`.

    Raises:
        UnreadableMedia: the table lacks a column.
    """

    def parse(name: str, index: int, row: Row) -> Sample:
        emotion, split = _parse_labels(row)
        image = parse_gray_image(row["pixels"] or "", SIDE_PX, keep_blank)
        return Sample(name, image, {"emotion": emotion}, split, index)

    return Dataset.collect(parse_rows(path, COLUMNS, parse))


def _parse_labels(row: Row) -> tuple[str, str]:
    """Emotion and split of a row."""
    emotion, usage = cell_text(row, "emotion"), cell_text(row, "Usage")
    if not emotion:
        raise InvalidSample("missing label")
    if emotion not in map(str, range(len(TABLE_EMOTIONS))):
        raise InvalidSample(f"unknown label {emotion[:20]!r}")
    if usage not in SPLITS_BY_USAGE:
        raise InvalidSample(f"unknown Usage {usage[:20]!r}")
    return TABLE_EMOTIONS[int(emotion)], SPLITS_BY_USAGE[usage]
