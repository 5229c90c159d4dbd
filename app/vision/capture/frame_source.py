"""What every source of pictures offers, and how the text that names one is read."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.domain import Frame
from app.settings import without_credentials

Clock = Callable[[], float]
LONGEST_INDEX = 4  # digits; more name no webcam but perhaps a file


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of an open source.

    Attributes:
        kind: `webcam`, `file`, `stream`, `folder` or `demo`.
        source: The text that opens it again, without credentials.
        name: What a person calls it.
        width, height, fps: Of its pictures; of the first one where they differ.
        mirrored: Its pictures are flipped as in a mirror.
        live: Pictures come by themselves; others are read as fast as one asks.
        notice: A line for the viewer, or None.
    """

    kind: str
    source: str
    name: str
    width: int
    height: int
    fps: float
    mirrored: bool = False
    live: bool = False
    notice: str | None = None


class FrameSource(Protocol):
    """Where pictures come from."""

    @property
    def info(self) -> SourceInfo:
        """What is known of the source."""

    def read(self) -> Frame | None:
        """The next picture, its index one higher and its time later than the last; None at the end.

        Raises:
            CameraUnavailable: the device or stream was lost.
        """

    def skip(self) -> float | None:
        """Pass over the next picture, as cheaply as can be; its time, None at the end.

        Raises:
            CameraUnavailable: the device or stream was lost.
        """

    def close(self) -> None:
        """Let go of the device or file; may be called twice."""


def source_kind(source: str) -> str:
    """`auto`, `demo`, `webcam`, `stream`, `folder` or `file`, from the text and from what lies on the disk."""
    if source in ("auto", "demo", "demo:still"):
        return source.partition(":")[0]
    if source.isdecimal() and len(source) <= LONGEST_INDEX:
        return "webcam"
    if "://" in source:
        return "stream"
    return "folder" if os.path.isdir(source) else "file"  # unlike Path's, false where the text can be no path


def source_name(source: str, kind: str) -> str:
    """What a person calls a source of this kind."""
    if kind in ("auto", "demo"):
        return {"auto": "Webcam", "demo": "Demo scene"}[kind]
    if kind == "webcam":
        return f"Webcam {source}"
    return without_credentials(source) if kind == "stream" else Path(source).name or source
