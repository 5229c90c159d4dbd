"""Limits on the WebSocket frames of a connection, the same for every server."""

from __future__ import annotations

from dataclasses import dataclass

# Close codes (RFC 6455, section 7.4.1).
POLICY_VIOLATION = 1008
MESSAGE_TOO_LONG = 1009

TOO_MANY_FRAMES = "closed a connection of %s that sent too many WebSocket frames"


@dataclass(frozen=True, slots=True)
class FrameLimits:
    """Frames of a connection; fragments and control frames count as well.

    Attributes:
        burst: Frames at once.
        per_s: Frames per second after that.
        waiting: Whole messages that may have arrived without having been read.
    """

    burst: int
    per_s: float
    waiting: int


# A page sends a frame for each event (30 in 10 s are carried out) and a pong every 10 s.
FRAME_BURST = 120
FRAMES_PER_S = 12.0
PAGE_LIMITS = FrameLimits(FRAME_BURST, FRAMES_PER_S, waiting=FRAME_BURST)
# A browser sends 30 pictures a second, each in fragments: Chromium makes one of what fits into its buffer of 64 kB.
# It waits for the answer to each message before it sends the next.
CAMERA_LIMITS = FrameLimits(burst=600, per_s=600.0, waiting=1)
