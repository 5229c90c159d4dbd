"""Read tables of labels and landmarks, join them with image files, and decode images stored as numbers."""

from __future__ import annotations

import csv
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

import cv2
import numpy as np

from app.errors import UnreadableMedia
from app.vision.capture.image_archive import iter_images
from training.samples.sample import InvalidSample, Rejection, decode_face_image, parse_each, require_content

Row = dict[str, str | None]  # cells by column; None if a row is too short
Labels = TypeVar("Labels")
Joined = TypeVar("Joined")
Parsed = TypeVar("Parsed")


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Read a CSV file that has at least `columns`, in any order.

    Raises:
        UnreadableMedia: the table cannot be read, or lacks a column.
    """
    csv.field_size_limit(max(csv.field_size_limit(), min(sys.maxsize, 2**31 - 1)))  # a damaged row may be long
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            table = csv.DictReader(file, skipinitialspace=True)
            missing = [column for column in columns if column not in (table.fieldnames or ())]
            if missing:
                raise UnreadableMedia(f"{path} has no column {', '.join(missing)}; expected {','.join(columns)}")
            yield from table
    except (OSError, csv.Error) as error:
        raise UnreadableMedia(f"{path} cannot be read ({error}); give a CSV table") from None


def parse_rows(
    path: Path, columns: Sequence[str], parse: Callable[[str, int, Row], Parsed]
) -> Iterator[Parsed | Rejection]:
    """Parse the rows of a CSV file, each with a name such as `row 7` and its number from 0; as `parse_each`."""
    rows = ((f"row {index}", (index, row)) for index, row in enumerate(read_rows(path, columns)))
    return parse_each(rows, lambda name, numbered: parse(name, *numbered))


def cell_text(row: Row, column: str) -> str:
    """A cell without surrounding spaces; empty if it is missing."""
    return (row.get(column) or "").strip()


def read_header(path: Path) -> list[str]:
    """Column names of a CSV file; empty if it cannot be read."""
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            return [name.strip() for name in file.readline(100_000).split(",")]
    except OSError:
        return []


def read_labels(path: Path, columns: Sequence[str], parse: Callable[[Row], Labels]) -> dict[str, Labels | str]:
    """Labels by file, or the reason why a file has none.

    Args:
        columns: Required columns; the first one names the file.
        parse: Converts a row; raises `InvalidSample`.
    """
    found: dict[str, Labels | str] = {}
    for index, row in enumerate(read_rows(path, columns)):
        file = cell_text(row, columns[0]).removeprefix("./") or f"row {index}"
        try:
            labels: Labels | str = parse(row)
        except InvalidSample as error:
            labels = str(error)
        found[file] = labels if found.get(file, labels) == labels else "labelled twice, differently"
    return found


def join_by_file(
    path: Path,
    labels: Mapping[str, Labels | str],
    join: Callable[[str, str, np.ndarray, Labels], Joined],
    keep_blank: bool,
    unlabelled: str = "missing label",
    unmatched: str = "labelled, but there is no such picture",
) -> Iterator[Joined | Rejection]:
    """Join the images of a folder or tar with their labels, matched by path or else by file name.

    Args:
        labels: By file: its labels, or the reason why it has none.
        join: Called with the path of the image, its key in `labels`, the image and the labels.
        unlabelled: Reason for rejecting an image that is not in `labels`.
        unmatched: Reason for rejecting labels without an image.
    """
    seen = set()

    def parse(name: str, content: bytes) -> Joined:
        key = name if name in labels else PurePosixPath(name).name
        seen.add(key)
        found = labels.get(key, unlabelled)
        if isinstance(found, str):
            raise InvalidSample(found)
        return join(name, key, decode_face_image(content, keep_blank), found)

    yield from parse_each(iter_images(path), parse)
    yield from (Rejection(file, unmatched) for file in labels if file not in seen)


def parse_gray_image(text: str, side: int, keep_blank: bool) -> np.ndarray:
    """Convert gray levels written in words to RGB uint8, shape (side, side, 3).

    Raises:
        InvalidSample: they are no such image, or it is blank and `keep_blank` is off.
    """
    words = text.split()
    if len(words) != side * side:
        raise InvalidSample("wrong pixel count")
    try:
        values = np.array(words, np.int64)
    except (ValueError, OverflowError):
        raise InvalidSample("a pixel is no number") from None
    if values.min() < 0 or values.max() > 255:
        raise InvalidSample("a pixel is out of range")
    image = cv2.cvtColor(values.astype(np.uint8).reshape(side, side), cv2.COLOR_GRAY2RGB)
    return require_content(image, keep_blank)


def load_landmarks(path: Path, names: Sequence[str], points: int) -> dict[str, np.ndarray]:
    """Load the arrays of an `.npz`, each with one row per image.

    Args:
        names: Arrays to load; `keypoints`, shape (n, points, 2) in pixels, is one of them.
        points: Number of landmarks per face.
    Raises:
        UnreadableMedia: the file is damaged, lacks an array, or has another number of landmarks.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = {name: stored[name] for name in names}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableMedia(f"{path} cannot be read ({error}); it should hold {', '.join(names)}") from None
    count = len(found["name"])
    if found["keypoints"].shape != (count, points, 2) or {len(array) for array in found.values()} != {count}:
        raise UnreadableMedia(
            f"{path} has keypoints {found['keypoints'].shape}; expected ({count}, {points}, 2), a row for every name"
        )
    return found
