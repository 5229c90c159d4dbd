"""Synthetic scenes of moving people: where every face is at any time. `scene_renderer` draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain import Box

# Centre x and y and width in pixels at a time in seconds.
Path = Callable[[float], tuple[float, float, float]]
FPS = 30.0
TALL = 1.25  # a face's height in its widths
PACE = 1.5  # sides of the face a second at which somebody walks slowly
HIDDEN = 0.5  # of a face covered by a thing, from which on nobody can be asked to see it


@dataclass(frozen=True)
class Person:
    """One face.

    Attributes:
        depth: Of two that overlap the smaller one is in front.
        changes_at_s: When the face takes on its next look.
    """

    path: Path
    depth: int = 0
    changes_at_s: Sequence[float] = ()

    def box(self, time_s: float) -> Box:
        return _box(self.path(time_s), TALL)


@dataclass(frozen=True)
class Occluder:
    """A plain board in front of everybody; `tall` is its height in its widths."""

    path: Path
    tall: float = TALL

    def box(self, time_s: float) -> Box:
        return _box(self.path(time_s), self.tall)


@dataclass(frozen=True)
class Scene:
    """People and things for some time, in a picture of this size."""

    persons: Mapping[str, Person]
    seconds: float
    fps: float = FPS
    things: Sequence[Occluder] = ()
    width: int = 640
    height: int = 480

    @property
    def times_s(self) -> list[float]:
        """When its pictures are taken."""
        return [index / self.fps for index in range(round(self.seconds * self.fps))]

    def truth(self, time_s: float) -> dict[str, Box]:
        """The faces that no thing hides."""
        boxes = {name: one.box(time_s) for name, one in self.persons.items()}
        things = [thing.box(time_s) for thing in self.things]
        return {name: box for name, box in boxes.items() if all(_covered(box, thing) < HIDDEN for thing in things)}


def way(*stops: tuple[float, float, float, float]) -> Path:
    """Straight from stop to stop (time in s, x, y, width); at rest before the first and after the last."""
    at_s, *places = np.array(stops, float).T

    def path(time_s: float) -> tuple[float, float, float]:
        x, y, width = (float(np.interp(time_s, at_s, values)) for values in places)
        return x, y, width

    return path


def line(start: tuple[float, float], end: tuple[float, float], seconds: float, width: float = 80) -> Path:
    """From one place to the other at one speed, then rest."""
    return way((0.0, *start, width), (seconds, *end, width))


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


def walk(start: tuple[float, float], end: tuple[float, float], period_s: float, width: float = 80) -> Path:
    """To another place and back in a period, slowing down to turn."""

    def path(time_s: float) -> tuple[float, float, float]:
        share = (1 - np.cos(2 * np.pi * time_s / period_s)) / 2
        return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share, width

    return path


def gathering(count: int, width: int = 640, height: int = 480, seconds: float = 8.0) -> Scene:
    """So many people in rows, each swaying in place; its end joins its beginning."""
    columns = int(np.ceil(np.sqrt(count)))
    cell_width, cell_height = width / columns, height / np.ceil(count / columns)
    persons = {}
    for index in range(count):
        row, column = divmod(index, columns)
        center = (column + 0.5) * cell_width, (row + 0.5) * cell_height
        period_s = seconds / (2 if index % 2 else 4)
        persons[f"person {index + 1}"] = Person(sway(center, 0.1 * cell_width, period_s, 0.4 * cell_height))
    return Scene(persons, seconds, width=width, height=height)


def crossings(pairs: int = 1, seconds: float = 16.0) -> Scene:
    """In each row two people walk past each other again and again; one hides the other for a moment."""
    high = 480 / pairs
    face = min(96.0, 0.4 * high)
    persons = {}
    for row in range(pairs):
        left, right, y = 110.0 + 40 * row, 530.0 - 40 * row, (row + 0.5) * high
        persons[f"front {row + 1}"] = Person(walk((left, y), (right, y), seconds / 2, face), depth=0)
        persons[f"back {row + 1}"] = Person(walk((right, y + 6), (left, y + 6), seconds / 2, 0.95 * face), depth=1)
    return Scene(persons, seconds)


def occlusions(walkers: int = 1, hidden_s: float = 1.0, seconds: float = 16.0) -> Scene:
    """People walk behind a pillar and out of it again, hidden for so long; one waits while a board hides them as long.

    A face counts as hidden while half of it or more is.
    """
    high, period_s = 480 / (walkers + 1), seconds / 2
    face = min(90.0, 0.42 * high)
    far, pillar = PACE * face * period_s / np.pi / 2, PACE * face * hidden_s
    left, right = 320 - far, 320 + far
    persons = {
        f"walker {row + 1}": Person(walk((left, (row + 0.5) * high), (right, (row + 0.5) * high), period_s, face))
        for row in range(walkers)
    }
    x, y = 160.0, 480 - high / 2
    persons["waiting"] = Person(sway((x, y), 6, seconds / 4, face))
    things = [
        Occluder(way((0, 320, 240 - high / 2, pillar)), tall=(480 - high) / pillar),
        Occluder(_board((x, y), 1.4 * face, hidden_s, every_s=seconds / 4, seconds=seconds), tall=1.2),
    ]
    return Scene(persons, seconds, things=things)


def expressions(changes: int, every_s: float = 2.0) -> Scene:
    """One still face that changes its expression again and again."""
    changes_at_s = [every_s * (index + 1) for index in range(changes)]
    person = Person(way((0, 320, 240, 140)), changes_at_s=changes_at_s)
    return Scene({"person": person}, every_s * (changes + 1))


def _board(place: tuple[float, float], width: float, hides_s: float, every_s: float, seconds: float) -> Path:
    """From below to a place and down again, once in `every_s`; half of the way up it hides half of what is there."""
    below, up_s = place[1] + 2 * width, 0.3
    stops = []
    for start_s in np.arange(every_s / 2, seconds, every_s):
        for after_s, y in ((0, below), (up_s, place[1]), (hides_s, place[1]), (up_s + hides_s, below)):
            stops.append((start_s + after_s, place[0], y, width))
    return way(*stops)


def _box(place: tuple[float, float, float], tall: float) -> Box:
    x, y, width = map(float, place)
    return Box(x - width / 2, y - tall * width / 2, x + width / 2, y + tall * width / 2)


def _covered(box: Box, thing: Box) -> float:
    """Share of a box that another one covers."""
    width = min(box.x2, thing.x2) - max(box.x1, thing.x1)
    height = min(box.y2, thing.y2) - max(box.y1, thing.y1)
    return max(0.0, width) * max(0.0, height) / box.area
