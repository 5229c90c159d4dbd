"""Landmark distances of happy and sad faces, from which the app's chapter on training learns."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.errors import SettingsError
from app.learn.base.landmark_features import FEATURES, landmark_features
from training.datasets.detect_format import detect_format
from training.samples.framing import fer2013_patch
from training.samples.sample import Sample
from training.transforms.alignment import FaceAligner

LABELS = ("sad", "happy")
# Faces of each label in each part: enough for a curve that is not all noise, and a file of 80 kB.
FACES = {"train": 300, "valid": 200}
SEED = 1
DIGITS = 3


def write_lesson_features(data: Path, models: Path, out: Path) -> int:
    """Write the features of random faces of the training split of an emotion set; returns their number.

    Raises:
        SettingsError: the set has too few faces of a label.
    """
    dataset = detect_format(data).read(data, False)
    aligner, random = FaceAligner(models), np.random.default_rng(SEED)
    rows: list[list[object]] = []
    for label in LABELS:
        samples = [one for one in dataset.samples if one.labels.get("emotion") == label and one.split == "train"]
        found = _features([samples[index] for index in random.permutation(len(samples))], aligner)
        parts = [part for part, count in FACES.items() for _ in range(count)]
        if len(found) < len(parts):
            raise SettingsError(f"{data} has {len(found)} {label} faces with landmarks; give a set with {len(parts)}")
        rows += [[part, label, *values] for part, values in zip(parts, found, strict=True)]
    with out.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([["part", "label", *FEATURES], *rows])
    return len(rows)


def _features(samples: Sequence[Sample], aligner: FaceAligner) -> list[list[float]]:
    """The features of the first faces whose landmarks are found."""
    found: list[list[float]] = []
    for sample in samples:
        points = aligner.face_points(sample, fer2013_patch())
        if points is not None:
            found.append(landmark_features(points).round(DIGITS).tolist())
        if len(found) == sum(FACES.values()):
            break
    return found
