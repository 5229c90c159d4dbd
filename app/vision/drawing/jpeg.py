"""Pictures as JPEG."""

from __future__ import annotations

import cv2
import numpy as np

QUALITY = 80


def encode_jpeg(image: np.ndarray, quality: int = QUALITY) -> bytes:
    """An RGB uint8 picture of shape (height, width, 3) as JPEG."""
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()
