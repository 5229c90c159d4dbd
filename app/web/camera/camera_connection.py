"""The connection of a browser that gives its camera: each of its messages gets one answer, before it sends the next."""

from __future__ import annotations

import json
import logging
import math
import struct
import time
from collections import OrderedDict
from contextlib import suppress
from typing import Any, Protocol

from app.errors import AppError
from app.web.camera.browser_camera import GIVE, BrowserCamera
from app.web.camera.jpeg_header import MAX_JPEG_BYTES, RefusedFrame, check_jpeg
from app.web.live.view_allocation import ViewSubscription
from app.web.security.rate_limit import TokenBucket, client_network

# Before the JPEG: `performance.now()` of the browser when the frame was captured, in milliseconds.
FRAME_PREFIX = struct.Struct("!d")
# Before the JSON header and the JPEG of an answer: bytes of the header.
ANSWER_PREFIX = struct.Struct("!I")
MAX_MESSAGE_BYTES = FRAME_PREFIX.size + MAX_JPEG_BYTES
# Frames that are passed on. Browsers send at the rate of their camera, mostly 30; more are answered and left out.
FRAME_BURST = 10
FRAMES_PER_S = 40.0
# The answer to a frame waits this long for the picture of the frame before it, so that a browser sends no faster than
# faces are analysed.
PICTURE_TIMEOUT_S = 0.5
# Frames whose pictures may still arrive.
MAX_PENDING_FRAMES = 8
# Close codes for applications (RFC 6455, section 7.4.2), after the statuses of HTTP.
BAD_MESSAGE, ENDED, TAKEN = 4400, 4401, 4409

log = logging.getLogger(__name__)


class Refusal(AppError, ValueError):
    """The connection is closed with this code and line."""

    def __init__(self, code: int, line: str) -> None:
        super().__init__(line)
        self.code = code


class WebSocket(Protocol):
    """A connection, on either server."""

    def wait(self) -> str | bytes | None:
        """The next message; None at the end."""

    def send(self, message: bytes) -> None:
        """Send a binary message."""

    def refuse(self, code: int, line: str) -> None:
        """Close it with a code and one line."""


class CameraConnection:
    """Serves one connection.

    Args:
        pass_text: The pass with which it was opened.
        address: Of the client.
        language: Of the labels in its picture.
    """

    def __init__(self, camera: BrowserCamera, pass_text: str, address: str, language: str = "en") -> None:
        self.pass_text, self.opened_at_s = pass_text, camera.clock()
        self._camera, self._address, self._language = camera, address, language
        self._broadcaster = camera.live_camera.broadcaster
        self._view: ViewSubscription | None = None
        self._budget = TokenBucket(FRAME_BURST, FRAMES_PER_S, camera.clock)
        # By the time at which a frame arrived, which tells its picture: when it was captured, in milliseconds.
        self._captured_ms: OrderedDict[float, float] = OrderedDict()

    def run(self, websocket: WebSocket) -> None:
        """Answer the messages of a WebSocket until it ends."""
        try:
            while (message := websocket.wait()) is not None:
                websocket.send(self.answer(message))
        except Refusal as refusal:
            log.info("closed the camera connection of %s: %s", self._address, refusal)
            websocket.refuse(refusal.code, str(refusal))
        except OSError:  # it is broken
            pass
        finally:
            self.close()

    def close(self) -> None:
        """The browser has gone. May be called twice."""
        self._close_view()
        self._camera.release(self)

    def answer(self, message: str | bytes) -> bytes:
        """The answer to a frame (bytes) or to a note (text) without one.

        Raises:
            Refusal: the browser may not, or no longer, give its camera, or the message is malformed.
        """
        camera = self._camera
        if not camera.access.is_admitted(self.pass_text):
            raise Refusal(ENDED, "this link has ended; scan the code on the live page again")
        if not camera.claim(self):
            raise Refusal(TAKEN, "another browser gives its camera already; end that one first")
        wanted = camera.wanted
        if isinstance(message, bytes):
            self._take_frame(message, wanted == GIVE)
        elif not _gives_frames(message):
            camera.stop(self)
        if wanted != GIVE:
            self._close_view()
        captured_ms, picture = self._new_picture()
        header = json.dumps({"wanted": wanted, "captured_ms": captured_ms}).encode()
        return b"".join([ANSWER_PREFIX.pack(len(header)), header, picture])

    def _take_frame(self, message: bytes, is_wanted: bool) -> None:
        """Check a frame, pass it on, and wait for the picture of the one before it."""
        captured_ms, jpeg = _split_frame(message)
        if not is_wanted or not self._budget.try_use():
            return
        self._open_view()
        received_at_s = self._camera.clock()
        before_s = next(reversed(self._captured_ms), None)
        self._captured_ms[received_at_s] = captured_ms
        if len(self._captured_ms) > MAX_PENDING_FRAMES:
            self._captured_ms.popitem(last=False)
        self._camera.send_frame(self, jpeg, received_at_s, captured_ms / 1000)
        if before_s is not None:
            self._wait_for_result(before_s)

    def _wait_for_result(self, of_s: float) -> None:
        """Wait for the result of the frame that arrived at `of_s`, or of a later one."""
        ends_s = time.monotonic() + PICTURE_TIMEOUT_S
        result = self._broadcaster.newest
        while result is None or result.read_at_s < of_s:
            newer = self._broadcaster.wait_for_newer(result, max(0.0, ends_s - time.monotonic()))
            if newer is None:
                return
            result = newer

    def _new_picture(self) -> tuple[float | None, bytes]:
        """When the newest frame of this connection was captured, and its annotated picture; None and no bytes if there
        is none since last time. Frames of others are never sent."""
        result = self._broadcaster.newest
        if result is None or self._view is None or self._view.key not in result.jpegs:
            return None, b""
        captured_ms = self._captured_ms.get(result.read_at_s)
        if captured_ms is None:
            return None, b""
        for received_at_s in [one for one in self._captured_ms if one <= result.read_at_s]:
            del self._captured_ms[received_at_s]
        return captured_ms, result.jpegs[self._view.key]

    def _open_view(self) -> None:
        if self._view is None or self._view.has_given_way:
            with suppress(AppError):  # too many views are in use: it gives its camera without seeing the picture
                self._view = self._broadcaster.subscribe(
                    self._camera.view_key(self._language), client_network(self._address)
                )

    def _close_view(self) -> None:
        self._captured_ms.clear()
        if self._view is not None:
            self._view.close()
            self._view = None


def _split_frame(message: bytes) -> tuple[float, bytes]:
    """When a frame was captured, in milliseconds, and its JPEG."""
    if len(message) <= FRAME_PREFIX.size:
        raise Refusal(BAD_MESSAGE, "a frame is 8 bytes of time and a JPEG; see docs/api.md")
    (captured_ms,) = FRAME_PREFIX.unpack_from(message)
    jpeg = message[FRAME_PREFIX.size :]
    if not math.isfinite(captured_ms):
        raise Refusal(BAD_MESSAGE, "the time of a frame must be a number; see docs/api.md")
    try:
        check_jpeg(jpeg)
    except RefusedFrame as error:
        raise Refusal(BAD_MESSAGE, str(error)) from None
    return captured_ms, jpeg


def _gives_frames(note: str) -> bool:
    """Whether the browser says that its camera is on."""
    try:
        parsed: Any = json.loads(note)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("giving"), bool):
        raise Refusal(BAD_MESSAGE, 'a note is {"giving": true} or {"giving": false}; see docs/api.md')
    return bool(parsed["giving"])
