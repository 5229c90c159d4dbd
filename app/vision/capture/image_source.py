"""Image files as a source of frames: a folder, or one file."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from app.domain import Frame
from app.errors import CameraUnavailable, UnreadableMedia
from app.settings import Settings
from app.vision.capture.frame_source import Clock, SourceInfo
from app.vision.capture.image_file import IMAGE_SUFFIXES, read_image
from app.vision.runtime.time_limit import TimeLimit

# Frame rate of a folder if none is set: slow enough to look at every image.
DEFAULT_FPS = 1.0
# A readable image of at most 100 megapixels takes less than this on one core.
IMAGE_TIMEOUT_S = 2.0
# A folder without a readable image for this long is given up.
SEARCH_TIMEOUT_S = 10.0
# So many reads that never return, and the folder counts as unreachable: each keeps a thread.
MAX_BLOCKED_READS = 3

log = logging.getLogger(__name__)


def image_files(folder: str | Path) -> list[Path]:
    """Image files directly in a folder, by name."""
    return sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in IMAGE_SUFFIXES)


class ImageSource:
    """A folder of images, or one image file; damaged files are skipped with a log entry."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        path = Path(settings.source)
        self._kind = "folder" if path.is_dir() else "file"
        self._paths = _list_folder(path) if path.is_dir() else [path]
        self._clock, self._loop, self._settings = clock, settings.loop, settings
        self._time_limit = TimeLimit(IMAGE_TIMEOUT_S)
        self._fps = settings.fps or DEFAULT_FPS
        self._position, self._index, self._position_s = 0, 0, 0.0
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
            duration_s=len(self._paths) / self._fps if self._kind == "folder" else None,
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
        self._position_s = (self._position - 1) / self._fps
        frame = Frame(image, self._index, self._index / self._fps, self._clock())
        self._index += 1
        return frame

    def skip(self) -> float | None:
        """Read and drop the next image; return its time stamp, or None after the last one."""
        frame = self.read()
        return None if frame is None else frame.time_s

    @property
    def position_s(self) -> float | None:
        """Position of the last image in a folder, in seconds; None for a single image."""
        return self._position_s if self._kind == "folder" else None

    def seek(self, position_s: float) -> None:
        """Continue with the image at this position. Call it before the first image is read."""
        self._position = int(position_s * self._fps)
        self._next_image = self._read_next()

    def close(self) -> None:
        """Drop the remaining images."""
        self._next_image, self._position, self._loop = None, len(self._paths), False

    def _read_next(self) -> np.ndarray | None:
        """Next readable image; None after the last one.

        Raises:
            CameraUnavailable: there is none for `SEARCH_TIMEOUT_S`, or too many reads never return.
        """
        ends_s = self._clock() + SEARCH_TIMEOUT_S
        while self._position < len(self._paths):
            path = self._paths[self._position]
            try:
                image = self._read(path)
            except UnreadableMedia as error:
                log.warning("skipped: %s", error)
                del self._paths[self._position]  # log it once, not in every loop
                self._check_search(path, ends_s)
                continue
            self._position += 1
            return image
        return None

    def _read(self, path: Path) -> np.ndarray:
        settings = self._settings
        try:
            return self._time_limit.call(
                lambda: read_image(path, settings.max_side, settings.max_megapixels, IMAGE_TIMEOUT_S)
            )
        except TimeoutError:
            reason = f"it takes longer than {IMAGE_TIMEOUT_S:g} s"
            raise UnreadableMedia(f"cannot read the image {str(path)!r} ({reason}); replace or remove it") from None

    def _check_search(self, path: Path, ends_s: float) -> None:
        if self._time_limit.blocked_calls >= MAX_BLOCKED_READS or self._clock() > ends_s:
            raise CameraUnavailable(
                f"the images of {str(path.parent)!r} take too long to read; copy them to a disk of this computer, or "
                "remove those that the log names"
            )


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
