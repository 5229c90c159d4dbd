"""Synthetic scenes as a detector would see them, with jitter and misses; reproducible by seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.bench.identity_metrics import MERGE_IOU
from app.bench.scenes import synthetic_scenes
from app.bench.scenes.synthetic_scenes import Occluder, Person, straight_trajectory, swaying_trajectory
from app.domain import Box, Face

ELSEWHERE = (-1000.0, -1000.0, 80.0)


@dataclass(frozen=True)
class DetectedFrame:
    """Detections of one frame, and the persons they belong to."""

    time_s: float
    faces: list[Face]
    persons: list[str]
    truth: Mapping[str, Box]


@dataclass(frozen=True)
class DetectedScene(synthetic_scenes.Scene):
    """A scene with detector errors.

    Attributes:
        jitter: Standard deviation of position and size of a box, in sides of the face.
        misses: Fraction of missed faces.
    """

    jitter: float = 0.02
    misses: float = 0.05
    seed: int = 1

    def detected_frames(self) -> list[DetectedFrame]:
        rng = np.random.default_rng(self.seed)
        return [self._detected_frame(time_s, rng) for time_s in self.times_s]

    def _detected_frame(self, time_s: float, rng: np.random.Generator) -> DetectedFrame:
        truth = self.ground_truth(time_s)
        found: dict[str, Box] = {}
        for name in sorted(truth, key=lambda name: self.persons[name].depth):
            if all(truth[name].iou(truth[other]) < MERGE_IOU for other in found):
                found[name] = truth[name]
        names = [name for name in found if rng.random() >= self.misses]
        rng.shuffle(names)
        faces = [Face(self._jitter_box(found[name], rng), 0.9) for name in names]
        return DetectedFrame(time_s, faces, names, truth)

    def _jitter_box(self, box: Box, rng: np.random.Generator) -> Box:
        x, y = np.array(box.center) + rng.normal(0, self.jitter, 2) * box.width
        width, height = np.array([box.width, box.height]) * np.exp(rng.normal(0, self.jitter, 2))
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def crossing(
    seconds: float = 4.0, fps: float = 30.0, seed: int = 1, drop: float = 0.0, **detector: float
) -> DetectedScene:
    """Two people walk past each other; one hides the other for a moment."""
    left, right, y = 120.0, 520.0, 240.0
    return DetectedScene(
        {
            "Ann": Person(straight_trajectory((left, y), (right, y + drop), seconds * 0.9, 84), depth=0),
            "Ben": Person(straight_trajectory((right, y + 6), (left, y + 6), seconds * 0.9, 80), depth=1),
        },
        seconds, fps, seed=seed, **detector,
    )  # fmt: skip


def occlusion(hidden_s: float = 1.0, fps: float = 30.0, seed: int = 1, speed: float = 60.0) -> DetectedScene:
    """One person walks behind something and reappears; another one sways nearby."""
    ann = straight_trajectory((120, 150), (120 + 5 * speed, 150), 5.0)
    return DetectedScene(
        {
            "Ann": Person(ann),
            "Ben": Person(swaying_trajectory((420, 350), 40)),
        },
        5.0, fps, [Occluder(lambda time_s: ann(time_s) if 2.0 <= time_s < 2.0 + hidden_s else ELSEWHERE)], seed=seed,
    )  # fmt: skip
