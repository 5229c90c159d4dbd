"""A moving scene with real faces: two public-domain portraits of `app/assets/portraits` on a drawn background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.domain import Frame
from app.paths import ASSETS
from app.settings import Settings
from app.vision.capture.frame_source import Clock, SourceInfo
from app.vision.capture.image_source import read_image
from app.vision.capture.photo_compositing import Photo, background

WIDTH, HEIGHT, FPS = 640, 480, 30.0
ROUND_S = 40.0  # the scene repeats after this time
STILL_AT_S = 16.0  # all three portraits are in the picture
CARD_ASPECT = 0.8  # width over height of a portrait
TALLEST = 0.86  # of the frame's height; portraits are prepared at this size


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a portrait is at a moment: its centre and height as shares of the frame's sides."""

    at_s: float
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture of one person and its way through the scene."""

    file: str  # in `app/assets/portraits`
    crop: tuple[int, int, int, int]  # x1, y1, x2, y2 of the part that is shown
    poses: Sequence[Pose]
    monochrome: bool = False


EILEEN_COLLINS = "eileen_collins.png"
GRACE_HOPPER = "grace_hopper.jpg"
PORTRAITS = (
    Portrait(EILEEN_COLLINS, (84, 0, 368, 355), (
        Pose(0, 0.29, 0.51, 0.72), Pose(9, 0.28, 0.49, 0.74), Pose(12, 0.205, 0.51, 0.61), Pose(20, 0.207, 0.49, 0.62),
        Pose(24, -0.32, 0.52, 0.64), Pose(35, -0.32, 0.50, 0.66), Pose(39, 0.29, 0.51, 0.72),
        Pose(ROUND_S, 0.29, 0.51, 0.72),
    )),
    Portrait(GRACE_HOPPER, (36, 8, 488, 573), (
        Pose(0, 0.71, 0.50, 0.62), Pose(9, 0.72, 0.52, 0.60), Pose(12, 0.568, 0.46, 0.52), Pose(20, 0.566, 0.48, 0.53),
        Pose(24, 0.38, 0.50, 0.70), Pose(28, 0.39, 0.49, 0.71), Pose(31, 0.50, 0.50, 0.84), Pose(35, 0.50, 0.51, 0.86),
        Pose(39, 0.71, 0.50, 0.62), Pose(ROUND_S, 0.71, 0.50, 0.62),
    )),
    Portrait(EILEEN_COLLINS, (368, 0, 84, 355), (
        Pose(0, 1.25, 0.56, 0.42), Pose(9, 1.25, 0.56, 0.42), Pose(12, 0.865, 0.57, 0.40), Pose(20, 0.867, 0.55, 0.40),
        Pose(24, 0.78, 0.52, 0.50), Pose(28, 0.775, 0.54, 0.50), Pose(31, 1.30, 0.56, 0.46),
        Pose(ROUND_S, 1.25, 0.56, 0.42),
    ), monochrome=True),
)  # fmt: skip


class DemoSource:
    """The demo scene as a source; `demo:still` stays at one moment."""

    def __init__(self, settings: Settings, clock: Clock, notice: str | None = None) -> None:
        width, height = settings.width or WIDTH, settings.height or HEIGHT
        self._fps = settings.fps or FPS
        self._info = SourceInfo("demo", settings.source, "Demo scene", width, height, self._fps, notice=notice)
        self._scene = DemoScene(width, height)
        self._still = self._scene.picture(STILL_AT_S) if settings.source == "demo:still" else None
        self._clock, self._index, self._open = clock, 0, True

    @property
    def info(self) -> SourceInfo:
        return self._info

    def read(self) -> Frame | None:
        if not self._open:
            return None
        time_s = self._index / self._fps
        image = self._scene.picture(time_s) if self._still is None else self._still.copy()
        frame = Frame(image, self._index, time_s, self._clock())
        self._index += 1
        return frame

    def skip(self) -> float | None:
        self._index += 1
        return (self._index - 1) / self._fps if self._open else None

    def close(self) -> None:
        self._open = False


class DemoScene:
    """Draws the scene at any moment; all that does not move is prepared once.

    Raises:
        UnreadableMedia: a file of `app/assets/portraits` is missing or damaged.
    """

    def __init__(self, width: int, height: int, portraits: Sequence[Portrait] = PORTRAITS) -> None:
        self._background = background(width, height)
        self._cards = [_Card(portrait, height) for portrait in portraits]

    def picture(self, time_s: float) -> np.ndarray:
        """RGB uint8, shape (height, width, 3)."""
        picture = self._background.copy()
        for card in self._cards:
            card.draw(picture, time_s)
        return picture


class _Card:
    """A portrait on its way."""

    def __init__(self, portrait: Portrait, frame_height: int) -> None:
        self._poses = portrait.poses
        self._photo = Photo(_cropped(portrait, round(TALLEST * frame_height)))

    def draw(self, picture: np.ndarray, time_s: float) -> None:
        """Lay the card over the picture where it is at this time."""
        pose, (height, width) = _pose_at(self._poses, time_s % ROUND_S), picture.shape[:2]
        self._photo.lay(picture, (pose.x * width, pose.y * height), pose.height * height)


def _pose_at(poses: Sequence[Pose], time_s: float) -> Pose:
    """Between two poses the way is eased at both ends; a slow sway keeps resting portraits alive."""
    after = next(index for index, pose in enumerate(poses) if pose.at_s >= time_s)
    start, end = poses[max(0, after - 1)], poses[after]
    share = (time_s - start.at_s) / max(end.at_s - start.at_s, 1e-6)
    eased = share * share * (3 - 2 * share)
    sway = 0.006 * np.sin(2 * np.pi * time_s / 8 + 40 * poses[0].height)

    def between(first: float, second: float) -> float:
        return first + (second - first) * eased

    return Pose(time_s, between(start.x, end.x), between(start.y, end.y) + sway, between(start.height, end.height))


def _cropped(portrait: Portrait, height: int) -> np.ndarray:
    x1, y1, x2, y2 = portrait.crop
    part = read_portrait(portrait.file)[y1:y2, min(x1, x2) : max(x1, x2)]
    if x2 < x1:
        part = part[:, ::-1]
    if portrait.monochrome:
        part = monochrome(part)
    return cv2.resize(part, (round(height * CARD_ASPECT), height), interpolation=cv2.INTER_AREA)


def read_portrait(file: str) -> np.ndarray:
    """A portrait of `app/assets/portraits`, uint8 (height, width, 3), RGB.

    Raises:
        UnreadableMedia: the file is missing or damaged.
    """
    return read_image(ASSETS / "portraits" / file)


def monochrome(picture: np.ndarray) -> np.ndarray:
    """An RGB uint8 picture as an old photo."""
    gray = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)[..., None]
    return np.clip(gray * np.array([1.03, 0.99, 0.93]), 0, 255).astype(np.uint8)
