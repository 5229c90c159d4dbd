"""Measure what a viewer gets: speed flat out, latency at the source's rate, and the tutorials' loop beside it."""

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
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from app.domain import FrameResult, ViewOptions
from app.errors import AppError
from app.settings import Settings
from app.vision.process import ProcessLink
from app.wire import frame_result

WARM_UP_S = 2.0
START_TIMEOUT_S = 30.0


def measure(settings: Settings, seconds: float, with_tutorial_loop: bool = True) -> dict[str, Any]:
    """Every figure of one source, as `docs/api.md` ("Bench") lists them."""
    source = "demo" if settings.source == "auto" else settings.source
    settings = replace(settings, source=source, loop=True)
    flat_out = _measure_flat_out(replace(settings, flat_out=True), seconds)
    live = _measure_live(settings, seconds)
    figures: dict[str, Any] = {"rows": [{"scene": Path(source).name, **flat_out, **live}]}
    if with_tutorial_loop:
        loop = _measure_tutorial_loop(settings, seconds)
        figures["tutorial_loop"] = loop
        figures["ratio"] = round(flat_out["fps_flat_out"] / loop["fps"], 1) if loop["fps"] else None
    return figures


def table(figures: Mapping[str, Any]) -> str:
    """The figures as text for people."""
    lines = []
    for row in figures["rows"]:
        lines += [
            f"{row['scene']}: {row['faces']:g} face(s), {row['width']}x{row['height']}, detector {row['detector']}",
            f"  flat out            {row['fps_flat_out']:.1f} frames/s",
            f"  at the source rate  {row['fps_live']:.1f} frames/s",
            f"  load at that rate   {row['cores']:.2f} cores, {row['memory_mb']:.0f} MB",
            f"  capture to served   p50 {row['latency_p50_ms']:.1f} ms, p95 {row['latency_p95_ms']:.1f} ms",
            f"  /healthz            p99 {row['healthz_p99_ms']:.1f} ms",
            "  stages              " + ", ".join(f"{stage} {ms:.2f} ms" for stage, ms in row["stages_ms"].items()),
        ]
    if "tutorial_loop" in figures:
        lines.append(f"tutorials' loop       {figures['tutorial_loop']['fps']:.1f} frames/s")
        lines.append(f"ratio                 {figures['ratio']:.1f}")
    return "\n".join(lines)


def _measure_flat_out(settings: Settings, seconds: float) -> dict[str, Any]:
    """Frames a second when every frame is worked on as fast as it can be."""
    link = ProcessLink(settings)
    try:
        link.send("views", {"views": [ViewOptions().key]})
        results, elapsed_s, detector = _collect(link, seconds)
    finally:
        link.close()
    faces = Counter(len(result.faces) for result in results)
    stages = {stage for result in results for stage in result.stages_ms}
    return {
        "faces": faces.most_common(1)[0][0],
        "width": results[-1].width,
        "height": results[-1].height,
        "detector": detector,
        "fps_flat_out": round(len(results) / elapsed_s, 1),
        "stages_ms": {
            stage: round(statistics.fmean(result.stages_ms.get(stage, 0.0) for result in results), 2)
            for stage in sorted(stages)
        },
    }


def _collect(link: ProcessLink, seconds: float) -> tuple[Sequence[FrameResult], float, str]:
    """Results of `seconds` after the warm-up, the time they took, and the detector's name."""
    results: list[FrameResult] = []
    detector, started_s, first_s = "", time.monotonic(), None
    while first_s is None or time.monotonic() < first_s + WARM_UP_S + seconds:
        message = link.receive()
        if message is None or time.monotonic() > started_s + START_TIMEOUT_S + seconds:
            raise AppError("the vision process delivers no frames; python -m app doctor says why")
        if message.type == "status":
            _raise_on_camera_error(message.body)
            detector = message.body["detector"]["name"]
        elif message.type == "frame":
            first_s = first_s or time.monotonic()
            if time.monotonic() >= first_s + WARM_UP_S:
                results.append(frame_result(message))
    assert first_s is not None
    return results, time.monotonic() - first_s - WARM_UP_S, detector


def _raise_on_camera_error(status: Mapping[str, Any]) -> None:
    if status["camera"].get("error"):
        raise AppError(status["camera"]["error"])


def _measure_live(settings: Settings, seconds: float) -> dict[str, Any]:
    """Latency, load and `/healthz` of the real server with one viewer, at the source's own rate."""
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
    """The real server on a free port, with a data folder of its own."""
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "app", "run", "--port", "0", "--data", data, *_options(settings)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if "http://" not in line:
                raise AppError("the server did not start; python -m app run says why")
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
    """Read the annotated stream as a browser would."""
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
            raise AppError("the server shows no pictures; python -m app doctor says why")
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


def _measure_tutorial_loop(settings: Settings, seconds: float) -> dict[str, Any]:
    """The tutorials' loop, as a process of its own: only training imports TensorFlow."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "loop.json"
        command = [sys.executable, "-m", "training", "tutorial-loop", "--source", settings.source]
        command += ["--seconds", str(seconds), "--json", str(report)]
        done = subprocess.run(command, capture_output=True, text=True)
        if not report.exists():
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise AppError(f"the tutorials' loop failed ({reason}); --no-tutorial-loop skips it")
        return json.loads(report.read_text())
