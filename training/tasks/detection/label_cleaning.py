"""Read the scenes without labelled faces that YuNet does not detect: backs of heads, faces that nobody could see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.numerics import box_iou
from app.vision.detection.yunet import YuNetDetector
from training.datasets.readers.scenes import Scene
from training.datasets.scene_sets import read_scene_set, split_scenes
from training.metrics.detection_protocol import MASKED_FACES, detection_rows
from training.samples.sample import Rejection

LONGER_SIDES_PX = (320, 480, 640)  # a small face may be detected at one size only
MIN_SCORE = 0.05  # of a detection
MIN_IOU = 0.3  # of a labelled face and its detection


def read_training_scenes(data: Path, teacher: Path | None) -> tuple[dict[str, list[Scene]], Sequence[Rejection]]:
    """The scenes by split, and what the reader rejected.

    Args:
        teacher: File of YuNet; faces that it does not detect are marked `ignore`.
    Raises:
        UnreadableMedia: the set cannot be found.
        DetectorUnavailable: the teacher is missing or unknown.
    """
    found = read_scene_set(data)
    scenes = ignore_undetected(found.scenes, teacher) if teacher else found.scenes
    return split_scenes(scenes), found.rejected


def ignore_undetected(scenes: Sequence[Scene], teacher: Path) -> list[Scene]:
    """The scenes, with every face marked `ignore` that YuNet does not detect.

    Images of masks stay as they are: YuNet is weak at masked faces.

    Args:
        teacher: File of YuNet.
    Raises:
        DetectorUnavailable: the file is missing or is no YuNet release that is known.
    """
    detectors = [YuNetDetector(teacher, longest, MIN_SCORE) for longest in LONGER_SIDES_PX]
    return [
        scene if scene.name.startswith(MASKED_FACES.source) else _with_undetected_ignored(scene, detectors)
        for scene in scenes
    ]


def _with_undetected_ignored(scene: Scene, detectors: Sequence[YuNetDetector]) -> Scene:
    if scene.ignore.all():
        return scene
    found = np.concatenate([detection_rows(detector.detect(scene.image)) for detector in detectors])
    seen = (box_iou(scene.boxes.astype(float), found[:, :4]) >= MIN_IOU).any(1)
    return replace(scene, ignore=scene.ignore | ~seen)
