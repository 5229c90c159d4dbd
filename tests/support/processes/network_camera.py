"""A network camera that can fall silent, hang up, and come back."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

FPS = 30.0
FAULTS = ("stalls", "drips", "garbage")
PICTURES_BEFORE_FAULT = 10
GARBAGE_BYTES = 100_000
DRIP_S = 0.3


def encode_jpeg(picture: np.ndarray) -> bytes:
    """The JPEG of a BGR uint8 picture, shape (height, width, 3)."""
    encoded, jpeg = cv2.imencode(".jpg", picture)
    assert encoded
    return jpeg.tobytes()


class NetworkCamera:
    """Motion JPEG over HTTP.

    Attributes:
        url: Its address.
        state: `sends`; `silent`: connections stay open and carry nothing; `closed`: every connection is cut. Each
            connection carries a few pictures before these: `stalls`: half a JPEG and nothing more; `drips`: a few bytes
            a second; `garbage`: random bytes.

    Args:
        picture: Sent again and again: BGR uint8, shape (height, width, 3). Default: gray.
        next_jpeg: Returns the next picture to send as a JPEG, instead of `picture`.
    """

    def __init__(
        self,
        width: int = 64,
        height: int = 48,
        picture: np.ndarray | None = None,
        fps: float = FPS,
        next_jpeg: Callable[[], bytes] | None = None,
    ) -> None:
        self.state, self._fps = "sends", fps
        picture = np.full((height, width, 3), 90, np.uint8) if picture is None else picture
        jpeg = encode_jpeg(picture)
        self._next_jpeg = next_jpeg or (lambda: jpeg)
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://user:secret@127.0.0.1:{self._server.server_port}/live.mjpg"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 - http.server's name
                if camera.state == "closed":
                    return
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
                self.end_headers()
                with suppress(OSError):  # the viewer has gone
                    camera._send(self)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _next_part(self) -> bytes:
        jpeg = self._next_jpeg()
        head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        return head.encode() + jpeg + b"\r\n"

    def _send(self, handler: BaseHTTPRequestHandler) -> None:
        sent = 0
        while self.state != "closed" and not self._ended.is_set():
            if self.state == "sends" or (self.state in FAULTS and sent < PICTURES_BEFORE_FAULT):
                handler.wfile.write(self._next_part())
                sent += 1
            elif self.state in FAULTS:
                self._send_fault(handler, self.state)
                sent = 0
            time.sleep(1 / self._fps)

    def _send_fault(self, handler: BaseHTTPRequestHandler, state: str) -> None:
        if state == "garbage":
            handler.wfile.write(random.Random(8).randbytes(GARBAGE_BYTES))
            return
        part = self._next_part()
        half = len(part) // 2
        handler.wfile.write(part[:half])
        rest = iter(part[half:])
        while self.state == state and not self._ended.is_set():
            if state == "drips":
                handler.wfile.write(bytes([next(rest, 0)]))
            time.sleep(DRIP_S)
