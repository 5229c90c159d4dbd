"""A moving scene with real faces, made at run time from portraits that installed packages carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from app.domain import Frame
from app.errors import CameraUnavailable
from app.settings import Settings
from app.vision.pictures import read_picture
from app.vision.source import Clock, SourceInfo

WIDTH, HEIGHT, FPS = 640, 480, 30.0
ROUND_S = 40.0  # the scene repeats after this time
STILL_AT_S = 16.0  # all three portraits are in the picture
CARD_ASPECT = 0.8  # width over height of a portrait
SHADOW = 0.16  # margin around a portrait for its shadow, in heights of the portrait
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

    package: str
    file: str
    crop: tuple[int, int, int, int]  # x1, y1, x2, y2 of the part that is shown
    poses: Sequence[Pose]
    monochrome: bool = False


PORTRAITS = (
    Portrait("skimage", "data/astronaut.png", (84, 0, 368, 355), (
        Pose(0, 0.29, 0.51, 0.72), Pose(9, 0.28, 0.49, 0.74), Pose(12, 0.205, 0.51, 0.61), Pose(20, 0.207, 0.49, 0.62),
        Pose(24, -0.32, 0.52, 0.64), Pose(35, -0.32, 0.50, 0.66), Pose(39, 0.29, 0.51, 0.72),
        Pose(ROUND_S, 0.29, 0.51, 0.72),
    )),
    Portrait("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", (36, 8, 488, 573), (
        Pose(0, 0.71, 0.50, 0.62), Pose(9, 0.72, 0.52, 0.60), Pose(12, 0.568, 0.46, 0.52), Pose(20, 0.566, 0.48, 0.53),
        Pose(24, 0.38, 0.50, 0.70), Pose(28, 0.39, 0.49, 0.71), Pose(31, 0.50, 0.50, 0.84), Pose(35, 0.50, 0.51, 0.86),
        Pose(39, 0.71, 0.50, 0.62), Pose(ROUND_S, 0.71, 0.50, 0.62),
    )),
    Portrait("skimage", "data/astronaut.png", (368, 0, 84, 355), (
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

    def close(self) -> None:
        self._open = False


class DemoScene:
    """Draws the scene at any moment; all that does not move is prepared once.

    Raises:
        CameraUnavailable: an installed package lacks its sample picture.
    """

    def __init__(self, width: int, height: int, portraits: Sequence[Portrait] = PORTRAITS) -> None:
        self._background = _background(width, height)
        self._cards = [_Card(portrait, height) for portrait in portraits]

    def picture(self, time_s: float) -> np.ndarray:
        """RGB uint8, shape (height, width, 3)."""
        picture = self._background.copy()
        for card in self._cards:
            card.draw(picture, time_s)
        return picture


class _Card:
    """A portrait as a rounded card with a soft shadow, ready to be placed."""

    def __init__(self, portrait: Portrait, frame_height: int) -> None:
        self._poses = portrait.poses
        self._height = round(TALLEST * frame_height)
        self._margin = round(SHADOW * self._height)
        card = _cropped(portrait, self._height)
        self._sheet = _on_shadow(card, self._margin)

    def draw(self, picture: np.ndarray, time_s: float) -> None:
        """Lay the card over the picture where it is at this time; parts outside are left out."""
        pose = _pose_at(self._poses, time_s % ROUND_S)
        scale = pose.height * picture.shape[0] / self._height
        half_width, half_height = self._sheet.shape[1] * scale / 2, self._sheet.shape[0] * scale / 2
        left, top = pose.x * picture.shape[1] - half_width, pose.y * picture.shape[0] - half_height
        x1, y1 = max(0, int(left)), max(0, int(top))
        x2 = min(picture.shape[1], int(left + 2 * half_width) + 1)
        y2 = min(picture.shape[0], int(top + 2 * half_height) + 1)
        if x2 <= x1 or y2 <= y1:
            return
        place = np.array([[scale, 0, left - x1], [0, scale, top - y1]], np.float32)
        sheet = cv2.warpAffine(self._sheet, place, (x2 - x1, y2 - y1), borderValue=(0, 0, 0, 255))
        region = picture[y1:y2, x1:x2]
        cv2.multiply(region, cv2.merge([cv2.extractChannel(sheet, 3)] * 3), dst=region, scale=1 / 255)
        cv2.add(region, cv2.cvtColor(sheet, cv2.COLOR_RGBA2RGB), dst=region)


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
    spec = find_spec(portrait.package)
    if spec is None or spec.origin is None:
        raise CameraUnavailable(f"the demo needs the package {portrait.package}; run `make run` to install it")
    picture = read_picture(Path(spec.origin).parent / portrait.file)
    x1, y1, x2, y2 = portrait.crop
    part = picture[y1:y2, min(x1, x2) : max(x1, x2)]
    if x2 < x1:
        part = part[:, ::-1]
    if portrait.monochrome:
        gray = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)[..., None]
        part = np.clip(gray * np.array([1.03, 0.99, 0.93]), 0, 255).astype(np.uint8)
    return cv2.resize(part, (round(height * CARD_ASPECT), height), interpolation=cv2.INTER_AREA)


def _on_shadow(card: np.ndarray, margin: int) -> np.ndarray:
    """The card with its shadow.

    Returns:
        uint8, shape (height + 2 margin, width + 2 margin, 4): red, green and blue that it adds to a picture, and how
        much of the picture shines through.
    """
    height, width = card.shape[0] + 2 * margin, card.shape[1] + 2 * margin
    shape = _rounded_mask(height, width, margin, radius=round(0.07 * card.shape[0]))
    drop = np.roll(shape, margin // 5, axis=0)
    shadow = 0.55 * cv2.GaussianBlur(drop, (0, 0), margin / 4.5)
    ink = np.zeros((height, width, 3), np.float32)
    ink[margin:-margin, margin:-margin] = card
    ink *= shape[..., None]
    clear = (1 - shape) * (1 - shadow)
    return np.rint(np.dstack([ink, 255 * clear])).astype(np.uint8)


def _rounded_mask(height: int, width: int, margin: int, radius: int) -> np.ndarray:
    """float32, 1 inside a rounded rectangle and 0 outside, with a soft edge of one pixel."""
    y = np.abs(np.arange(height, dtype=np.float32) - (height - 1) / 2)[:, None] - (height / 2 - margin - radius)
    x = np.abs(np.arange(width, dtype=np.float32) - (width - 1) / 2)[None] - (width / 2 - margin - radius)
    outside = np.hypot(np.maximum(y, 0), np.maximum(x, 0)) + np.minimum(np.maximum(y, x), 0)
    return np.clip(radius - outside, 0, 1)


def _background(width: int, height: int) -> np.ndarray:
    """A quiet evening gradient with a few faint lights, dithered so that no bands show."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : width / height : width * 1j].astype(np.float32)
    across = (0.35 * x / (width / height) + 0.65 * y)[..., None]
    picture = (1 - across) * np.array([58, 76, 104], np.float32) + across * np.array([24, 27, 44], np.float32)
    lights = ((0.15, 0.1, 0.55, (20, 36, 42)), (0.95, 0.2, 0.5, (46, 30, 36)), (0.55, 1.0, 0.6, (14, 30, 38)))
    for center_x, center_y, spread, colour in lights:
        distance = (x - center_x * width / height) ** 2 + (y - center_y) ** 2
        picture += np.exp(-distance / (2 * (spread / 2) ** 2))[..., None] * np.array(colour, np.float32)
    noise = np.random.default_rng(7).uniform(-1, 1, (height, width, 1))
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)
