"""Detect which data set lies at a path, from the names of its files."""

from __future__ import annotations

from itertools import islice
from pathlib import Path, PurePosixPath

from app.errors import UnreadableMedia
from app.vision.capture.image_archive import iter_images
from training.datasets.catalog import (
    AAF,
    EXPRESSIONS,
    FER2013,
    KEYPOINTS_TABLE,
    LANDMARKS,
    MASKS,
    UTKFACE,
    is_keypoints_table,
)
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.readers import aaf, expressions, fer2013_csv, masks, utkface, ytf68
from training.datasets.readers.tables import read_header

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
        return _from_columns(path)
    several = [name for name in DATASET_FOLDERS if path.is_dir() and (path / name).is_dir()]
    if several:
        raise UnreadableMedia(f"{path} holds {', '.join(several)}; give one of them, such as {path / several[0]}")
    return _from_tables(path) or _from_image_names(path)


def _from_columns(path: Path) -> DatasetSpec:
    if is_keypoints_table(path):
        return LANDMARKS
    if set(fer2013_csv.COLUMNS) <= set(read_header(path)):
        return FER2013
    raise UnreadableMedia(f"{path} is neither fer2013.csv nor Kaggle's training.csv of keypoints, by its columns")


def _from_tables(path: Path) -> DatasetSpec | None:
    """By the tables in a folder, or beside a tar or folder of images."""
    if path.is_dir() and (path / "fer2013.csv").is_file():
        return FER2013
    if path.is_dir() and is_keypoints_table(path / KEYPOINTS_TABLE):
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
