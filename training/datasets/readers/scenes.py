"""Read whole pictures with the boxes of their faces: a folder or tar, and a table `file,x1,y1,x2,y2,ignore`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from app.vision.capture.image_archive import pictures
from training.datasets.readers.tables import Row, rows, word
from training.samples.sample import Rejection, decode_face_image

SCENES_FILE, BOXES_FILE, MARKS_FILE = "scenes.tar", "scenes.csv", "points.csv"
CORNERS = ("x1", "y1", "x2", "y2")
# Eye, eye, nose, mouth corner, mouth corner; the left side of the picture first.
MARKS = ("lex", "ley", "rex", "rey", "nx", "ny", "lmx", "lmy", "rmx", "rmy")


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and every face in it.

    Attributes:
        name: File, relative to its set.
        image: RGB uint8, shape (height, width, 3).
        boxes: Float32 (n, 4): left, top, right, bottom in pixels.
        ignore: Bool (n,): doubtful faces, which count neither for nor against.
        points: Float32 (n, 5, 2) in pixels; not a number where a face has none.
    """

    name: str
    image: np.ndarray
    boxes: np.ndarray
    ignore: np.ndarray
    points: np.ndarray


@dataclass(frozen=True, slots=True)
class Scenes:
    """Everything the reader found."""

    scenes: Sequence[Scene]
    rejected: Sequence[Rejection]


def read_scenes(data: Path, boxes: Path, points: Path | None = None) -> Scenes:
    """Every picture that the table names, with its boxes; whatever is damaged or lacks its counterpart is listed.

    Args:
        data: Folder or tar of the pictures.
        boxes: Table of the faces in pixels; a picture without a face has one row without numbers.
        points: Table of five points a face, found by its box.
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """
    rejected: list[Rejection] = []
    known = _boxes(boxes, rejected)
    marks = _marks(points) if points else {}
    scenes: list[Scene] = []
    for found in _joined(data, known, marks):
        (scenes if isinstance(found, Scene) else rejected).append(found)  # type: ignore[arg-type]
    return Scenes(scenes, rejected)


def _joined(
    data: Path, known: Mapping[str, list[tuple[float, ...]]], marks: Mapping[tuple[str, ...], np.ndarray]
) -> Iterator[Scene | Rejection]:
    seen = set()
    for name, content in pictures(data):
        file = PurePosixPath(name).name
        image = decode_face_image(content, keep_blank=True)
        if file not in known:
            yield Rejection(name, "in no row of the table of boxes")
        elif isinstance(image, str):
            yield Rejection(name, image)
        else:
            yield _scene(file, image, known[file], marks)
        seen.add(file)
    yield from (Rejection(file, "has boxes, but there is no such picture") for file in known if file not in seen)


def _scene(
    file: str, image: np.ndarray, faces: Sequence[tuple[float, ...]], marks: Mapping[tuple[str, ...], np.ndarray]
) -> Scene:
    table = np.array(faces, np.float32).reshape(-1, 5)
    unknown = np.full((5, 2), np.nan, np.float32)
    points = [marks.get(_key(file, face[:4]), unknown) for face in faces]
    return Scene(file, image, table[:, :4], table[:, 4] > 0, np.array(points, np.float32).reshape(-1, 5, 2))


def _boxes(path: Path, rejected: list[Rejection]) -> dict[str, list[tuple[float, ...]]]:
    """By file: left, top, right, bottom, and 1 where a face is to be ignored."""
    found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for index, row in enumerate(rows(path, ("file", *CORNERS, "ignore"))):
        file = word(row, "file")
        face = _face(row)
        if not file or isinstance(face, str):
            rejected.append(
                Rejection(f"{file or path.name} (row {index})", face if isinstance(face, str) else "no file")
            )
        elif face:
            found[file].append(face)
        else:
            found[file]  # a picture without a face is known all the same
    return found


def _face(row: Row) -> tuple[float, ...] | str:
    """The numbers of a row, none where it has no box, or why they are none."""
    corners = [word(row, name) for name in CORNERS]
    if not any(corners):
        return ()
    numbers = _numbers(corners)
    if numbers is None:
        return "a corner is no number"
    if numbers[2] <= numbers[0] or numbers[3] <= numbers[1]:
        return "the box has no area"
    return *numbers, float(word(row, "ignore") not in ("", "0"))


def _marks(path: Path) -> dict[tuple[str, ...], np.ndarray]:
    """Five points (5, 2) by file and corners; rows that lack a number are left out."""
    found = {}
    for row in rows(path, ("file", *CORNERS, *MARKS)):
        corners = _numbers([word(row, name) for name in CORNERS])
        marks = _numbers([word(row, name) for name in MARKS])
        if corners and marks:
            found[_key(word(row, "file"), corners)] = np.array(marks, np.float32).reshape(5, 2)
    return found


def _key(file: str, corners: Sequence[float]) -> tuple[str, ...]:
    return file, *(f"{corner:.1f}" for corner in corners)


def _numbers(words: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(one) for one in words]
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None
