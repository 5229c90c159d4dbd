"""Images of reports: scaled, marked and encoded as part of the page."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.errors import SettingsError

JPEG_QUALITY = 85
PIXEL_RATIO = 2  # images have twice the pixels they are shown with, for screens of high density
DOT_RADIUS_PX = 4
WINDOW_LINE_PX = 3
SUBPIXEL_BITS = 4  # dots are placed with a precision of 1/16 pixel

# Markings on images, RGB. They are the same in both colour schemes, because the images are.
TRUE_COLOR, PREDICTED_COLOR = (90, 220, 130), (255, 107, 61)
LEGEND = {"true": f"rgb{TRUE_COLOR}", "predicted": f"rgb{PREDICTED_COLOR}"}


@dataclass(frozen=True, slots=True)
class GalleryImage:
    """An image, RGB uint8, with its text alternative and the text below it."""

    image: np.ndarray
    alt: str
    caption: str = ""
    file_name: str = ""


def data_uri(image: np.ndarray) -> str:
    """Encode an RGB image, uint8 (height, width, 3), as a JPEG data URI."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert encoded
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"


def write_image(image: np.ndarray, file: Path) -> None:
    """Write an RGB image, uint8; its format follows from the suffix of the file.

    Raises:
        SettingsError: the suffix is that of no image format, or the file cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        written = cv2.imwrite(str(file), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    except cv2.error:
        written = False
    if not written:
        raise SettingsError(f"cannot write an image to {file}; give a file such as sheet.png in a folder of yours")


def square_thumbnail(image: np.ndarray, side_px: int) -> np.ndarray:
    """Cut out the middle square of an image and scale it to be shown with `side_px`; RGB uint8."""
    height, width = image.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    return scaled(image[top : top + edge, left : left + edge], PIXEL_RATIO * side_px / edge)


def scaled(image: np.ndarray, factor: float) -> np.ndarray:
    """Scale an image, RGB uint8; smooth in both directions."""
    interpolation = cv2.INTER_CUBIC if factor >= 1 else cv2.INTER_AREA
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=interpolation)


def draw_dots(image: np.ndarray, points: Iterable[Iterable[float]], color: tuple[int, int, int]) -> None:
    """Draw (x, y) points in pixels onto an image; points with NaN are skipped."""
    scale = 1 << SUBPIXEL_BITS
    for x, y in points:
        if np.isfinite((x, y)).all():
            center = (round(x * scale), round(y * scale))
            cv2.circle(image, center, DOT_RADIUS_PX * scale, color, -1, cv2.LINE_AA, SUBPIXEL_BITS)


def draw_boxes(image: np.ndarray, boxes: np.ndarray, color: tuple[int, int, int], width_px: int) -> None:
    """Draw boxes x1, y1, x2, y2 in pixels, shape (n, 4), onto an image."""
    for x1, y1, x2, y2 in np.rint(boxes).astype(int).tolist():
        cv2.rectangle(image, (x1, y1), (x2, y2), color, width_px)


def draw_window(patch: np.ndarray, window: np.ndarray, side_px: int) -> np.ndarray:
    """A patch, uint8 (side, side, channels), as an RGB image to be shown with `side_px`, and an affine window over it.

    Args:
        window: As `networks.spatial_transformer` takes it, shape (6,).
    """
    side = patch.shape[0]
    color = cv2.cvtColor(patch, cv2.COLOR_GRAY2RGB) if patch.shape[2] == 1 else patch
    image = scaled(color, PIXEL_RATIO * side_px / side)
    corners = np.array([(-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)]) @ window.reshape(2, 3).T
    # From -1 to 1 between the centres of the corner pixels.
    pixels = ((corners + 1) * (side - 1) / 2 + 0.5) * (image.shape[0] / side)
    cv2.polylines(image, [np.rint(pixels).astype(np.int32)], True, PREDICTED_COLOR, WINDOW_LINE_PX, cv2.LINE_AA)
    return image
