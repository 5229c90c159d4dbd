"""What every source of pictures offers, and how the text that names one is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.domain import Frame

Clock = Callable[[], float]


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

    def close(self) -> None:
        """Let go of the device or file; may be called twice."""


def source_kind(source: str) -> str:
    """`auto`, `demo`, `webcam`, `stream`, `folder` or `file`, from the text and from what lies on the disk."""
    if source in ("auto", "demo", "demo:still"):
        return source.partition(":")[0]
    if source.isdecimal():
        return "webcam"
    if "://" in source:
        return "stream"
    return "folder" if Path(source).is_dir() else "file"


def without_credentials(source: str) -> str:
    """A URL without its user and password; anything else as it is."""
    return re.sub(r"://[^/]*@", "://", source)
