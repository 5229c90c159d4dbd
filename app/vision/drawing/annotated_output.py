"""Write annotated copies of analysed files to a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from app.attributes.attribute_set import AttributeSet
from app.domain import Frame, Track, ViewOptions
from app.errors import SettingsError
from app.vision.capture.frame_source import SourceInfo
from app.vision.drawing.annotate import Annotator
from app.vision.drawing.jpeg import encode_jpeg
from app.vision.drawing.picture_scale import enlarge, file_size
from app.vision.drawing.video_writer import VideoRecorder

# Copies are kept, so they get a higher quality than the stream.
FILE_QUALITY = 92
# Smaller images are enlarged to make room for the labels.
MIN_SIDE_PX = 240


class AnnotatedOutput:
    """Draws and writes the copies; no two get the same name, and none gets that of an original."""

    def __init__(self, folder: Path, attributes: AttributeSet, originals: Iterable[Path] = ()) -> None:
        self._folder, self._used = folder, {path.resolve() for path in originals}
        # A copy is looked at on its own, without the list of people that explains dots.
        self._annotator = Annotator(attributes, max_chips=None)
        self._show = attributes.default_show
        _make_folder(folder)

    def write_image(self, relative: Path, image: np.ndarray, tracks: Sequence[Track]) -> None:
        """Write the annotated copy of an RGB uint8 image, shape (height, width, 3), as JPEG."""
        path = self._free_path(relative, ".jpg")
        self._annotator.reset()
        image, tracks = enlarge(image, tracks, MIN_SIDE_PX / min(image.shape[:2]))
        annotated = self._annotator.draw(image, tracks, self._view(image.shape[1], image.shape[0]))
        try:
            path.write_bytes(encode_jpeg(annotated, FILE_QUALITY))
        except OSError as error:
            raise _write_error(path, error) from None

    def open_video(self, relative: Path, info: SourceInfo) -> AnnotatedVideo:
        """Open the annotated copy of a video."""
        path = self._free_path(relative, ".mp4")
        try:
            recorder = VideoRecorder(path, info.width, info.height, info.fps)
        except OSError as error:
            raise _write_error(path, error) from None
        self._annotator.reset()
        return AnnotatedVideo(self._annotator, self._view(info.width, info.height), recorder)

    def _view(self, width: int, height: int) -> ViewOptions:
        return ViewOptions(self._show, file_size(width, height))

    def _free_path(self, relative: Path, suffix: str) -> Path:
        """`clip.mp4`, or `clip-2.mp4` if an original or another copy of this run has that name."""
        wanted = self._folder / relative.with_suffix(suffix)
        path, number = wanted, 2
        while path.resolve() in self._used:
            path, number = wanted.with_stem(f"{wanted.stem}-{number}"), number + 1
        self._used.add(path.resolve())
        _make_folder(path.parent)
        return path


class AnnotatedVideo:
    """Annotated copy of one video; the file appears once it is complete."""

    def __init__(self, annotator: Annotator, view: ViewOptions, recorder: VideoRecorder) -> None:
        self._annotator, self._view, self._recorder, self._is_open = annotator, view, recorder, True

    def add(self, frame: Frame, tracks: Sequence[Track]) -> None:
        """Draw and write the next frame."""
        self._recorder.write(self._annotator.draw(frame.image, tracks, self._view, frame.time_s), frame.time_s)

    def close(self) -> None:
        """Complete the file."""
        self._is_open = False
        self._recorder.close()

    def discard(self) -> None:
        """Delete the file unless it was completed."""
        if self._is_open:
            self._is_open = False
            self._recorder.discard()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _write_error(folder, error) from None


def _write_error(path: Path, error: OSError) -> SettingsError:
    return SettingsError(f"cannot write {str(path)!r} ({error.strerror}); choose another folder with --annotate")
