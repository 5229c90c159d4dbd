"""Annotated copies of analysed files, in a folder of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from app.domain import Frame, Track, ViewOptions
from app.errors import SettingsError
from app.vision.capture.frame_source import SourceInfo
from app.vision.drawing.annotate import Annotator
from app.vision.drawing.jpeg import encode_jpeg
from app.vision.drawing.video_writer import VideoRecorder

QUALITY = 92
SMALLEST_SIDE = 240  # smaller pictures are enlarged, so that the labels find room


class AnnotatedOutput:
    """Draws and writes the copies; no two get the same name, and none that of an original."""

    def __init__(self, folder: Path, originals: Iterable[Path] = ()) -> None:
        self._folder, self._used = folder, {path.resolve() for path in originals}
        self._annotator = Annotator()
        self._made(folder)

    def picture(self, relative: Path, image: np.ndarray, tracks: Sequence[Track]) -> None:
        """Write the copy of an RGB uint8 picture as JPEG."""
        path = self._free(relative, ".jpg")
        drawn = self._annotator.draw(*_large_enough(image, tracks), ViewOptions())
        try:
            path.write_bytes(encode_jpeg(drawn, QUALITY))
        except OSError as error:
            raise _unwritable(path, error) from None

    def video(self, relative: Path, info: SourceInfo) -> AnnotatedVideo:
        """Begin the copy of a video."""
        path = self._free(relative, ".mp4")
        try:
            return AnnotatedVideo(self._annotator, VideoRecorder(path, info.width, info.height, info.fps))
        except OSError as error:
            raise _unwritable(path, error) from None

    def _free(self, relative: Path, suffix: str) -> Path:
        """`clip.mp4`, or `clip-2.mp4` where an original or another copy of this run has that name."""
        wanted = self._folder / relative.with_suffix(suffix)
        path, number = wanted, 2
        while path.resolve() in self._used:
            path, number = wanted.with_stem(f"{wanted.stem}-{number}"), number + 1
        self._used.add(path.resolve())
        self._made(path.parent)
        return path

    def _made(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from None


class AnnotatedVideo:
    """The copy of one video; it appears once it is whole."""

    def __init__(self, annotator: Annotator, recorder: VideoRecorder) -> None:
        self._annotator, self._recorder, self._open = annotator, recorder, True

    def add(self, frame: Frame, tracks: Sequence[Track]) -> None:
        """Draw and write the next frame."""
        self._recorder.write(self._annotator.draw(frame.image, tracks, ViewOptions()), frame.time_s)

    def close(self) -> None:
        """Finish the file."""
        self._open = False
        self._recorder.close()

    def discard(self) -> None:
        """Leave nothing behind, unless the copy was finished."""
        if self._open:
            self._open = False
            self._recorder.discard()


def _large_enough(image: np.ndarray, tracks: Sequence[Track]) -> tuple[np.ndarray, Sequence[Track]]:
    factor = SMALLEST_SIDE / min(image.shape[:2])
    if factor <= 1:
        return image, tracks
    large = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    return large, [replace(track, face=replace(track.face, box=track.face.box.scale_by(factor))) for track in tracks]


def _unwritable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(f"cannot write {str(path)!r} ({error.strerror}); choose another folder with --annotate")
