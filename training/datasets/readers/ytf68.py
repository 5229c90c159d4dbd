"""Read stills of YouTube Faces with 68 landmarks: a folder or tar of images and an `.npz` of points and persons."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.datasets.readers.tables import join_by_file, load_landmarks
from training.samples.landmark_points import IBUG_68, landmarks_from_ibug
from training.samples.sample import Dataset, Sample

POINTS_FILE = "ytf68_keypoints.npz"
# The landmarks lie this far to the right of the features they mark: the median over 626 stills and their mirror images
# (whose errors cancel) against YuNet's points, which agree with those of All-Age-Faces; our own network measures 1.6.
LANDMARK_OFFSET_X_PX = 1.5

PersonAndPoints = tuple[str, np.ndarray]


def read(path: Path, points: Path, keep_blank: bool = False) -> Dataset:
    """Read every image with its fifteen landmarks and its person.

    Args:
        path: Folder or tar of the images.
        points: `.npz` with `name`, `person` and `keypoints` (n, 68, 2) in pixels.
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """

    def join(name: str, file: str, image: np.ndarray, found: PersonAndPoints) -> Sample:
        return Sample(name, image, {"person": found[0]}, points=found[1])

    unmatched = "marked, but there is no such picture"
    return Dataset.collect(
        join_by_file(path, _read_landmarks(points), join, keep_blank, "missing keypoints", unmatched)
    )


def read_ibug_points(path: Path) -> dict[str, tuple[str, np.ndarray]]:
    """By file: its person and the 68 points, float32 (68, 2) in pixels, moved to the features that they mark.

    Raises:
        UnreadableMedia: the file is damaged, lacks an array, or has another number of points.
    """
    stored = load_landmarks(path, ("name", "person", "keypoints"), len(IBUG_68))
    points = stored["keypoints"].astype(np.float32) - np.array((LANDMARK_OFFSET_X_PX, 0), np.float32)
    rows = zip(stored["name"], stored["person"], points, strict=True)
    return {str(name): (str(person), marked) for name, person, marked in rows}


def _read_landmarks(path: Path) -> dict[str, PersonAndPoints | str]:
    """By file: its person and landmarks, float32 (15, 2) in pixels with NaN for unknown ones, or why it has none."""
    found = read_ibug_points(path)
    return {name: _check(person, landmarks_from_ibug(points)) for name, (person, points) in found.items()}


def _check(person: str, points: np.ndarray) -> PersonAndPoints | str:
    known = np.isfinite(points).all(-1)
    if not known.any():
        return "missing keypoints"
    points = np.where(known[:, None], points, np.float32(np.nan))
    return (person, points) if person else "missing person"
