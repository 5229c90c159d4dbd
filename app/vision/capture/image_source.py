"""Pictures in files: one at a time, or a folder of them as a source."""

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

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
PICTURES_A_SECOND = 1.0

log = logging.getLogger(__name__)


def read_image(path: str | Path | IO[bytes]) -> np.ndarray:
    """Read a picture, turned upright as its camera noted.

    Pillow reads it because OpenCV returns a truncated JPEG half gray and without a word.

    Returns:
        RGB uint8, shape (height, width, 3).
    Raises:
        UnreadableMedia: it is missing, damaged or no picture.
    """
    try:
        with Image.open(path) as picture:
            return np.array(ImageOps.exif_transpose(picture).convert("RGB"))
    except FileNotFoundError:
        raise UnreadableMedia(f"there is no file {str(path)!r}; check the path") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        reason = "no known picture format" if "cannot identify" in reason else reason
        raise UnreadableMedia(f"cannot read the picture {str(path)!r} ({reason}); replace or remove it") from None


def image_files(folder: str | Path) -> list[Path]:
    """The picture files directly in a folder, by name."""
    return sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)


class ImageSource:
    """A folder of pictures, or one picture file; damaged ones are skipped with a logged line."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        path = Path(settings.source)
        self._kind = "folder" if path.is_dir() else "file"
        self._paths = _listed(path) if path.is_dir() else [path]
        self._clock, self._loop = clock, settings.loop
        self._fps = settings.fps or PICTURES_A_SECOND
        self._position, self._index = 0, 0
        self._waiting: np.ndarray | None = self._readable()
        if self._waiting is None:
            raise CameraUnavailable(_why_none(path, self._kind))
        height, width = self._waiting.shape[:2]
        self._info = SourceInfo(self._kind, settings.source, path.name or str(path), width, height, self._fps)

    @property
    def info(self) -> SourceInfo:
        return self._info

    def read(self) -> Frame | None:
        image, self._waiting = self._waiting, None
        if image is None:
            image = self._readable()
        if image is None and self._loop:
            self._position = 0
            image = self._readable()
        if image is None:
            return None
        frame = Frame(image, self._index, self._index / self._fps, self._clock())
        self._index += 1
        return frame

    def skip(self) -> float | None:
        frame = self.read()
        return None if frame is None else frame.time_s

    def close(self) -> None:
        self._waiting, self._position, self._loop = None, len(self._paths), False

    def _readable(self) -> np.ndarray | None:
        """The next picture that can be read; None when there is none left."""
        while self._position < len(self._paths):
            try:
                image = read_image(self._paths[self._position])
            except UnreadableMedia as error:
                log.warning("skipped: %s", error)
                del self._paths[self._position]  # told once, not in every round
                continue
            self._position += 1
            return image
        return None


def _listed(folder: Path) -> list[Path]:
    try:
        return image_files(folder)
    except OSError as error:
        line = f"cannot list the folder {str(folder)!r} ({error.strerror}); allow this user to read it"
        raise CameraUnavailable(line) from None


def _why_none(path: Path, kind: str) -> str:
    if kind == "folder":
        return f"the folder {str(path)!r} has no picture that can be read; put JPEG or PNG files into it"
    if not path.exists():
        return f"there is no file or folder {str(path)!r}; check the path, or choose the demo scene (CAMERA=demo)"
    return f"{str(path)!r} is no picture that can be read; give another file, or choose the demo scene (CAMERA=demo)"
