"""Measure the app on one source: throughput without pacing, and latency and load at the source's frame rate."""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psutil

from app.attributes.attribute_set import AttributeSet
from app.domain import FrameResult, ViewOptions
from app.errors import AppError
from app.processes.vision_supervisor import VisionProcessLink
from app.settings import Settings
from app.wire import frame_from_message

# Models and caches are warm after this time.
WARM_UP_S = 1.0
START_TIMEOUT_S = 30.0

Figures = dict[str, Any]


def measure_throughput(settings: Settings, seconds: float, first_frames: int = 0) -> tuple[Figures, list[FrameResult]]:
    """Measure the frame rate without pacing.

    Returns:
        The figures, and the results of the first `first_frames` frames.
    """
    link = VisionProcessLink(replace(settings, disable_pacing=True, log_level="warning"))
    try:
        link.send("views", {"views": [ViewOptions(AttributeSet().default_show).key]})
        run = _WorkerRun.record(link, seconds, first_frames)
    finally:
        link.close()
    last = run.timed[-1]
    stages = {stage for result in run.timed for stage in result.stages_ms}
    figures = {
        "faces": Counter(len(result.faces) for result in run.timed).most_common(1)[0][0],
        "width": last.width,
        "height": last.height,
        "detector": run.detector,
        "fps_flat_out": round(len(run.timed) / run.elapsed_s, 1),
        "stages_ms": {
            stage: round(statistics.fmean(result.stages_ms.get(stage, 0.0) for result in run.timed), 2)
            for stage in sorted(stages)
        },
    }
    return figures, run.first


@dataclass
class _WorkerRun:
    """Results of a vision process: of its first frames, and of those after the warm-up, which took `elapsed_s`."""

    first: list[FrameResult] = field(default_factory=list)
    timed: list[FrameResult] = field(default_factory=list)
    elapsed_s: float = 0.0
    detector: str = ""

    @classmethod
    def record(cls, link: VisionProcessLink, seconds: float, first_frames: int) -> _WorkerRun:
        run, received_at_s, first_at_s = cls(), time.monotonic(), None
        while first_at_s is None or run.elapsed_s < seconds or len(run.first) < first_frames:
            message = link.receive()
            now_s = time.monotonic()
            if message is None or now_s > received_at_s + START_TIMEOUT_S:
                raise AppError("the vision process delivers no frames; run python -m app doctor")
            if message.type == "status":
                _raise_on_camera_error(message.body)
                run.detector = message.body["detector"]["name"]
            elif message.type == "frame":
                received_at_s, first_at_s = now_s, first_at_s or now_s
                result = replace(frame_from_message(message), jpegs={})
                run._add(result, first_frames, now_s - first_at_s - WARM_UP_S)
        return run

    def _add(self, result: FrameResult, first_frames: int, elapsed_s: float) -> None:
        if len(self.first) < first_frames:
            self.first.append(result)
        if elapsed_s >= 0:
            self.timed.append(result)
            self.elapsed_s = elapsed_s


def _raise_on_camera_error(status: Mapping[str, Any]) -> None:
    if status["camera"].get("error"):
        raise AppError(status["camera"]["error"])


def measure_live(settings: Settings, seconds: float) -> Figures:
    """Measure latency, load and `/healthz` of the server with one viewer, at the source's frame rate."""
    with _server(settings) as (process, port):
        viewer = threading.Thread(target=_watch, args=(port, WARM_UP_S + seconds + 5), daemon=True)
        viewer.start()
        _wait_for_frames(port)
        time.sleep(WARM_UP_S)
        family = _family(process.pid)
        busy_before_s, started_s = _busy_s(family), time.monotonic()
        waits_ms = _poll_health(port, seconds)
        cores = (_busy_s(family) - busy_before_s) / (time.monotonic() - started_s)
        health = _health(port)
        memory_mb = sum(member.memory_info().rss for member in family) / 1e6
    return {
        "fps_live": health["fps"],
        "latency_p50_ms": health["latency_p50_ms"],
        "latency_p95_ms": health["latency_p95_ms"],
        "cores": round(cores, 2),
        "memory_mb": round(memory_mb),
        "healthz_p99_ms": round(statistics.quantiles(waits_ms, n=100)[98], 1),
    }


@contextmanager
def _server(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the server on a free port with a temporary data folder."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "app", "run", "--port", "0", "--data", data, *_options(settings)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if "http://" not in line:
                raise AppError("the server did not start; run python -m app run to see the error")
            yield process, int(line.split("http://")[1].split()[0].rsplit(":", 1)[1])
        finally:
            process.terminate()
            process.wait(10)


def _options(settings: Settings) -> list[str]:
    options = ["--source", settings.source, "--models", settings.models, "--loop"]
    for name in ("detector", "detect_width", "width", "height"):
        value = getattr(settings, name)
        if value is not None:
            options += [f"--{name.replace('_', '-')}", str(value)]
    return options


def _watch(port: int, seconds: float) -> None:
    """Read the annotated stream like a browser."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/video_feed")
    response, ends_s = connection.getresponse(), time.monotonic() + seconds
    while time.monotonic() < ends_s and response.read1(65536):
        pass
    connection.close()


def _wait_for_frames(port: int) -> None:
    ends_s = time.monotonic() + START_TIMEOUT_S
    while _health(port)["status"] != "ok":
        if time.monotonic() > ends_s:
            raise AppError("the server delivers no frames; run python -m app doctor")
        time.sleep(0.1)


def _health(port: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/healthz")
    body = json.loads(connection.getresponse().read())
    connection.close()
    return body


def _poll_health(port: int, seconds: float) -> list[float]:
    """Milliseconds of `/healthz` requests, 20 a second."""
    waits_ms: list[float] = []
    ends_s = time.monotonic() + seconds
    while time.monotonic() < ends_s or len(waits_ms) < 2:
        asked_s = time.monotonic()
        _health(port)
        waits_ms.append((time.monotonic() - asked_s) * 1000)
        time.sleep(0.05)
    return waits_ms


def _family(pid: int) -> list[psutil.Process]:
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def _busy_s(family: Sequence[psutil.Process]) -> float:
    return sum(sum(member.cpu_times()[:2]) for member in family)
