"""Frame rate of the live view while a job runs beside it."""

from __future__ import annotations

import http.client
import io
import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.paths import PROJECT

START_TIMEOUT_S = 60.0
REQUEST_TIMEOUT_S = 30.0
# After the start and after a change, until the rate is steady.
SETTLING_S = 3.0
PART_START = b"\r\nContent-Type: image/jpeg\r\n"
READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class LiveRate:
    """Rates while the live view runs alone, and while a job runs beside it.

    Attributes:
        alone_fps, beside_fps: Frames per second that a viewer received.
        job_per_s: Pictures per second that the job analysed.
    """

    alone_fps: float
    beside_fps: float
    job_per_s: float


def live_rates(pictures: Sequence[str], folder: Path, seconds: float, rounds: int) -> list[LiveRate]:
    """Measure the demo for so many seconds alone, then beside a job, and so on.

    Args:
        pictures: Paths of the pictures of the job; more than it can analyse meanwhile.
        folder: For the data of the server.
    Raises:
        RuntimeError: the job ended before the measurement did.
    """
    archive = _zipped(pictures)
    with _server(folder) as url:
        viewer = Viewer(url)
        return [_measure(url, viewer, archive, seconds) for _ in range(rounds)]


class Viewer:
    """Reads `/video_feed` in a thread and counts the frames."""

    def __init__(self, url: str) -> None:
        self._frames = 0
        host = url.removeprefix("http://")
        self._connection = http.client.HTTPConnection(host, timeout=REQUEST_TIMEOUT_S)
        self._connection.request("GET", "/video_feed")
        self._response = self._connection.getresponse()
        threading.Thread(target=self._read, name="viewer", daemon=True).start()

    def fps(self, seconds: float) -> float:
        """Frames per second over so many seconds, after the rate has settled."""
        time.sleep(SETTLING_S)
        frames, started_s = self._frames, time.perf_counter()
        time.sleep(seconds)
        return (self._frames - frames) / (time.perf_counter() - started_s)

    def _read(self) -> None:
        rest = b""
        with suppress(OSError, http.client.HTTPException):  # the server has ended
            while block := self._response.read1(READ_BYTES):
                data = rest + block
                self._frames += data.count(PART_START)
                rest = data[-len(PART_START) + 1 :]


def _measure(url: str, viewer: Viewer, archive: bytes, seconds: float) -> LiveRate:
    alone_fps = viewer.fps(seconds)
    job = _request(url, "POST", "/api/jobs", archive)
    before, started_s = _wait_for_pictures(url, job["id"]), time.perf_counter()
    beside_fps = viewer.fps(seconds)
    after, elapsed_s = _request(url, "GET", f"/api/jobs/{job['id']}"), time.perf_counter() - started_s
    _request(url, "DELETE", f"/api/jobs/{job['id']}")
    if after["state"] != "running":
        raise RuntimeError(f"the job was {after['state']} before the measurement ended; give it more pictures")
    return LiveRate(alone_fps, beside_fps, (after["frames"] - before) / elapsed_s)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """Address of a server with the demo, which has its data in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--source", "demo", "--port", str(port), "--data", str(folder), "--log-level", "warning"]
    process = subprocess.Popen([sys.executable, "-m", "app", "run", *options], cwd=PROJECT, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for_server(url, process)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for_server(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with suppress(OSError):
            _request(url, "GET", "/healthz")
            return
        time.sleep(0.2)
    raise RuntimeError(f"the server does not start; try `{sys.executable} -m app doctor`")


def _wait_for_pictures(url: str, job_id: str) -> int:
    """Wait until the job analyses; returns how many pictures it has done."""
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline_s:
        job = _request(url, "GET", f"/api/jobs/{job_id}")
        if job["frames"]:
            return int(job["frames"])
        time.sleep(0.2)
    raise RuntimeError(f"the job does not start: {job}")


def _request(url: str, method: str, path: str, body: bytes | None = None) -> Any:
    """The JSON that a route answers with; None without a body."""
    request = urllib.request.Request(url + path, data=body, method=method)  # noqa: S310  # its own server
    with urllib.request.urlopen(request, timeout=REQUEST_TIMEOUT_S) as response:  # noqa: S310  # nosec B310
        content = response.read()
    return json.loads(content) if content else None


def _zipped(paths: Sequence[str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in paths:
            archive.write(path, Path(path).name)
    return content.getvalue()
