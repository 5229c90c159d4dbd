"""Read image files: only regular ones, of a limited size, within a limited time."""

from __future__ import annotations

import io
import math
import os
import stat
import time
import warnings
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np
from PIL import Image, ImageFile, ImageOps, JpegImagePlugin

from app.errors import UnreadableMedia
from app.settings import DEFAULT_MAX_MEGAPIXELS
from app.vision.capture.frame_source import fit_size

# Formats that Pillow reads on every platform.
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
# What every JPEG file begins with (ISO/IEC 10918-1).
JPEG_START = b"\xff\xd8\xff"
# Bytes decoded between two looks at the clock. Pillow's 64 KiB may hold hundreds of scans of a progressive JPEG, each
# of which passes over the whole image.
READ_BLOCK_BYTES = 4096
UNKNOWN_FORMAT = "unknown image format"


def read_image(
    path: str | Path | IO[bytes],
    max_side: int | None = None,
    max_megapixels: float = DEFAULT_MAX_MEGAPIXELS,
    timeout_s: float = math.inf,
    name: str | None = None,
) -> np.ndarray:
    """Read an image and apply its EXIF orientation.

    Uses Pillow, since OpenCV returns a truncated JPEG half gray without an error.

    Args:
        max_side: Longer side in pixels to which a larger image is reduced; a JPEG is reduced while it is decoded.
        max_megapixels: Most million pixels to decode, as the header tells before anything is decoded.
        timeout_s: Time after which the reading of a path is broken off; a read call that blocks is not.
        name: Name in error messages; by default the path.
    Returns:
        RGB uint8, shape (height, width, 3).
    Raises:
        UnreadableMedia: the file is missing, damaged, not an image, not a regular file, too large or too slow.
    """
    try:
        with open_regular_file(path, timeout_s) if isinstance(path, str | Path) else path as file:
            image = _open_image(file)
            _limit_size(image, max_side, max_megapixels)
            return _decode(image, max_side)
    except FileNotFoundError:
        raise UnreadableMedia(f"there is no file {str(path)!r}; check the path", "missing") from None
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        detail = _reason(error)
        raise UnreadableMedia(
            f"cannot read the image {(name or str(path))!r} ({detail}); replace or remove it",
            detail if detail == UNKNOWN_FORMAT else "damaged image",
        ) from None


def open_regular_file(path: str | Path, timeout_s: float = math.inf) -> BinaryIO:
    """Open a file for reading without waiting, as opening a named pipe would; after the time-out reads fail.

    Raises:
        OSError: it cannot be opened.
        ValueError: it is not a regular file, or the path has a NUL.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # of what was opened: another file may take its name meanwhile
        os.close(descriptor)
        raise ValueError("not a regular file")
    return io.BufferedReader(_FileWithDeadline(descriptor, timeout_s), READ_BLOCK_BYTES)


class _FileWithDeadline(io.FileIO):
    """A file whose reads fail once the time is over, which ends a decoder between two blocks."""

    def __init__(self, descriptor: int, timeout_s: float) -> None:
        super().__init__(descriptor)
        self._timeout_s, self._ends_s = timeout_s, time.monotonic() + timeout_s

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._ends_s:
            raise TimeoutError(f"it takes longer than {self._timeout_s:g} s")
        return super().readinto(buffer)


def _open_image(file: IO[bytes]) -> ImageFile.ImageFile:
    """Read the header; a JPEG without Pillow's own limit, which does not know that it is reduced while decoding."""
    start = file.read(len(JPEG_START))
    file.seek(0)
    if start == JPEG_START:
        return JpegImagePlugin.JpegImageFile(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit follows
        return Image.open(file)


def _limit_size(image: ImageFile.ImageFile, max_side: int | None, max_megapixels: float) -> None:
    """Reduce a JPEG if possible, and refuse an image that is still too large.

    Raises:
        ValueError: it is too large.
    """
    # A progressive JPEG is held in memory at its full size, whatever comes of it.
    if max_side is not None and not image.info.get("progressive"):
        image.draft(image.mode, fit_size(*image.size, max_side))
    megapixels = image.width * image.height / 1e6
    if megapixels > max_megapixels:
        raise ValueError(f"it has {megapixels:.0f} megapixels; the limit is {max_megapixels:g}")


def _decode(image: ImageFile.ImageFile, max_side: int | None) -> np.ndarray:
    image.decodermaxblock = READ_BLOCK_BYTES
    if max_side is not None:
        image.thumbnail((max_side, max_side))
    ImageOps.exif_transpose(image, in_place=True)
    return np.array(image.convert("RGB"))


def _reason(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    if isinstance(error, Image.DecompressionBombError):
        return "it has more than 178 megapixels"
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UNKNOWN_FORMAT if "cannot identify" in text else text
