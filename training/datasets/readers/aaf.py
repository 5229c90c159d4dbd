"""Read All-Age-Faces: a folder or tar of pictures, ages and sexes in `aaf_labels.csv`, landmarks beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from app.vision.capture.image_archive import pictures
from training.datasets.readers.landmark_files import arrays
from training.datasets.readers.tables import rows, word
from training.datasets.readers.utkface import OLDEST, SEXES
from training.samples.framing import AAF_FRAMING
from training.samples.landmark_points import IBUG_49, landmarks_from_ibug
from training.samples.sample import Dataset, Rejection, Sample, decode_face_image

LABELS_FILE, POINTS_FILE = "aaf_labels.csv", "aaf_keypoints49.npz"
COLUMNS = ("file", "age", "sex")


def read(path: Path, labels: Path, points: Path | None = None, keep_blank: bool = False) -> Dataset:
    """Every picture with an age and a sex; whatever lacks its counterpart is listed as rejected.

    Args:
        path: Folder or tar of the pictures.
        labels: Table `file,age,sex`, the sex in words.
        points: The 49 machine-made landmarks; None reads none.
        keep_blank: Take pictures of a single tone too (scoring drops none).
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """
    marks = _marks(points) if points else {}
    return Dataset.collect(_joined(path, _labels(labels), marks, keep_blank))


def _labels(path: Path) -> dict[str, Mapping[str, str | float] | str]:
    """By file, its labels, or why it has none."""
    found: dict[str, Mapping[str, str | float] | str] = {}
    for index, row in enumerate(rows(path, COLUMNS)):
        file, labels = word(row, "file") or f"row {index}", _label(word(row, "age"), word(row, "sex").lower())
        found[file] = labels if found.get(file, labels) == labels else "labelled twice, differently"
    return found


def _label(age: str, sex: str) -> Mapping[str, str | float] | str:
    if not age or not sex:
        return "missing label"
    if sex not in SEXES:
        return f"unknown sex {sex[:20]!r}"
    if not age.isdecimal() or int(age) > OLDEST:
        return f"unknown age {age[:20]!r}"
    return {"age": float(age), "sex": sex}


def _joined(
    path: Path, labels: Mapping[str, Mapping[str, str | float] | str], marks: Mapping[str, np.ndarray], keep_blank: bool
) -> Iterator[Sample | Rejection]:
    seen = set()
    for name, data in pictures(path):
        file = PurePosixPath(name).name
        seen.add(file)
        label = labels.get(file, "missing label")
        image = decode_face_image(data, keep_blank)
        if isinstance(label, str) or isinstance(image, str):
            yield Rejection(name, label if isinstance(label, str) else str(image))
        else:
            yield Sample(name, image, label, points=marks.get(file), framing=AAF_FRAMING)
    yield from (Rejection(file, "labelled, but there is no such picture") for file in labels if file not in seen)


def _marks(path: Path) -> dict[str, np.ndarray]:
    """The fifteen points by file, float32 (15, 2) in pixels; faces with unknown points are left without."""
    stored = arrays(path, ("name", "keypoints"), len(IBUG_49))
    fifteen = landmarks_from_ibug(stored["keypoints"].astype(np.float32), IBUG_49)
    known = np.isfinite(fifteen).all((1, 2))
    return {str(name): points for name, points, sound in zip(stored["name"], fifteen, known, strict=True) if sound}
