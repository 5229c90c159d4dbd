"""Read uncropped images with face boxes: a folder or tar, and a table `file,x1,y1,x2,y2,ignore`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from training.datasets.readers.tables import Row, cell_text, join_by_file, read_rows
from training.samples.sample import InvalidSample, Rejection

BOXES_FILE = "scenes.csv"
POINTS_FILE = "points.csv"
BOX_COLUMNS = ("x1", "y1", "x2", "y2")
# Eye, eye, nose, mouth corner, mouth corner; the left side of the image first.
POINT_COLUMNS = ("lex", "ley", "rex", "rey", "nx", "ny", "lmx", "lmy", "rmx", "rmy")

FaceRow = tuple[float, ...]  # x1, y1, x2, y2, ignore
BoxKey = tuple[str, ...]  # file and corners, rounded


@dataclass(frozen=True, slots=True)
class Scene:
    """An uncropped image and the faces in it.

    Attributes:
        name: File, relative to its data set.
        image: RGB uint8, shape (height, width, 3).
        boxes: x1, y1, x2, y2 in pixels, float32 (n, 4).
        ignore: Faces that count neither as positive nor as negative, bool (n,).
        points: Eyes, nose and mouth corners in pixels, float32 (n, 5, 2); NaN where a face has none.
    """

    name: str
    image: np.ndarray
    boxes: np.ndarray
    ignore: np.ndarray
    points: np.ndarray


@dataclass(frozen=True, slots=True)
class Scenes:
    """The scenes of a data set, and what was skipped."""

    scenes: Sequence[Scene]
    rejected: Sequence[Rejection]


def read_scenes(data: Path, boxes: Path, points: Path | None = None) -> Scenes:
    """Read every image that the table names, with its boxes.

    Args:
        data: Folder or tar of the images.
        boxes: Table of the faces in pixels; an image without a face has one row without numbers.
        points: Table of five landmarks per face, matched by box.
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """
    rejected: list[Rejection] = []
    faces = _read_boxes(boxes, rejected)
    landmarks = _read_points(points) if points else {}

    def join(name: str, file: str, image: np.ndarray, found: Sequence[FaceRow]) -> Scene:
        return _scene(PurePosixPath(file).name, image, found, landmarks)

    unmatched = "has boxes, but there is no such picture"
    scenes: list[Scene] = []
    for one in join_by_file(data, faces, join, True, "in no row of the table of boxes", unmatched):
        (scenes if isinstance(one, Scene) else rejected).append(one)  # type: ignore[arg-type]
    return Scenes(scenes, rejected)


def _scene(file: str, image: np.ndarray, faces: Sequence[FaceRow], landmarks: Mapping[BoxKey, np.ndarray]) -> Scene:
    table = np.array(faces, np.float32).reshape(-1, 5)
    unknown = np.full((5, 2), np.nan, np.float32)
    points = [landmarks.get(_box_key(file, face[:4]), unknown) for face in faces]
    return Scene(file, image, table[:, :4], table[:, 4] > 0, np.array(points, np.float32).reshape(-1, 5, 2))


def _read_boxes(path: Path, rejected: list[Rejection]) -> dict[str, list[FaceRow]]:
    """The faces of each file; invalid rows are added to `rejected`."""
    found: dict[str, list[FaceRow]] = defaultdict(list)
    for index, row in enumerate(read_rows(path, ("file", *BOX_COLUMNS, "ignore"))):
        file = cell_text(row, "file")
        try:
            faces = _parse_face(row)
            if not file:
                raise InvalidSample("no file")
            found[file] += faces
        except InvalidSample as error:
            rejected.append(Rejection(f"{file or path.name} (row {index})", str(error)))
    return found


def _parse_face(row: Row) -> list[FaceRow]:
    """The face of a row; none if it has no box."""
    corners = [cell_text(row, name) for name in BOX_COLUMNS]
    if not any(corners):
        return []
    numbers = _numbers(corners)
    if numbers is None:
        raise InvalidSample("a corner is no number")
    if numbers[2] <= numbers[0] or numbers[3] <= numbers[1]:
        raise InvalidSample("the box has no area")
    return [(*numbers, float(cell_text(row, "ignore") not in ("", "0")))]


def _read_points(path: Path) -> dict[BoxKey, np.ndarray]:
    """Five landmarks by file and box, float32 (5, 2) in pixels; incomplete rows are skipped."""
    found = {}
    for row in read_rows(path, ("file", *BOX_COLUMNS, *POINT_COLUMNS)):
        corners = _numbers([cell_text(row, name) for name in BOX_COLUMNS])
        points = _numbers([cell_text(row, name) for name in POINT_COLUMNS])
        if corners and points:
            found[_box_key(cell_text(row, "file"), corners)] = np.array(points, np.float32).reshape(5, 2)
    return found


def _box_key(file: str, corners: Sequence[float]) -> BoxKey:
    return file, *(f"{corner:.1f}" for corner in corners)


def _numbers(words: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(one) for one in words]
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None
