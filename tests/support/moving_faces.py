"""Scenes of faces that move, as a detector would see them: pure geometry, the same again for the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.bench.identity_metrics import MERGED, Count
from app.bench.scenes import synthetic_scenes
from app.bench.scenes.synthetic_scenes import Occluder, Person, line, sway
from app.domain import Box, Face

__all__ = ["Count", "Person", "Scene", "Sight", "crossing", "line", "occlusion", "sway"]

ELSEWHERE = (-1000.0, -1000.0, 80.0)


@dataclass(frozen=True)
class Sight:
    """One picture: the faces that the detector finds, and whose they are."""

    time_s: float
    faces: list[Face]
    persons: list[str]
    truth: Mapping[str, Box]


@dataclass(frozen=True)
class Scene(synthetic_scenes.Scene):
    """People, and how badly the detector sees them.

    Attributes:
        jitter: Standard deviation of a box's place and size, in sides of the face.
        misses: Share of the faces that are not found.
    """

    jitter: float = 0.02
    misses: float = 0.05
    seed: int = 1

    def sights(self) -> list[Sight]:
        rng = np.random.default_rng(self.seed)
        return [self._sight(time_s, rng) for time_s in self.times_s]

    def _sight(self, time_s: float, rng: np.random.Generator) -> Sight:
        truth = self.truth(time_s)
        found: dict[str, Box] = {}
        for name in sorted(truth, key=lambda name: self.persons[name].depth):
            if all(truth[name].iou(truth[other]) < MERGED for other in found):
                found[name] = truth[name]
        names = [name for name in found if rng.random() >= self.misses]
        rng.shuffle(names)
        faces = [Face(self._jittered(found[name], rng), 0.9) for name in names]
        return Sight(time_s, faces, names, truth)

    def _jittered(self, box: Box, rng: np.random.Generator) -> Box:
        x, y = np.array(box.center) + rng.normal(0, self.jitter, 2) * box.width
        width, height = np.array([box.width, box.height]) * np.exp(rng.normal(0, self.jitter, 2))
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def crossing(seconds: float = 4.0, fps: float = 30.0, seed: int = 1, drop: float = 0.0, **sight: float) -> Scene:
    """Two people walk past each other; one hides the other for a while."""
    left, right, y = 120.0, 520.0, 240.0
    return Scene(
        {
            "Ann": Person(line((left, y), (right, y + drop), seconds * 0.9, 84), depth=0),
            "Ben": Person(line((right, y + 6), (left, y + 6), seconds * 0.9, 80), depth=1),
        },
        seconds, fps, seed=seed, **sight,
    )  # fmt: skip


def occlusion(lasts_s: float = 1.0, fps: float = 30.0, seed: int = 1, speed: float = 60.0) -> Scene:
    """One walks behind something and comes out again; another one sways nearby."""
    ann = line((120, 150), (120 + 5 * speed, 150), 5.0)
    return Scene(
        {
            "Ann": Person(ann),
            "Ben": Person(sway((420, 350), 40)),
        },
        5.0, fps, [Occluder(lambda time_s: ann(time_s) if 2.0 <= time_s < 2.0 + lasts_s else ELSEWHERE)], seed=seed,
    )  # fmt: skip
