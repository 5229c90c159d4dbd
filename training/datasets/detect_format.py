"""Detect which data set lies at a path, from the names of its files."""

from __future__ import annotations

from itertools import islice
from pathlib import Path, PurePosixPath

from app.errors import UnreadableMedia
from app.vision.capture.image_archive import iter_images
from training.datasets.catalog import (
    AAF,
    EXPRESSIONS,
    KEYPOINTS_TABLE,
    LANDMARKS,
    MASKS,
    UTKFACE,
    has_keypoint_arrays,
    is_keypoints_table,
)
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.fer2013 import FER2013, TABLES, is_emotion_table
from training.datasets.readers import aaf, expressions, masks, utkface, ytf68

DATASET_FOLDERS = ("fer2013", "expressions", "utkface", "aaf", "ytf68", "masks")
MAX_NAMES = 20  # file names to look at
SPEC_BY_FILE = {
    aaf.LABELS_FILE: AAF,
    ytf68.POINTS_FILE: LANDMARKS,
    masks.LABELS_FILE: MASKS,
    expressions.LABELS_FILE: EXPRESSIONS,
}


def detect_format(path: Path) -> DatasetSpec:
    """The data set at `path`.

    Raises:
        UnreadableMedia: there is nothing, several data sets, or none that is known.
    """
    if not path.exists():
        raise UnreadableMedia(f"there is no {path}; give a folder, a tar or a table")
    if path.suffix.lower() == ".csv":
        return _from_columns(path).at(path)
    several = [name for name in DATASET_FOLDERS if path.is_dir() and (path / name).is_dir()]
    if several:
        raise UnreadableMedia(f"{path} holds {', '.join(several)}; give one of them, such as {path / several[0]}")
    return (_from_tables(path) or _from_image_names(path)).at(path)


def _from_columns(path: Path) -> DatasetSpec:
    if is_keypoints_table(path):
        return LANDMARKS
    if is_emotion_table(path):
        return FER2013
    raise UnreadableMedia(
        f"{path} has neither the columns of fer2013.csv or Kaggle's train.csv of emotions nor those of training.csv of "
        "keypoints; give another table"
    )


def _from_tables(path: Path) -> DatasetSpec | None:
    """By the tables in a folder, or beside a tar or folder of images."""
    if path.is_dir() and any(is_emotion_table(path / name) for name in TABLES):
        return FER2013
    if path.is_dir() and (is_keypoints_table(path / KEYPOINTS_TABLE) or has_keypoint_arrays(path)):
        return LANDMARKS
    found = (spec for folder in (path, path.parent) for file, spec in SPEC_BY_FILE.items() if (folder / file).is_file())
    return next(found, None)


def _from_image_names(path: Path) -> DatasetSpec:
    # A folder may hold its images in a tar.
    sources = [path] if path.is_file() else [path, *sorted(path.glob("*.tar")), *sorted(path.glob("*.tar.gz"))]
    names = [name for source in sources for name, _ in islice(iter_images(source), MAX_NAMES)]
    if not names:
        raise UnreadableMedia(f"{path} holds no picture; give the folder, tar or table of a set")
    return UTKFACE if any(utkface.is_utkface_name(PurePosixPath(name).name) for name in names) else FER2013
