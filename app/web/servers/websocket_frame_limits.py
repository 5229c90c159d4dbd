"""Limits on the WebSocket frames of a connection, the same for every server."""

from __future__ import annotations

# A page sends a frame for each event (30 in 10 s are carried out) and a pong every 10 s. Fragments and control frames
# count as well.
FRAME_BURST = 120
FRAMES_PER_S = 12.0
# Close codes (RFC 6455, section 7.4.1).
POLICY_VIOLATION = 1008
MESSAGE_TOO_LONG = 1009

TOO_MANY_FRAMES = "closed a connection of %s that sent too many WebSocket frames"
