"""Many viewers in a process of their own: `python -m tests.cluster.viewers PORT TOKEN COUNT CAMERA...`.

Each shows one camera, comes from an address of its own, and connects again as a page does, until the standard input
ends. Then the times of each viewer's pictures are printed as JSON, on the clock `time.monotonic`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import zlib
from contextlib import suppress

BOUNDARY = b"\r\n--frame\r\n"
RETRY_S = 0.5
# Without a byte for so long, a viewer connects again.
PATIENCE_S = 6.0
READ_BYTES = 1 << 18
# Viewers that connect a second: a real crowd does not come at once.
ARRIVALS_PER_S = 50


async def watch(port: int, token: str, camera: str, number: int, times_s: list[float]) -> None:
    """Note when pictures of a camera arrive, until cancelled."""
    address = f"127.0.{1 + number // 200}.{1 + number % 200}"
    request = f"GET /video_feed?camera={camera} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n"
    while True:
        with suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
            writer.write(request.encode())
            await count(reader, times_s)
            writer.close()
        await asyncio.sleep(RETRY_S)


async def count(reader: asyncio.StreamReader, times_s: list[float]) -> None:
    """Note the end of each picture until the stream ends. The server repeats the last one while none is new."""
    kept, shown = b"", 0
    while data := await read(reader):
        *parts, kept = (kept + data).split(BOUNDARY)
        for part in parts:
            before, shown = shown, zlib.crc32(part)
            if shown != before:
                times_s.append(time.monotonic())


async def read(reader: asyncio.StreamReader) -> bytes:
    """The next bytes. `wait_for` of Python 3.11 would forget to end a viewer that gets bytes at this moment."""
    async with asyncio.timeout(PATIENCE_S):
        return await reader.read(READ_BYTES)


async def main(port: int, token: str, viewers: int, cameras: list[str]) -> None:
    times_s: list[list[float]] = [[] for _ in range(viewers)]
    tasks = []
    for number in range(viewers):
        camera = cameras[number % len(cameras)]
        tasks.append(asyncio.create_task(watch(port, token, camera, number, times_s[number])))
        await asyncio.sleep(1 / ARRIVALS_PER_S)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(json.dumps(times_s))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4:]))
