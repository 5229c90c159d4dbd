"""State of the camera: as viewers requested it, and as it is reported to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.source_names import without_credentials
from app.vision.capture.frame_source import SourceInfo, source_kind, source_name
from app.vision.capture.loss_history import LOSS_WINDOW_S, MAX_LOSSES

# States in which a source delivers nothing although it should.
FAILURE_STATES = ("lost", "failed")
ENDED_NOTICE = "The source has ended. Press Play to see it again."


@dataclass(frozen=True, eq=False, slots=True)
class CameraRequest:
    """The state that was last requested. A new request replaces the old one and differs by identity.

    Attributes:
        ended: Whether the source is paused because it has ended.
        start_s: Position in a file or folder from which it is played, in seconds.
    """

    source: str
    paused: bool = False
    stopped: bool = False
    ended: bool = False
    start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """State of the camera.

    Attributes:
        state: `opening`, `live`, `lost`, `paused`, `failed`, or `waiting`: for a browser that gives its camera, or for
            the first viewer of a file.
        requested: Text of the requested source, possibly with credentials.
        info: The opened source, if any.
        error, notice: One line for the viewer, or None.
        ended: Whether it is paused because the source has ended.
    """

    state: str
    requested: str
    info: SourceInfo | None = None
    error: str | None = None
    notice: str | None = None
    ended: bool = False

    def to_dict(self) -> dict[str, Any]:
        """JSON form: the `camera` part of a status event, without credentials."""
        requested, info = without_credentials(self.requested), self.info
        kind = source_kind(self.requested) if info is None else info.kind
        return {
            "state": self.state,
            "requested": requested,
            "source": requested if info is None else info.source,
            "kind": kind.replace("auto", "webcam"),
            "name": source_name(self.requested, kind) if info is None else info.name,
            "demo": kind == "demo",
            "width": None if info is None else info.width,
            "height": None if info is None else info.height,
            "fps": None if info is None else round(info.fps, 2),
            "duration_s": None if info is None or info.duration_s is None else round(info.duration_s, 2),
            "ended": self.ended,
            "mirrored": info is not None and info.mirrored,
            "notice": self.notice or (info.notice if info else None),
            "error": self.error,
        }


def silence_error(info: SourceInfo) -> str:
    """Error of a source whose read call does not return."""
    remedy = "check its cable or network" if info.live else "it may be damaged, or its disk is slow"
    return f"{info.name} sends no frames; {remedy}"


def unstable_error(source: str) -> str:
    """Error of a camera that is lost again and again; always the same, so that it is reported once."""
    name = source_name(source, source_kind(source))
    return (
        f"{name} was lost {MAX_LOSSES} times within {LOSS_WINDOW_S:g} s and is tried less often until it is steady; "
        "check its cable or network"
    )
