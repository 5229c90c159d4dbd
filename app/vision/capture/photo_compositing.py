"""Composite photos with rounded corners and a soft shadow onto a background."""

from __future__ import annotations

import cv2
import numpy as np

# Width of the shadow around a photo, and radius of its corners, in heights of the photo; chosen by eye.
SHADOW_MARGIN = 0.16
CORNER_RADIUS = 0.07
SHADOW_OPACITY = 0.55


class Photo:
    """A photo prepared for compositing.

    Args:
        image: RGB uint8, shape (height, width, 3), about as large as the photo is ever drawn.
    """

    def __init__(self, image: np.ndarray) -> None:
        self.height = image.shape[0]
        self._layer = _with_shadow(image, round(SHADOW_MARGIN * self.height))

    def draw(self, image: np.ndarray, center: tuple[float, float], height: float) -> None:
        """Draw the photo onto an image, clipped to it.

        Args:
            image: RGB uint8, shape (rows, columns, 3); changed in place.
            center: x and y in pixels.
            height: Height of the photo in pixels.
        """
        scale = height / self.height
        half_width, half_height = self._layer.shape[1] * scale / 2, self._layer.shape[0] * scale / 2
        left, top = center[0] - half_width, center[1] - half_height
        x1, y1 = max(0, int(left)), max(0, int(top))
        x2 = min(image.shape[1], int(left + 2 * half_width) + 1)
        y2 = min(image.shape[0], int(top + 2 * half_height) + 1)
        if x2 <= x1 or y2 <= y1:
            return
        matrix = np.array([[scale, 0, left - x1], [0, scale, top - y1]], np.float32)
        layer = cv2.warpAffine(self._layer, matrix, (x2 - x1, y2 - y1), borderValue=(0, 0, 0, 255))
        region = image[y1:y2, x1:x2]
        cv2.multiply(region, cv2.merge([cv2.extractChannel(layer, 3)] * 3), dst=region, scale=1 / 255)
        cv2.add(region, cv2.cvtColor(layer, cv2.COLOR_RGBA2RGB), dst=region)


def background(width: int, height: int) -> np.ndarray:
    """Dark gradient with a few faint lights, dithered against banding; RGB uint8, shape (height, width, 3)."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : width / height : width * 1j].astype(np.float32)
    across = (0.35 * x / (width / height) + 0.65 * y)[..., None]
    image = (1 - across) * np.array([58, 76, 104], np.float32) + across * np.array([24, 27, 44], np.float32)
    lights = ((0.15, 0.1, 0.55, (20, 36, 42)), (0.95, 0.2, 0.5, (46, 30, 36)), (0.55, 1.0, 0.6, (14, 30, 38)))
    for center_x, center_y, spread, colour in lights:
        distance = (x - center_x * width / height) ** 2 + (y - center_y) ** 2
        image += np.exp(-distance / (2 * (spread / 2) ** 2))[..., None] * np.array(colour, np.float32)
    noise = np.random.default_rng(7).uniform(-1, 1, (height, width, 1))
    return np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)


def _with_shadow(photo: np.ndarray, margin: int) -> np.ndarray:
    """The photo with its shadow as a layer.

    Returns:
        uint8, shape (height + 2 margin, width + 2 margin, 4): premultiplied red, green and blue, and the transmittance
        of the layer.
    """
    height, width = photo.shape[0] + 2 * margin, photo.shape[1] + 2 * margin
    alpha = _rounded_alpha(height, width, margin, radius=round(CORNER_RADIUS * photo.shape[0]))
    shifted = np.roll(alpha, margin // 5, axis=0)
    shadow = SHADOW_OPACITY * cv2.GaussianBlur(shifted, (0, 0), margin / 4.5)
    colour = np.zeros((height, width, 3), np.float32)
    colour[margin:-margin, margin:-margin] = photo
    colour *= alpha[..., None]
    transmittance = (1 - alpha) * (1 - shadow)
    return np.rint(np.dstack([colour, 255 * transmittance])).astype(np.uint8)


def _rounded_alpha(height: int, width: int, margin: int, radius: int) -> np.ndarray:
    """float32 (height, width): 1 inside a rounded rectangle, 0 outside, with a soft edge of one pixel."""
    y = np.abs(np.arange(height, dtype=np.float32) - (height - 1) / 2)[:, None] - (height / 2 - margin - radius)
    x = np.abs(np.arange(width, dtype=np.float32) - (width - 1) / 2)[None] - (width / 2 - margin - radius)
    outside = np.hypot(np.maximum(y, 0), np.maximum(x, 0)) + np.minimum(np.maximum(y, x), 0)
    return np.clip(radius - outside, 0, 1)
