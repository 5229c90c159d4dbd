"""Read stills of YouTube Faces with 68 landmarks: a folder or tar of pictures and an `.npz` of points and persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from app.vision.capture.image_archive import pictures
from training.datasets.readers.landmark_files import arrays
from training.samples.landmark_points import IBUG_68, landmarks_from_ibug
from training.samples.sample import Dataset, Rejection, Sample, decode_face_image

POINTS_FILE = "ytf68_keypoints.npz"
# Pixels that the marks lie to the right of what they mark: the median over 626 stills and their mirrored copies, whose
# errors would cancel, against YuNet's points, which agree with All-Age-Faces' marks; our own network says 1.6.
MARKS_TO_THE_RIGHT = 1.5


def read(path: Path, points: Path, keep_blank: bool = False) -> Dataset:
    """Every picture with its fifteen points and its person; whatever lacks its counterpart is listed as rejected.

    Args:
        path: Folder or tar of the pictures.
        points: `.npz` with `name`, `person` and `keypoints` (n, 68, 2) in pixels.
        keep_blank: Take pictures of a single tone too (scoring drops none).
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """
    stored = arrays(points, ("name", "person", "keypoints"), len(IBUG_68))
    fifteen = landmarks_from_ibug(stored["keypoints"].astype(np.float32)) - np.array(
        (MARKS_TO_THE_RIGHT, 0), np.float32
    )
    rows = zip(stored["name"], stored["person"], fifteen, strict=True)
    return Dataset.collect(_joined(path, {str(name): (str(who), marks) for name, who, marks in rows}, keep_blank))


def _joined(path: Path, known: Mapping[str, tuple[str, np.ndarray]], keep_blank: bool) -> Iterator[Sample | Rejection]:
    seen = set()
    for name, data in pictures(path):
        file = PurePosixPath(name).name
        seen.add(file)
        yield _sample(name, data, known.get(file), keep_blank)
    yield from (Rejection(file, "marked, but there is no such picture") for file in known if file not in seen)


def _sample(name: str, data: bytes, known: tuple[str, np.ndarray] | None, keep_blank: bool) -> Sample | Rejection:
    if known is None or not np.isfinite(known[1]).all():
        return Rejection(name, "missing keypoints")
    person, points = known
    if not person:
        return Rejection(name, "missing person")
    image = decode_face_image(data, keep_blank)
    if isinstance(image, str):
        return Rejection(name, image)
    return Sample(name, image, {"person": person}, points=points)
