"""Many viewers and pages in one thread, which reads and counts what they receive."""

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
    b"Origin: http://localhost\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
)
PONG_INTERVAL_S = 4.0  # the server sends a ping every 10 s; additional pongs are ignored


class Client:
    """One connection; `received` counts occurrences of `marker`."""

    def __init__(self, port: int, request: bytes, marker: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(request)
        self.marker, self.received, self.is_closed = marker, 0, False

    def receive(self) -> None:
        data = self.socket.recv(1 << 18)
        self.received += data.count(self.marker)
        self.is_closed = not data


def text_frame(text: str) -> bytes:
    """A short WebSocket text frame of a client, masked with zeros."""
    return struct.pack("!BB4x", 0x81, 0x80 | len(text)) + text.encode()


class LoadClients(threading.Thread):
    """Keeps the connections open until closed."""

    def __init__(self, port: int, viewers: int, pages: int) -> None:
        super().__init__(daemon=True)
        key = base64.b64encode(os.urandom(16)) + b"\r\n\r\n"
        self.viewers = [Client(port, STREAM, b"\r\n--frame\r\n") for _ in range(viewers)]
        self.pages = [Client(port, PAGE + key, b'42["stats"') for _ in range(pages)]
        for page in self.pages:
            page.receive()
            page.socket.sendall(text_frame("40"))
        self._closing = threading.Event()
        self.start()

    def run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for client in (*self.viewers, *self.pages):
                selector.register(client.socket, selectors.EVENT_READ, client)
            next_pong_at_s = time.monotonic() + PONG_INTERVAL_S
            while not self._closing.is_set():
                for key, _ in selector.select(0.5):
                    self._receive(selector, key.data)
                if time.monotonic() >= next_pong_at_s:
                    next_pong_at_s += PONG_INTERVAL_S
                    self._send_pongs()

    def close(self) -> None:
        """Close all connections."""
        self._closing.set()
        self.join()
        for client in (*self.viewers, *self.pages):
            client.socket.close()

    def count_closed(self) -> int:
        """Number of connections that the server has closed."""
        return sum(client.is_closed for client in (*self.viewers, *self.pages))

    def _receive(self, selector: selectors.BaseSelector, client: Client) -> None:
        try:
            client.receive()
        except OSError:
            client.is_closed = True
        if client.is_closed:
            selector.unregister(client.socket)

    def _send_pongs(self) -> None:
        for page in self.pages:
            with suppress(OSError):
                page.socket.sendall(text_frame("3"))
