"""Tell which set lies at a path, from the names of what is there."""

from __future__ import annotations

from itertools import islice
from pathlib import Path, PurePosixPath

from app.errors import UnreadableMedia
from app.vision.capture.image_archive import pictures
from training.datasets.catalog import AAF, KEYPOINTS_TABLE, LANDMARKS, MASKS, is_keypoints_table
from training.datasets.dataset_spec import FER2013, UTKFACE, DatasetSpec
from training.datasets.readers import aaf, masks, utkface, ytf68
from training.datasets.readers.fer2013_csv import COLUMNS
from training.datasets.readers.tables import header

FOLDERS = ("fer2013", "utkface", "aaf", "ytf68", "masks")
PEEKED = 20  # names looked at


def detect_format(path: Path) -> DatasetSpec:
    """The set at `path`.

    Raises:
        UnreadableMedia: there is nothing, several sets, or none that is known.
    """
    if not path.exists():
        raise UnreadableMedia(f"there is no {path}; give a folder, a tar or a table")
    if path.suffix.lower() == ".csv":
        return _of_table(path)
    several = [name for name in FOLDERS if path.is_dir() and (path / name).is_dir()]
    if several:
        raise UnreadableMedia(f"{path} holds {', '.join(several)}; give one of them, such as {path / several[0]}")
    return _by_company(path) or _by_names(path)


def _of_table(path: Path) -> DatasetSpec:
    if is_keypoints_table(path):
        return LANDMARKS
    if set(COLUMNS) <= set(header(path)):
        return FER2013
    raise UnreadableMedia(f"{path} is neither fer2013.csv nor Kaggle's training.csv of keypoints, by its columns")


def _by_company(path: Path) -> DatasetSpec | None:
    """By the tables in a folder, or beside a tar or folder of pictures."""
    if path.is_dir() and (path / "fer2013.csv").is_file():
        return FER2013
    if path.is_dir() and is_keypoints_table(path / KEYPOINTS_TABLE):
        return LANDMARKS
    for folder in (path, path.parent):
        if (folder / aaf.LABELS_FILE).is_file():
            return AAF
        if (folder / ytf68.POINTS_FILE).is_file():
            return LANDMARKS
        if (folder / masks.LABELS_FILE).is_file():
            return MASKS
    return None


def _by_names(path: Path) -> DatasetSpec:
    # A folder may hold its pictures in a tar.
    sources = [path] if path.is_file() else [path, *sorted(path.glob("*.tar")), *sorted(path.glob("*.tar.gz"))]
    names = [name for source in sources for name, _ in islice(pictures(source), PEEKED)]
    if not names:
        raise UnreadableMedia(f"{path} holds no picture; give the folder, tar or table of a set")
    regular = [name for name in names if utkface.is_regular(PurePosixPath(name).name)]
    return UTKFACE if regular else FER2013
