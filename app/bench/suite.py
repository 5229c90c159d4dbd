"""Measure what a viewer gets, beside the least it could cost and the tutorials' loop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.bench.expression_latency import onsets
from app.bench.identity_metrics import counted
from app.bench.measure import Figures, measure_flat_out, measure_live
from app.bench.scenarios import Case
from app.bench.still_predictions import stills
from app.domain import FrameResult
from app.errors import AppError
from app.settings import Settings
from app.vision.capture.video_source import VideoSource
from app.vision.runtime.thread_limits import THREAD_ENVIRONMENT

LIVE = ("fps_live", "latency_p50_ms", "latency_p95_ms", "cores", "memory_mb", "healthz_p99_ms")
MOST_PICTURES = 600  # of a clip
OF_PEOPLE: Figures = {"people": None, "ids": None, "id_switches": None, "onset": None}


def measure_source(settings: Settings, seconds: float, with_tutorial_loop: bool = True) -> Figures:
    """Every figure of one source, as `docs/api.md` ("Bench") lists them."""
    source = "demo" if settings.source == "auto" else settings.source
    settings = replace(settings, source=source, loop=True)
    flat_out, _ = measure_flat_out(settings, seconds)
    row = {"scene": Path(source).name, **OF_PEOPLE, **flat_out, "floor_ms": measure_floor(settings)}
    row |= measure_live(settings, seconds)
    loop = measure_tutorial_loop(source, seconds) if with_tutorial_loop else None
    return _figures([row], loop)


def measure_cases(
    settings: Settings,
    cases: Sequence[Case],
    seconds: float,
    with_tutorial_loop: bool = True,
    clips: Sequence[Path] = (),
    on_row: Callable[[str], None] = lambda name: None,
) -> Figures:
    """Every figure of composed scenes; the tutorials' loop runs on the first one.

    Args:
        clips: Videos to measure too, but not live.
        on_row: Told which row comes now.
    """
    rows: list[Figures] = []
    loop = None
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            on_row(case.name)
            video = Path(folder) / f"{case.name}.mp4"
            case.write(video)
            rows.append(_row(case, replace(settings, source=str(video), loop=True), seconds))
            if with_tutorial_loop and loop is None:
                loop = measure_tutorial_loop(str(video), seconds)
            video.unlink()
    for clip in clips:
        on_row(clip.name)
        rows.append(_clip_row(replace(settings, source=str(clip), loop=True), seconds))
    return _figures(rows, loop)


def _row(case: Case, settings: Settings, seconds: float) -> Figures:
    scene = case.scene
    flat_out, results = measure_flat_out(settings, seconds, len(scene.times_s))
    count = counted(scene, results)
    people = {
        "people": len(scene.persons),
        "ids": _ids(results),
        "id_switches": count.switches,
        "onset": onsets(scene, results, partial(stills, case, settings)),
    }
    live = measure_live(settings, seconds) if case.is_load else dict.fromkeys(LIVE)
    return {"scene": case.name, **people, **flat_out, "floor_ms": measure_floor(settings), **live}


def _clip_row(settings: Settings, seconds: float) -> Figures:
    """Of its people nothing is known, but how many ids they were given."""
    clip = VideoSource(settings, time.monotonic)
    pictures = min(MOST_PICTURES, clip.frame_count)
    clip.close()
    flat_out, results = measure_flat_out(settings, seconds, pictures)
    people = OF_PEOPLE | {"ids": _ids(results)}
    live = dict.fromkeys(LIVE)
    return {"scene": Path(settings.source).name, **people, **flat_out, "floor_ms": measure_floor(settings), **live}


def _ids(results: Sequence[FrameResult]) -> int:
    """How many were given."""
    return len({face["id"] for result in results for face in result.faces})


def _figures(rows: list[Figures], loop: Figures | None) -> Figures:
    if loop is None:
        return {"rows": rows}
    ratio = round(rows[0]["fps_flat_out"] / loop["fps"], 1) if loop["fps"] else None
    return {"rows": rows, "tutorial_loop": loop, "ratio": ratio}


def measure_floor(settings: Settings) -> Figures:
    """The least that a picture takes, in a process of its own with as many threads as the vision process has."""
    command = [sys.executable, "-m", "app.bench.lower_bound", json.dumps(settings.to_dict())]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **THREAD_ENVIRONMENT})
    if done.returncode:
        raise AppError(f"the floor cannot be measured ({_last_line(done.stderr)})")
    return _read(done.stdout)


def measure_tutorial_loop(source: str, seconds: float) -> Figures:
    """The tutorials' loop, as a process of its own: only training imports TensorFlow."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "loop.json"
        command = [sys.executable, "-m", "training", "tutorial-loop", "--source", source]
        command += ["--seconds", str(seconds), "--json", str(report)]
        done = subprocess.run(command, capture_output=True, text=True)
        if not report.exists():
            raise AppError(f"the tutorials' loop failed ({_last_line(done.stderr)}); --no-tutorial-loop skips it")
        return _read(report.read_text())


def _read(text: str) -> Figures:
    figures: Figures = json.loads(text)
    return figures


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
