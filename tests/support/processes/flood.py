"""Attack a server on this computer for a while: `python -m tests.support.processes.flood KIND PORT SECONDS`.

Prints how many requests, frames or connections the server took. Runs at a low priority, since attackers use other
computers' processors.
"""

from __future__ import annotations

import base64
import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

TIMEOUT_S = 5.0
PRIORITY = 15
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
WEBSOCKET = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
)
TEXT, CONTINUATION, PING = 0x1, 0x0, 0x9
FINAL = 0x80


def frame(opcode: int, payload: bytes, final: bool = True) -> bytes:
    """A WebSocket frame of a client, masked with zeros."""
    length = len(payload)
    size = struct.pack("!B", 0x80 | length) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
    return struct.pack("!B", opcode | (FINAL if final else 0)) + size + bytes(4) + payload


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), TIMEOUT_S)


def open_websocket(port: int) -> socket.socket:
    """A WebSocket whose Socket.IO handshake is finished."""
    connection = connect(port)
    connection.sendall(WEBSOCKET.format(key=base64.b64encode(os.urandom(16)).decode()).encode())
    if not connection.recv(4096).startswith(b"HTTP/1.1 101"):
        connection.close()
        raise ConnectionError
    connection.sendall(frame(TEXT, b"40"))
    return connection


def requests(port: int, path: str) -> Iterator[int]:
    """Request a path over one connection, again after each response; yields 1 for each response with status 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with closing(connect(port)) as connection:
        while True:
            connection.sendall(request)
            response = connection.recv(65536)
            if not response:
                return
            yield int(response.startswith(b"HTTP/1.1 200"))
            if b"Connection: close" in response:
                return


def frames(port: int, data: bytes, count: int) -> Iterator[int]:
    """Send frames over a WebSocket without rest and read what comes back; yields the number of frames sent."""
    with closing(open_websocket(port)) as connection:
        reader = threading.Thread(target=drain, args=(connection,), daemon=True)
        reader.start()
        while True:
            connection.sendall(data)
            yield count


def fragments(port: int, size: int) -> Iterator[int]:
    """Send one message in fragments of this size without end; yields the number of bytes sent."""
    with closing(open_websocket(port)) as connection:
        connection.sendall(frame(TEXT, b"4", final=False))
        fragment = frame(CONTINUATION, b"x" * size, final=False)
        per_write = max(1, 65536 // len(fragment))
        while True:
            connection.sendall(fragment * per_write)
            yield size * per_write


def malformed(port: int, request: bytes, rest: bytes) -> Iterator[int]:
    """Send a request that never ends; yields 1 for each that is answered."""
    with closing(connect(port)) as connection:
        connection.sendall(request)
        with suppress(OSError):
            while not readable(connection):
                connection.sendall(rest)
        yield int(connection.recv(4096).startswith(b"HTTP/1."))


def readable(connection: socket.socket) -> bool:
    connection.settimeout(0)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK)) or True
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(TIMEOUT_S)


def drain(connection: socket.socket) -> None:
    with suppress(OSError):
        while connection.recv(65536):
            pass


EVENT = frame(TEXT, b'42["session_rename",{"id":1,"name":"\\u0007"}]')
KINDS: dict[str, tuple[int, Callable[[int], Iterator[int]]]] = {
    "handshakes": (6, lambda port: requests(port, HANDSHAKE)),
    "cameras": (8, lambda port: requests(port, "/api/cameras")),
    "pings": (1, lambda port: frames(port, frame(PING, b"x" * 100) * 100, 100)),
    "events": (1, lambda port: frames(port, EVENT * 100, 100)),
    "fragments": (1, lambda port: fragments(port, 16000)),
    "one-byte-fragments": (1, lambda port: fragments(port, 1)),
    "header": (2, lambda port: malformed(port, b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"x" * 4096)),
    "headers": (2, lambda port: malformed(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-Y: z\r\n" * 512)),
    "address": (2, lambda port: malformed(port, b"GET /", b"x" * 4096)),
    "garbage": (2, lambda port: malformed(port, b"\x01\x02 \xff\r\n\r\n", b"\r\n" * 64)),
}  # fmt: skip


def attack(kind: Callable[[int], Iterator[int]], port: int, until_s: float, counts: list[int]) -> None:
    """Repeat one attack; it begins again when the server ends the connection."""
    while time.monotonic() < until_s:
        with suppress(OSError):
            for count in kind(port):
                counts.append(count)
                if time.monotonic() >= until_s:
                    break


def main(name: str, port: str, seconds: str) -> None:
    os.nice(PRIORITY)
    number, kind = KINDS[name]
    counts: list[int] = []
    until_s = time.monotonic() + float(seconds)
    threads = [threading.Thread(target=attack, args=(kind, int(port), until_s, counts)) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(counts), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
