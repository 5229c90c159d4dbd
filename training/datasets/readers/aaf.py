"""Read All-Age-Faces: a folder or tar of images, ages and sexes in `aaf_labels.csv`, landmarks beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from training.datasets.readers.tables import Row, cell_text, join_by_file, load_landmarks, read_labels
from training.samples.framing import AAF_FRAMING
from training.samples.labels import MAX_AGE_YEARS, SEXES
from training.samples.landmark_points import IBUG_49, landmarks_from_ibug
from training.samples.sample import Dataset, InvalidSample, Sample

LABELS_FILE = "aaf_labels.csv"
POINTS_FILE = "aaf_keypoints49.npz"
COLUMNS = ("file", "age", "sex")

Labels = Mapping[str, str | float]


def read(path: Path, labels: Path, points: Path | None = None, keep_blank: bool = False) -> Dataset:
    """Read every image with an age and a sex.

    Args:
        path: Folder or tar of the images.
        labels: Table `file,age,sex`, the sex in words.
        points: `.npz` of 49 automatically detected landmarks.
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """
    landmarks = _read_landmarks(points) if points else {}

    def join(name: str, file: str, image: np.ndarray, found: Labels) -> Sample:
        return Sample(name, image, found, points=landmarks.get(file), framing=AAF_FRAMING)

    return Dataset.collect(join_by_file(path, read_labels(labels, COLUMNS, _parse_labels), join, keep_blank))


def _parse_labels(row: Row) -> Labels:
    age, sex = cell_text(row, "age"), cell_text(row, "sex").lower()
    if not age or not sex:
        raise InvalidSample("missing label")
    if sex not in SEXES:
        raise InvalidSample(f"unknown sex {sex[:20]!r}")
    if not age.isdecimal() or int(age) > MAX_AGE_YEARS:
        raise InvalidSample(f"unknown age {age[:20]!r}")
    return {"age": float(age), "sex": sex}


def _read_landmarks(path: Path) -> dict[str, np.ndarray]:
    """Landmarks by file, float32 (15, 2) in pixels, NaN where one is unknown."""
    stored = load_landmarks(path, ("name", "keypoints"), len(IBUG_49))
    landmarks = landmarks_from_ibug(stored["keypoints"].astype(np.float32), IBUG_49)
    known = np.isfinite(landmarks).all(-1)
    landmarks = np.where(known[..., None], landmarks, np.float32(np.nan))
    rows = zip(stored["name"], landmarks, known.any(1), strict=True)
    return {str(name): points for name, points, marked in rows if marked}
