"""Synthetic scenes with ground truth: the position of every face over time. `scene_renderer` draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain import Box

# Time in seconds -> centre x and y and width in pixels.
Trajectory = Callable[[float], tuple[float, float, float]]
DEFAULT_FPS = 30.0
# Size of the scenes of people who cross, hide and change expressions.
DEFAULT_WIDTH_PX = 640
DEFAULT_HEIGHT_PX = 480
# Height over width of a face's box, as YuNet draws it.
FACE_ASPECT = 1.25
# A slow walk, in sides of the face per second.
WALKING_SPEED_SIDES_PER_S = 1.5
# A face counts as visible up to this occlusion; no detector is expected to find it beyond.
MAX_OCCLUSION = 0.5


@dataclass(frozen=True)
class Person:
    """One face.

    Attributes:
        depth: Of two overlapping faces the one with the smaller depth is in front.
        changes_at_s: Times at which the face takes on its next expression.
    """

    trajectory: Trajectory
    depth: int = 0
    changes_at_s: Sequence[float] = ()

    def box(self, time_s: float) -> Box:
        """Box of the face at a time."""
        return _box(self.trajectory(time_s), FACE_ASPECT)


@dataclass(frozen=True)
class Occluder:
    """A plain board in front of all people; `aspect` is its height over its width."""

    trajectory: Trajectory
    aspect: float = FACE_ASPECT

    def box(self, time_s: float) -> Box:
        """Box of the board at a time."""
        return _box(self.trajectory(time_s), self.aspect)


@dataclass(frozen=True)
class Scene:
    """People and occluders for some time, in frames of one size."""

    persons: Mapping[str, Person]
    seconds: float
    fps: float = DEFAULT_FPS
    occluders: Sequence[Occluder] = ()
    width: int = DEFAULT_WIDTH_PX
    height: int = DEFAULT_HEIGHT_PX

    @property
    def times_s(self) -> list[float]:
        """Time stamps of the frames."""
        return [index / self.fps for index in range(round(self.seconds * self.fps))]

    def ground_truth(self, time_s: float) -> dict[str, Box]:
        """Boxes of the visible faces by person."""
        boxes = {name: person.box(time_s) for name, person in self.persons.items()}
        boards = [occluder.box(time_s) for occluder in self.occluders]
        return {
            name: box for name, box in boxes.items() if all(_occlusion(box, board) < MAX_OCCLUSION for board in boards)
        }


def piecewise_trajectory(*stops: tuple[float, float, float, float]) -> Trajectory:
    """Straight lines between stops (time in s, x, y, width); at rest before the first and after the last."""
    at_s, *values = np.array(stops, float).T

    def trajectory(time_s: float) -> tuple[float, float, float]:
        x, y, width = (float(np.interp(time_s, at_s, value)) for value in values)
        return x, y, width

    return trajectory


def straight_trajectory(
    start: tuple[float, float], end: tuple[float, float], seconds: float, width: float = 80
) -> Trajectory:
    """From one position to another at constant speed, then at rest."""
    return piecewise_trajectory((0.0, *start, width), (seconds, *end, width))


def swaying_trajectory(
    center: tuple[float, float], reach: float, period_s: float = 2.5, width: float = 80
) -> Trajectory:
    """Sway from side to side like a head, with small changes of height and size."""

    def trajectory(time_s: float) -> tuple[float, float, float]:
        phase = 2 * np.pi * time_s / period_s
        return (
            center[0] + reach * np.sin(phase),
            center[1] + 0.2 * reach * np.cos(phase),
            width * (1 + 0.1 * np.sin(phase / 2)),
        )

    return trajectory


def pacing_trajectory(
    start: tuple[float, float], end: tuple[float, float], period_s: float, width: float = 80
) -> Trajectory:
    """To another position and back in one period, slowing down to turn."""

    def trajectory(time_s: float) -> tuple[float, float, float]:
        progress = (1 - np.cos(2 * np.pi * time_s / period_s)) / 2
        return start[0] + (end[0] - start[0]) * progress, start[1] + (end[1] - start[1]) * progress, width

    return trajectory


def crowd(count: int, width: int = DEFAULT_WIDTH_PX, height: int = DEFAULT_HEIGHT_PX, seconds: float = 8.0) -> Scene:
    """People in rows, swaying in place; the scene loops."""
    columns = int(np.ceil(np.sqrt(count)))
    cell_width, cell_height = width / columns, height / np.ceil(count / columns)
    persons = {}
    for index in range(count):
        row, column = divmod(index, columns)
        center = (column + 0.5) * cell_width, (row + 0.5) * cell_height
        period_s = seconds / (2 if index % 2 else 4)
        trajectory = swaying_trajectory(center, 0.1 * cell_width, period_s, 0.4 * cell_height)
        persons[f"person {index + 1}"] = Person(trajectory)
    return Scene(persons, seconds, width=width, height=height)


def crossings(pairs: int = 1, seconds: float = 16.0) -> Scene:
    """Pairs of people, one pair per row, who walk past each other repeatedly; one hides the other for a moment."""
    row_height = DEFAULT_HEIGHT_PX / pairs
    face = min(96.0, 0.4 * row_height)
    persons = {}
    for row in range(pairs):
        left, right, y = 110.0 + 40 * row, 530.0 - 40 * row, (row + 0.5) * row_height
        front = pacing_trajectory((left, y), (right, y), seconds / 2, face)
        back = pacing_trajectory((right, y + 6), (left, y + 6), seconds / 2, 0.95 * face)
        persons[f"front {row + 1}"] = Person(front, depth=0)
        persons[f"back {row + 1}"] = Person(back, depth=1)
    return Scene(persons, seconds)


def occlusions(walkers: int = 1, hidden_s: float = 1.0, seconds: float = 16.0) -> Scene:
    """People walk behind a pillar and reappear; another one stays in place while a board rises in front.

    Args:
        hidden_s: How long a face is hidden at a time.
    """
    row_height, period_s = DEFAULT_HEIGHT_PX / (walkers + 1), seconds / 2
    face = min(90.0, 0.42 * row_height)
    reach, pillar = WALKING_SPEED_SIDES_PER_S * face * period_s / np.pi / 2, WALKING_SPEED_SIDES_PER_S * face * hidden_s
    left, right = 320 - reach, 320 + reach
    persons = {
        f"walker {row + 1}": Person(
            pacing_trajectory((left, (row + 0.5) * row_height), (right, (row + 0.5) * row_height), period_s, face)
        )
        for row in range(walkers)
    }
    x, y = 160.0, DEFAULT_HEIGHT_PX - row_height / 2
    persons["waiting"] = Person(swaying_trajectory((x, y), 6, seconds / 4, face))
    board = _rising_board((x, y), 1.4 * face, hidden_s, every_s=seconds / 4, seconds=seconds)
    occluders = [
        Occluder(
            piecewise_trajectory((0, 320, 240 - row_height / 2, pillar)),
            aspect=(DEFAULT_HEIGHT_PX - row_height) / pillar,
        ),
        Occluder(board, aspect=1.2),
    ]
    return Scene(persons, seconds, occluders=occluders)


def expressions(changes: int, every_s: float = 2.0) -> Scene:
    """One face at rest that changes its expression repeatedly."""
    changes_at_s = [every_s * (index + 1) for index in range(changes)]
    person = Person(piecewise_trajectory((0, 320, 240, 140)), changes_at_s=changes_at_s)
    return Scene({"person": person}, every_s * (changes + 1))


def _rising_board(
    position: tuple[float, float], width: float, hidden_s: float, every_s: float, seconds: float
) -> Trajectory:
    """From below to a position and down again every `every_s`; half-way up it hides half of the face there."""
    below, rise_s = position[1] + 2 * width, 0.3
    stops = []
    for start_s in np.arange(every_s / 2, seconds, every_s):
        for after_s, y in ((0, below), (rise_s, position[1]), (hidden_s, position[1]), (rise_s + hidden_s, below)):
            stops.append((start_s + after_s, position[0], y, width))
    return piecewise_trajectory(*stops)


def _box(position: tuple[float, float, float], aspect: float) -> Box:
    x, y, width = map(float, position)
    return Box(x - width / 2, y - aspect * width / 2, x + width / 2, y + aspect * width / 2)


def _occlusion(box: Box, board: Box) -> float:
    """Fraction of a box that a board covers."""
    width = min(box.x2, board.x2) - max(box.x1, board.x1)
    height = min(box.y2, board.y2) - max(box.y1, board.y1)
    return max(0.0, width) * max(0.0, height) / box.area
