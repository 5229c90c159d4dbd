"""Scenes of faces that move, as a detector would see them: pure geometry, the same again for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.domain import Box, Face

Path = Callable[[float], tuple[float, float, float]]
# Of two faces that overlap more the detector finds only the one in front.
MERGED = 0.3


@dataclass(frozen=True)
class Person:
    """Where one face is at any time (centre x, y and width in pixels) and from when to when nobody can see it.

    Attributes:
        depth: Of two that overlap the smaller one is in front.
    """

    path: Path
    hidden: Sequence[tuple[float, float]] = ()
    depth: int = 0

    def box(self, time_s: float) -> Box:
        x, y, width = self.path(time_s)
        return Box(x - width / 2, y - 0.65 * width, x + width / 2, y + 0.65 * width)

    def can_be_seen(self, time_s: float) -> bool:
        return not any(start <= time_s < end for start, end in self.hidden)


@dataclass(frozen=True)
class Sight:
    """One picture: the faces that the detector finds, and whose they are."""

    time_s: float
    faces: list[Face]
    persons: list[str]
    truth: Mapping[str, Box]


@dataclass(frozen=True)
class Scene:
    """People, and how badly the detector sees them.

    Attributes:
        jitter: Standard deviation of a box's place and size, in sides of the face.
        misses: Share of the faces that are not found.
    """

    persons: Mapping[str, Person]
    seconds: float
    fps: float = 30.0
    jitter: float = 0.02
    misses: float = 0.05
    seed: int = 1

    def sights(self) -> list[Sight]:
        rng = np.random.default_rng(self.seed)
        return [self._sight(index / self.fps, rng) for index in range(round(self.seconds * self.fps))]

    def _sight(self, time_s: float, rng: np.random.Generator) -> Sight:
        truth = {name: one.box(time_s) for name, one in self.persons.items() if one.can_be_seen(time_s)}
        found: dict[str, Box] = {}
        for name in sorted(truth, key=lambda name: self.persons[name].depth):
            if all(truth[name].overlap(truth[other]) < MERGED for other in found):
                found[name] = truth[name]
        names = [name for name in found if rng.random() >= self.misses]
        rng.shuffle(names)
        faces = [Face(self._jittered(found[name], rng), 0.9) for name in names]
        return Sight(time_s, faces, names, truth)

    def _jittered(self, box: Box, rng: np.random.Generator) -> Box:
        x, y = np.array(box.center) + rng.normal(0, self.jitter, 2) * box.width
        width, height = np.array([box.width, box.height]) * np.exp(rng.normal(0, self.jitter, 2))
        return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


@dataclass
class Count:
    """Who was given which ids, and how well their boxes lay.

    Attributes:
        switches: How often a person's id became another one.
        overlaps: Of every box that was shown with the person's true one.
        strangers: Boxes that lay on nobody.
        shown: How often each person was shown.
    """

    ids: dict[str, list[int]] = field(default_factory=dict)
    overlaps: list[float] = field(default_factory=list)
    strangers: int = 0
    shown: dict[str, int] = field(default_factory=dict)

    @property
    def switches(self) -> int:
        return sum(len(ids) - 1 for ids in self.ids.values())

    def add(self, truth: Mapping[str, Box], tracks: Sequence) -> None:
        """Count the tracks of one picture; each belongs to the person it covers best."""
        for track in tracks:
            best = max(truth, key=lambda name: truth[name].overlap(track.face.box), default=None)
            if best is None or truth[best].overlap(track.face.box) < MERGED:
                self.strangers += 1
            elif self._is_alone(truth, best):
                self._add(best, track.id, truth[best].overlap(track.face.box))

    def _is_alone(self, truth: Mapping[str, Box], name: str) -> bool:
        """Where two faces lie on each other no box can be told to be the one's or the other's."""
        return all(truth[name].overlap(box) < MERGED / 2 for other, box in truth.items() if other != name)

    def _add(self, name: str, id: int, overlap: float) -> None:
        ids = self.ids.setdefault(name, [])
        if not ids or ids[-1] != id:
            ids.append(id)
        self.overlaps.append(overlap)
        self.shown[name] = self.shown.get(name, 0) + 1


def line(start: tuple[float, float], end: tuple[float, float], seconds: float, width: float = 80) -> Path:
    """From one place to the other at one speed, then rest."""

    def path(time_s: float) -> tuple[float, float, float]:
        share = min(1.0, time_s / seconds)
        return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share, width

    return path


def sway(center: tuple[float, float], reach: float, period_s: float = 2.5, width: float = 80) -> Path:
    """Back and forth from side to side, as a head does, nearer and farther by the way."""

    def path(time_s: float) -> tuple[float, float, float]:
        turn = 2 * np.pi * time_s / period_s
        return (
            center[0] + reach * np.sin(turn),
            center[1] + 0.2 * reach * np.cos(turn),
            width * (1 + 0.1 * np.sin(turn / 2)),
        )

    return path


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
    return Scene(
        {
            "Ann": Person(line((120, 150), (120 + 5 * speed, 150), 5.0), hidden=[(2.0, 2.0 + lasts_s)]),
            "Ben": Person(sway((420, 350), 40)),
        },
        5.0, fps, seed=seed,
    )  # fmt: skip
