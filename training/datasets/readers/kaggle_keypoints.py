"""Read Kaggle's facial keypoints: `training.csv`, fifteen points in thirty columns and a 96x96 gray picture a row."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.datasets.readers.tables import Row, parse_gray_image, rows, word
from training.samples.landmark_points import LANDMARK_NAMES
from training.samples.sample import Dataset, Rejection, Sample, is_blank

SIDE = 96
COLUMNS = tuple(f"{name}_{axis}" for name in LANDMARK_NAMES for axis in "xy")


def read(path: Path, keep_blank: bool = False) -> Dataset:
    """Every row with a sound picture and at least one point; the points that it lacks are NaN.

    Args:
        keep_blank: Take pictures of a single tone too (scoring drops none).
    Raises:
        UnreadableMedia: the table lacks a column.
    """
    table = rows(path, (*COLUMNS, "Image"))
    return Dataset.collect(_sample(index, row, keep_blank) for index, row in enumerate(table))


def _sample(index: int, row: Row, keep_blank: bool) -> Sample | Rejection:
    name = f"row {index}"
    points = _points(row)
    if isinstance(points, str):
        return Rejection(name, points)
    image = parse_gray_image(row["Image"] or "", SIDE)
    if isinstance(image, str):
        return Rejection(name, image)
    if is_blank(image) and not keep_blank:
        return Rejection(name, "blank picture")
    return Sample(name, image, {}, row=index, points=points)


def _points(row: Row) -> np.ndarray | str:
    """Pixels, float32 (15, 2), or why the row has none."""
    try:
        points = np.array([float(word(row, column) or "nan") for column in COLUMNS], np.float32).reshape(-1, 2)
    except ValueError:
        return "a keypoint is no number"
    known = np.isfinite(points.sum(1))  # half a point is none
    return np.where(known[:, None], points, np.float32(np.nan)) if known.any() else "missing keypoints"
