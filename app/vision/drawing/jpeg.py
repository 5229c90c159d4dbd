"""Encode images as JPEG."""

from __future__ import annotations

import cv2
import numpy as np

# 44 kB and 0.75 ms for 640x480; quality 95 doubles the size without a visible gain.
STREAM_QUALITY = 80


def encode_jpeg(image: np.ndarray, quality: int = STREAM_QUALITY) -> bytes:
    """Encode an RGB uint8 image, shape (height, width, 3)."""
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()
