"""A hundred and more viewers and pages in one thread, which takes what comes and counts it."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import struct
import threading
import time
from contextlib import suppress

STREAM = b"GET /video_feed HTTP/1.1\r\nHost: localhost\r\n\r\n"
PAGE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
)
ALIVE_EVERY_S = 4.0  # the server asks every 10 s; an answer too many does no harm


class Client:
    """One connection; `counted` is how often `mark` has come."""

    def __init__(self, port: int, request: bytes, mark: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(request)
        self.mark, self.counted, self.ended = mark, 0, False

    def take(self) -> None:
        data = self.socket.recv(1 << 18)
        self.counted += data.count(self.mark)
        self.ended = not data


def text_frame(text: str) -> bytes:
    """A WebSocket text frame as a client sends it, short and masked with zeros."""
    return struct.pack("!BB4x", 0x81, 0x80 | len(text)) + text.encode()


class Crowd(threading.Thread):
    """Holds the connections until closed."""

    def __init__(self, port: int, viewers: int, pages: int) -> None:
        super().__init__(daemon=True)
        key = base64.b64encode(os.urandom(16)) + b"\r\n\r\n"
        self.viewers = [Client(port, STREAM, b"X-Frame: ") for _ in range(viewers)]
        self.pages = [Client(port, PAGE + key, b'42["stats"') for _ in range(pages)]
        for page in self.pages:
            page.take()
            page.socket.sendall(text_frame("40"))
        self._closing = threading.Event()
        self.start()

    def run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for client in (*self.viewers, *self.pages):
                selector.register(client.socket, selectors.EVENT_READ, client)
            alive_at_s = time.monotonic() + ALIVE_EVERY_S
            while not self._closing.is_set():
                for key, _ in selector.select(0.5):
                    self._take(selector, key.data)
                if time.monotonic() >= alive_at_s:
                    alive_at_s += ALIVE_EVERY_S
                    self._say_alive()

    def close(self) -> None:
        """Leave, all at once."""
        self._closing.set()
        self.join()
        for client in (*self.viewers, *self.pages):
            client.socket.close()

    def gone(self) -> int:
        """How many the server has dropped."""
        return sum(client.ended for client in (*self.viewers, *self.pages))

    def _take(self, selector: selectors.BaseSelector, client: Client) -> None:
        try:
            client.take()
        except OSError:
            client.ended = True
        if client.ended:
            selector.unregister(client.socket)

    def _say_alive(self) -> None:
        for page in self.pages:
            with suppress(OSError):
                page.socket.sendall(text_frame("3"))
