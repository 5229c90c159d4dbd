"""Read image files, singly or as a source of frames."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, ImageOps

from app.domain import Frame
from app.errors import CameraUnavailable, UnreadableMedia
from app.settings import Settings
from app.vision.capture.frame_source import Clock, SourceInfo

# Formats that Pillow reads on every platform.
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
# Frame rate of a folder if none is set: slow enough to look at every image.
DEFAULT_FPS = 1.0

log = logging.getLogger(__name__)


def read_image(path: str | Path | IO[bytes]) -> np.ndarray:
    """Read an image and apply its EXIF orientation.

    Uses Pillow, since OpenCV returns a truncated JPEG half gray without an error.

    Returns:
        RGB uint8, shape (height, width, 3).
    Raises:
        UnreadableMedia: the file is missing, damaged or not an image.
    """
    try:
        with Image.open(path) as image:
            return np.array(ImageOps.exif_transpose(image).convert("RGB"))
    except FileNotFoundError:
        raise UnreadableMedia(f"there is no file {str(path)!r}; check the path") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        reason = "unknown image format" if "cannot identify" in reason else reason
        raise UnreadableMedia(f"cannot read the image {str(path)!r} ({reason}); replace or remove it") from None


def image_files(folder: str | Path) -> list[Path]:
    """Image files directly in a folder, by name."""
    return sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)


class ImageSource:
    """A folder of images, or one image file; damaged files are skipped with a log entry."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        path = Path(settings.source)
        self._kind = "folder" if path.is_dir() else "file"
        self._paths = _list_folder(path) if path.is_dir() else [path]
        self._clock, self._loop = clock, settings.loop
        self._fps = settings.fps or DEFAULT_FPS
        self._position, self._index = 0, 0
        self._next_image: np.ndarray | None = self._read_next()
        if self._next_image is None:
            raise CameraUnavailable(_no_image_message(path, self._kind))
        height, width = self._next_image.shape[:2]
        self._info = SourceInfo(
            self._kind,
            settings.source,
            path.name or str(path),
            width,
            height,
            self._fps,
            unrelated_frames=self._kind == "folder",
        )

    @property
    def info(self) -> SourceInfo:
        """Properties of the source."""
        return self._info

    def read(self) -> Frame | None:
        """Read the next image; None after the last one."""
        image, self._next_image = self._next_image, None
        if image is None:
            image = self._read_next()
        if image is None and self._loop:
            self._position = 0
            image = self._read_next()
        if image is None:
            return None
        frame = Frame(image, self._index, self._index / self._fps, self._clock())
        self._index += 1
        return frame

    def skip(self) -> float | None:
        """Read and drop the next image; return its time stamp, or None after the last one."""
        frame = self.read()
        return None if frame is None else frame.time_s

    def close(self) -> None:
        """Drop the remaining images."""
        self._next_image, self._position, self._loop = None, len(self._paths), False

    def _read_next(self) -> np.ndarray | None:
        """Next readable image; None after the last one."""
        while self._position < len(self._paths):
            try:
                image = read_image(self._paths[self._position])
            except UnreadableMedia as error:
                log.warning("skipped: %s", error)
                del self._paths[self._position]  # log it once, not in every loop
                continue
            self._position += 1
            return image
        return None


def _list_folder(folder: Path) -> list[Path]:
    try:
        return image_files(folder)
    except OSError as error:
        message = f"cannot list the folder {str(folder)!r} ({error.strerror}); allow this user to read it"
        raise CameraUnavailable(message) from None


def _no_image_message(path: Path, kind: str) -> str:
    if kind == "folder":
        return f"the folder {str(path)!r} has no readable image; put JPEG or PNG files into it"
    if not path.exists():
        return f"there is no file or folder {str(path)!r}; check the path, or choose the demo scene (CAMERA=demo)"
    return f"{str(path)!r} is not a readable image; give another file, or choose the demo scene (CAMERA=demo)"
