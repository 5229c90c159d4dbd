"""Read Kaggle's facial keypoints: `training.csv` with 15 landmarks in 30 columns and a gray 96x96 image per row."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.datasets.readers.tables import Row, cell_text, parse_gray_image, parse_rows
from training.samples.landmark_points import LANDMARK_NAMES
from training.samples.sample import Dataset, InvalidSample, Sample

SIDE_PX = 96
COLUMNS = tuple(f"{name}_{axis}" for name in LANDMARK_NAMES for axis in "xy")


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Read every row with a valid image and at least one landmark; missing landmarks are NaN.

    Raises:
        UnreadableMedia: the table lacks a column.
    """

    def parse(name: str, index: int, row: Row) -> Sample:
        points = _parse_points(row)
        return Sample(name, parse_gray_image(row["Image"] or "", SIDE_PX, keep_blank), {}, row=index, points=points)

    return Dataset.collect(parse_rows(path, (*COLUMNS, "Image"), parse))


def _parse_points(row: Row) -> np.ndarray:
    """Landmarks in pixels, float32 (15, 2)."""
    try:
        points = np.array([float(cell_text(row, column) or "nan") for column in COLUMNS], np.float32).reshape(-1, 2)
    except ValueError:
        raise InvalidSample("a keypoint is no number") from None
    known = np.isfinite(points.sum(1))  # a point with one coordinate is unknown
    if not known.any():
        raise InvalidSample("missing keypoints")
    return np.where(known[:, None], points, np.float32(np.nan))
