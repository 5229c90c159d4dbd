"""Read Kaggle's facial keypoints: `training.csv` with 15 landmarks in 30 columns and a gray 96x96 image per row.

The set is also passed around as two files: the images in `face_images.npz`, the landmarks in `facial_keypoints.csv`.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np

from app.errors import UnreadableMedia
from training.datasets.readers.tables import Row, cell_text, parse_gray_image, parse_rows
from training.samples.landmark_points import LANDMARK_NAMES
from training.samples.sample import Dataset, InvalidSample, Sample, require_content

SIDE_PX = 96
IMAGES_FILE, POINTS_TABLE = "face_images.npz", "facial_keypoints.csv"
IMAGES_ARRAY = "face_images"  # shape (96, 96, n)
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


def read_arrays(images: Path, table: Path, keep_blank: bool = False) -> Dataset:
    """Read the set of two files, as `read`.

    Args:
        images: `.npz` with the array `face_images`, gray levels of shape (96, 96, n).
        table: CSV with the columns of the landmarks, one row an image.
    Raises:
        UnreadableMedia: a file is damaged, the table lacks a column, or there is not one row for each image.
    """
    levels = _load_levels(images)

    def parse(name: str, index: int, row: Row) -> Sample:
        if index >= len(levels):
            raise InvalidSample(f"there is no such picture in {images.name}")
        image = cv2.cvtColor(levels[index], cv2.COLOR_GRAY2RGB)
        return Sample(name, require_content(image, keep_blank), {}, row=index, points=_parse_points(row))

    return Dataset.collect(parse_rows(table, COLUMNS, parse))


def _load_levels(path: Path) -> np.ndarray:
    """Gray levels, uint8 (n, 96, 96)."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            levels = stored[IMAGES_ARRAY]
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableMedia(f"{path} cannot be read ({error}); it should hold {IMAGES_ARRAY}") from None
    if levels.ndim != 3 or levels.shape[:2] != (SIDE_PX, SIDE_PX):
        raise UnreadableMedia(f"{path} has {IMAGES_ARRAY} of {levels.shape}; expected ({SIDE_PX}, {SIDE_PX}, pictures)")
    return np.ascontiguousarray(np.moveaxis(np.clip(levels, 0, 255), -1, 0).astype(np.uint8))


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
