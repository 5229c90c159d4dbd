"""Time limits of the calls that open and read a source, which libraries and drivers may exceed."""

from __future__ import annotations

from app.settings import Settings
from app.vision.runtime.stall_timer import Timeouts

# A source without frames for this long is reported as lost, though its read call may continue. A file is played with
# pauses of at most this long.
LOST_AFTER_S = 2.0
# Some webcams take 15 s to open. A folder whose next image is not found within 10 s gives up by itself, and so does a
# browser's camera without frames.
OPEN_TIMEOUT_S = 30.0
# A library that exceeds the time-out it was given by this much hangs.
TIMEOUT_OVERRUN_S = 2.0


def open_timeouts(kind: str, settings: Settings) -> Timeouts:
    """Time limits of the call that opens a source of this kind (`frame_source.source_kind`)."""
    # OpenCV may try a stream twice.
    return Timeouts(None, 2 * settings.open_timeout_s + TIMEOUT_OVERRUN_S if kind == "stream" else OPEN_TIMEOUT_S)


def read_timeouts(kind: str, interval_s: float, settings: Settings) -> Timeouts:
    """Time limits of the next read call, from the time between the last two frames: a header may claim any rate."""
    if kind == "browser":
        return Timeouts(None, OPEN_TIMEOUT_S)
    limit_s = OPEN_TIMEOUT_S if kind == "folder" else settings.read_timeout_s + TIMEOUT_OVERRUN_S
    return Timeouts(max(LOST_AFTER_S, 2 * interval_s), max(limit_s, 4 * interval_s))
