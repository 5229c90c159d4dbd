"""The demo scene: two public-domain portraits of `app/assets/portraits` moving in front of a background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.domain import Frame
from app.paths import ASSETS
from app.settings import Settings
from app.vision.capture.frame_source import Clock, SourceInfo, fit_size
from app.vision.capture.image_file import read_image
from app.vision.capture.photo_compositing import Photo, background

# Like a usual webcam.
DEFAULT_WIDTH_PX = 640
DEFAULT_HEIGHT_PX = 480
DEFAULT_FPS = 30.0
# The scene repeats after this time.
LOOP_S = 40.0
# Moment of `demo:still`: all three portraits are visible.
STILL_AT_S = 16.0
# Width over height of a portrait.
PORTRAIT_ASPECT = 0.8
# Largest height of a portrait in the poses below, as a fraction of the frame's; portraits are prepared at this size.
MAX_PORTRAIT_HEIGHT = 0.86
# A slow vertical sway, in fractions of the frame's height; a portrait at rest would look frozen.
SWAY = 0.006
SWAY_PERIOD_S = 8.0
# Gray to sepia, by channel.
SEPIA = (1.03, 0.99, 0.93)


@dataclass(frozen=True, slots=True)
class Pose:
    """Centre and height of a portrait at a time, as fractions of the frame's sides."""

    at_s: float
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """A photo of one person and its path through the scene.

    Attributes:
        file: Name in `app/assets/portraits`.
        crop: x1, y1, x2, y2 of the shown part in pixels; x1 > x2 mirrors it.
        poses: Key frames of the path by time.
        monochrome: Whether to show it as an old photo.
    """

    file: str
    crop: tuple[int, int, int, int]
    poses: Sequence[Pose]
    monochrome: bool = False


EILEEN_COLLINS = "eileen_collins.png"
GRACE_HOPPER = "grace_hopper.jpg"
PORTRAITS = (
    Portrait(EILEEN_COLLINS, (84, 0, 368, 355), (
        Pose(0, 0.29, 0.51, 0.72), Pose(9, 0.28, 0.49, 0.74), Pose(12, 0.205, 0.51, 0.61), Pose(20, 0.207, 0.49, 0.62),
        Pose(24, -0.32, 0.52, 0.64), Pose(35, -0.32, 0.50, 0.66), Pose(39, 0.29, 0.51, 0.72),
        Pose(LOOP_S, 0.29, 0.51, 0.72),
    )),
    Portrait(GRACE_HOPPER, (36, 8, 488, 573), (
        Pose(0, 0.71, 0.50, 0.62), Pose(9, 0.72, 0.52, 0.60), Pose(12, 0.568, 0.46, 0.52), Pose(20, 0.566, 0.48, 0.53),
        Pose(24, 0.38, 0.50, 0.70), Pose(28, 0.39, 0.49, 0.71), Pose(31, 0.50, 0.50, 0.84), Pose(35, 0.50, 0.51, 0.86),
        Pose(39, 0.71, 0.50, 0.62), Pose(LOOP_S, 0.71, 0.50, 0.62),
    )),
    Portrait(EILEEN_COLLINS, (368, 0, 84, 355), (
        Pose(0, 1.25, 0.56, 0.42), Pose(9, 1.25, 0.56, 0.42), Pose(12, 0.865, 0.57, 0.40), Pose(20, 0.867, 0.55, 0.40),
        Pose(24, 0.78, 0.52, 0.50), Pose(28, 0.775, 0.54, 0.50), Pose(31, 1.30, 0.56, 0.46),
        Pose(LOOP_S, 1.25, 0.56, 0.42),
    ), monochrome=True),
)  # fmt: skip


class DemoSource:
    """The demo scene as a frame source; `demo:still` shows one moment."""

    def __init__(self, settings: Settings, clock: Clock, notice: str | None = None) -> None:
        width, height = fit_size(
            settings.width or DEFAULT_WIDTH_PX, settings.height or DEFAULT_HEIGHT_PX, settings.max_side
        )
        self._fps = settings.fps or DEFAULT_FPS
        self._info = SourceInfo("demo", settings.source, "Demo scene", width, height, self._fps, notice=notice)
        self._scene = DemoScene(width, height)
        self._still = self._scene.render(STILL_AT_S) if settings.source == "demo:still" else None
        self._clock, self._index, self._open = clock, 0, True

    @property
    def info(self) -> SourceInfo:
        """Properties of the source."""
        return self._info

    def read(self) -> Frame | None:
        """Render the next frame."""
        if not self._open:
            return None
        time_s = self._index / self._fps
        image = self._scene.render(time_s) if self._still is None else self._still.copy()
        frame = Frame(image, self._index, time_s, self._clock())
        self._index += 1
        return frame

    def skip(self) -> float | None:
        """Skip the next frame; return its time stamp."""
        self._index += 1
        return (self._index - 1) / self._fps if self._open else None

    def close(self) -> None:
        """End the scene."""
        self._open = False


class DemoScene:
    """Renders the scene at any time; everything static is prepared once.

    Raises:
        UnreadableMedia: a file of `app/assets/portraits` is missing or damaged.
    """

    def __init__(self, width: int, height: int, portraits: Sequence[Portrait] = PORTRAITS) -> None:
        self._background = background(width, height)
        self._portraits = [_MovingPortrait(portrait, height) for portrait in portraits]

    def render(self, time_s: float) -> np.ndarray:
        """Render a frame, RGB uint8, shape (height, width, 3)."""
        image = self._background.copy()
        for portrait in self._portraits:
            portrait.draw(image, time_s)
        return image


class _MovingPortrait:
    """A portrait on its path."""

    def __init__(self, portrait: Portrait, frame_height: int) -> None:
        self._poses = portrait.poses
        self._photo = Photo(_crop(portrait, round(MAX_PORTRAIT_HEIGHT * frame_height)))

    def draw(self, image: np.ndarray, time_s: float) -> None:
        pose, (height, width) = _pose_at(self._poses, time_s % LOOP_S), image.shape[:2]
        self._photo.draw(image, (pose.x * width, pose.y * height), pose.height * height)


def _pose_at(poses: Sequence[Pose], time_s: float) -> Pose:
    """Interpolate between key frames with ease-in and ease-out, and add the sway."""
    after = next(index for index, pose in enumerate(poses) if pose.at_s >= time_s)
    start, end = poses[max(0, after - 1)], poses[after]
    progress = (time_s - start.at_s) / max(end.at_s - start.at_s, 1e-6)
    eased = progress * progress * (3 - 2 * progress)
    sway = SWAY * np.sin(2 * np.pi * time_s / SWAY_PERIOD_S + 40 * poses[0].height)

    def interpolate(first: float, second: float) -> float:
        return first + (second - first) * eased

    return Pose(
        time_s,
        interpolate(start.x, end.x),
        interpolate(start.y, end.y) + sway,
        interpolate(start.height, end.height),
    )


def _crop(portrait: Portrait, height: int) -> np.ndarray:
    x1, y1, x2, y2 = portrait.crop
    part = read_portrait(portrait.file)[y1:y2, min(x1, x2) : max(x1, x2)]
    if x2 < x1:
        part = part[:, ::-1]
    if portrait.monochrome:
        part = to_sepia(part)
    return cv2.resize(part, (round(height * PORTRAIT_ASPECT), height), interpolation=cv2.INTER_AREA)


def read_portrait(file: str) -> np.ndarray:
    """Read a portrait of `app/assets/portraits` as RGB uint8, shape (height, width, 3).

    Raises:
        UnreadableMedia: the file is missing or damaged.
    """
    return read_image(ASSETS / "portraits" / file)


def to_sepia(image: np.ndarray) -> np.ndarray:
    """Convert an RGB uint8 image, shape (height, width, 3), to sepia."""
    gray = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)[..., None]
    return np.clip(gray * np.array(SEPIA), 0, 255).astype(np.uint8)
