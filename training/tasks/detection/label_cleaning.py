"""Let YuNet say which labelled faces are none to be learnt: backs of heads, and what nobody could see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.numerics import box_iou
from app.vision.detection.yunet import YuNetDetector
from training.datasets.readers.scenes import Scene
from training.metrics.detection_protocol import MASKED_FACES, detection_rows

LOOKED_AT = (320, 480, 640)  # longer sides: a small face may show at one only
SEEN = 0.05  # least score of what counts as seen
SEEN_MIN_IOU = 0.3


def without_unseen(scenes: Sequence[Scene], teacher: Path) -> list[Scene]:
    """The scenes, with every face marked `ignore` that YuNet sees nothing of.

    Pictures of masks stay as they are: masked faces are what YuNet is weak at.

    Args:
        teacher: File of YuNet.
    Raises:
        DetectorUnavailable: the file is missing or is no YuNet release that is known.
    """
    detectors = [YuNetDetector(teacher, longest, SEEN) for longest in LOOKED_AT]
    return [scene if scene.name.startswith(MASKED_FACES.source) else _checked(scene, detectors) for scene in scenes]


def _checked(scene: Scene, detectors: Sequence[YuNetDetector]) -> Scene:
    if scene.ignore.all():
        return scene
    found = np.concatenate([detection_rows(detector.detect(scene.image)) for detector in detectors])
    seen = (box_iou(scene.boxes.astype(float), found[:, :4]) >= SEEN_MIN_IOU).any(1)
    return replace(scene, ignore=scene.ignore | ~seen)
