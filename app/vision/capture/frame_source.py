"""Interface of frame sources, and how the text that selects one is parsed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from app.domain import Frame
from app.source_names import without_credentials

Clock = Callable[[], float]
# A number with more digits is not a webcam index but perhaps a file name.
MAX_WEBCAM_INDEX_DIGITS = 4


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Properties of an open source.

    Attributes:
        kind: `webcam`, `file`, `stream`, `folder`, `browser` or `demo`.
        source: Text that opens the source again, without credentials.
        name: Name for people.
        width, height, fps: Size and rate of the frames; size of the first frame if sizes differ.
        mirrored: Whether frames are flipped horizontally.
        live: Whether frames arrive in real time; other sources are read on demand.
        unrelated_frames: Whether each frame is a picture of its own, as in a folder of photos, and not one of a film.
        notice: Line for the viewer, or None.
        duration_s: Length of a file or folder in seconds, at which any position can be played; None if unknown.
    """

    kind: str
    source: str
    name: str
    width: int
    height: int
    fps: float
    mirrored: bool = False
    live: bool = False
    unrelated_frames: bool = False
    notice: str | None = None
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class CapturedFrame:
    """A frame with details of its capture.

    Attributes:
        read_ms: Duration of the read call; 0 for live sources, which wait for the next frame.
        opening: Number of the opening of a source that the frame comes from.
        skipped_while_idle: Frames of this opening skipped so far because there were no viewers.
        unrelated: Whether the frame is a picture of its own; see `SourceInfo.unrelated_frames`.
        position_s: Position of the frame in a file or folder, in seconds; None for other sources.
    """

    frame: Frame
    read_ms: float
    opening: int
    skipped_while_idle: int = 0
    unrelated: bool = False
    position_s: float | None = None


class FrameSource(Protocol):
    """A source of frames."""

    @property
    def info(self) -> SourceInfo:
        """Properties of the source."""

    def read(self) -> Frame | None:
        """Read the next frame; its index is one higher and its time later than the last one's. None at the end.

        Raises:
            CameraUnavailable: the device or stream was lost.
        """

    def skip(self) -> float | None:
        """Skip the next frame as cheaply as possible; return its time stamp, or None at the end.

        Raises:
            CameraUnavailable: the device or stream was lost.
        """

    def close(self) -> None:
        """Release the device or file. Safe to call twice."""


@runtime_checkable
class SeekableSource(FrameSource, Protocol):
    """A file or folder. Positions can be chosen if `info.duration_s` is known."""

    @property
    def position_s(self) -> float | None:
        """Position of the last frame read or skipped, in seconds from the start of the file; None for one image."""

    def seek(self, position_s: float) -> None:
        """Continue with the frame at this position. Call it before the first frame is read."""


def read_or_skip(source: FrameSource, due: bool) -> tuple[Frame | None, float | None]:
    """The next frame if it is due, and its time stamp; None as the time stamp at the end."""
    if not due:
        return None, source.skip()
    frame = source.read()
    return frame, None if frame is None else frame.time_s


def fit_size(width: int, height: int, max_side: int) -> tuple[int, int]:
    """Width and height, reduced so that the longer side has at most `max_side` pixels."""
    factor = max(1.0, max(width, height) / max_side)
    return max(1, round(width / factor)), max(1, round(height / factor))


def source_kind(source: str) -> str:
    """Kind of a source from its text and the file system.

    Returns:
        `auto`, `demo`, `browser`, `webcam`, `stream`, `folder` or `file`.
    """
    if source in ("auto", "browser", "demo", "demo:still"):
        return source.partition(":")[0]
    if source.isdecimal() and len(source) <= MAX_WEBCAM_INDEX_DIGITS:
        return "webcam"
    if "://" in source:
        return "stream"
    return "folder" if os.path.isdir(source) else "file"  # unlike Path.is_dir, False if the text is not a valid path


def source_name(source: str, kind: str) -> str:
    """Name of a source for people."""
    if kind in ("auto", "browser", "demo"):
        return {"auto": "Webcam", "browser": "A browser's camera", "demo": "Demo scene"}[kind]
    if kind == "webcam":
        return f"Webcam {source}"
    return without_credentials(source) if kind == "stream" else Path(source).name or source


def is_retried(source: str) -> bool:
    """Whether the source may become available: webcams are plugged in and streams return, files do not."""
    return source_kind(source) in ("auto", "webcam", "stream", "browser")
