"""Photos laid on a quiet background, each a rounded card with a soft shadow."""

from __future__ import annotations

import cv2
import numpy as np

SHADOW = 0.16  # margin around a photo for its shadow, in heights of the photo


class Photo:
    """A photo ready to be laid on pictures.

    Args:
        picture: RGB uint8 of the size at which it is prepared, about the largest at which it is shown.
    """

    def __init__(self, picture: np.ndarray) -> None:
        self.height = picture.shape[0]
        self._sheet = _on_shadow(picture, round(SHADOW * self.height))

    def lay(self, picture: np.ndarray, center: tuple[float, float], height: float) -> None:
        """Lay it on a picture with its centre there and so high, in pixels; parts outside are left out."""
        scale = height / self.height
        half_width, half_height = self._sheet.shape[1] * scale / 2, self._sheet.shape[0] * scale / 2
        left, top = center[0] - half_width, center[1] - half_height
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


def background(width: int, height: int) -> np.ndarray:
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
