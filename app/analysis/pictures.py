"""Turn pictures of any common form into RGB uint8 arrays."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from app.analysis.remote import is_url, open_url
from app.errors import UnreadableMedia
from app.vision.capture.image_file import read_image

Picture = str | Path | bytes | bytearray | memoryview | np.ndarray | Image.Image

# Forms of arrays, for the error message.
ARRAY_FORMS = "give gray, RGB or RGBA as uint8 or as float of 0 to 1, such as shape (height, width, 3)"
MAX_BYTE = 255


def read_picture(picture: Picture) -> np.ndarray:
    """Read a picture.

    Args:
        picture: Path or address of an image, the bytes of an image file, a Pillow image, or an array: gray (height,
            width) or (height, width, 1), RGB (height, width, 3) or RGBA (height, width, 4), as uint8 or as float of 0
            to 1. Transparency is ignored.
    Returns:
        RGB uint8, shape (height, width, 3).
    Raises:
        UnreadableMedia: the picture cannot be read, or is of another form.
    """
    if isinstance(picture, np.ndarray):
        return rgb_array(picture)
    if isinstance(picture, Image.Image):
        return np.array(ImageOps.exif_transpose(picture).convert("RGB"))
    if isinstance(picture, bytes | bytearray | memoryview):
        return read_image(io.BytesIO(picture), name="the bytes")
    if is_url(picture):
        with open_url(str(picture)) as file:
            return read_image(file, name=str(picture))
    return read_image(picture)


def rgb_array(array: np.ndarray) -> np.ndarray:
    """An array in one of the forms of `read_picture` as RGB uint8, shape (height, width, 3).

    Raises:
        UnreadableMedia: the array has another form.
    """
    channels = array.shape[2] if array.ndim == 3 else 1
    if array.ndim not in (2, 3) or channels not in (1, 3, 4) or not array.size:
        raise _wrong_array(array)
    pixels = _to_bytes(array)
    if channels == 1:
        return np.repeat(pixels.reshape(*array.shape[:2], 1), 3, axis=2)
    return np.ascontiguousarray(pixels[:, :, :3])


def _to_bytes(array: np.ndarray) -> np.ndarray:
    if array.dtype == np.uint8:
        return array
    if not np.issubdtype(array.dtype, np.floating) or not (array.min() >= 0 and array.max() <= 1):
        raise _wrong_array(array)
    return np.rint(array * MAX_BYTE).astype(np.uint8)


def _wrong_array(array: Any) -> UnreadableMedia:
    values = f" with values of {array.min():g} to {array.max():g}" if array.size else ""
    return UnreadableMedia(f"the array is {array.dtype} of shape {array.shape}{values}; {ARRAY_FORMS}", "wrong array")
