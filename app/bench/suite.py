"""Measure scenarios, with their lower bounds and the loop of common tutorials for comparison."""

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

from app.bench.expression_latency import measure_expression_latency
from app.bench.identity_metrics import measure_identities
from app.bench.measure import Figures, measure_live, measure_throughput
from app.bench.scenarios import Scenario
from app.bench.still_predictions import predict_stills
from app.domain import FrameResult
from app.errors import AppError
from app.settings import Settings
from app.vision.capture.video_source import VideoSource
from app.vision.runtime.thread_limits import THREAD_ENVIRONMENT

LIVE_FIGURES = ("fps_live", "latency_p50_ms", "latency_p95_ms", "cores", "memory_mb", "healthz_p99_ms")
# Frames of a clip whose ids are counted; 20 s at 30 frames per second.
MAX_CLIP_FRAMES = 600
UNKNOWN_PEOPLE: Figures = {"people": None, "ids": None, "id_switches": None, "onset": None}


def measure_source(settings: Settings, seconds: float, with_tutorial_loop: bool = True) -> Figures:
    """Measure one source; `docs/api.md` ("Bench") lists the figures."""
    source = "demo" if settings.source == "auto" else settings.source
    settings = replace(settings, source=source, loop=True)
    throughput, _ = measure_throughput(settings, seconds)
    row = {"scene": Path(source).name, **UNKNOWN_PEOPLE, **throughput, "floor_ms": measure_lower_bound(settings)}
    row |= measure_live(settings, seconds)
    loop = measure_tutorial_loop(source, seconds) if with_tutorial_loop else None
    return _figures([row], loop)


def measure_scenarios(
    settings: Settings,
    scenarios: Sequence[Scenario],
    seconds: float,
    with_tutorial_loop: bool = True,
    clips: Sequence[Path] = (),
    on_row: Callable[[str], None] = lambda name: None,
) -> Figures:
    """Measure scenarios; the tutorial loop runs on the first one.

    Args:
        clips: Videos to measure as well, without latency and load.
        on_row: Called with the name of each row before it is measured.
    """
    rows: list[Figures] = []
    loop = None
    with tempfile.TemporaryDirectory() as folder:
        for scenario in scenarios:
            on_row(scenario.name)
            video = Path(folder) / f"{scenario.name}.mp4"
            scenario.write(video)
            rows.append(_scenario_row(scenario, replace(settings, source=str(video), loop=True), seconds))
            if with_tutorial_loop and loop is None:
                loop = measure_tutorial_loop(str(video), seconds)
            video.unlink()
    for clip in clips:
        on_row(clip.name)
        rows.append(_clip_row(replace(settings, source=str(clip), loop=True), seconds))
    return _figures(rows, loop)


def _scenario_row(scenario: Scenario, settings: Settings, seconds: float) -> Figures:
    scene = scenario.scene
    throughput, results = measure_throughput(settings, seconds, len(scene.times_s))
    identities = measure_identities(scene, results)
    people = {
        "people": len(scene.persons),
        "ids": _count_ids(results),
        "id_switches": identities.switches,
        "onset": measure_expression_latency(scene, results, partial(predict_stills, scenario, settings)),
    }
    live = measure_live(settings, seconds) if scenario.is_load else dict.fromkeys(LIVE_FIGURES)
    return {"scene": scenario.name, **people, **throughput, "floor_ms": measure_lower_bound(settings), **live}


def _clip_row(settings: Settings, seconds: float) -> Figures:
    """Without ground truth only the number of ids is known."""
    clip = VideoSource(settings, time.monotonic)
    frames = min(MAX_CLIP_FRAMES, clip.frame_count)
    clip.close()
    throughput, results = measure_throughput(settings, seconds, frames)
    people = UNKNOWN_PEOPLE | {"ids": _count_ids(results)}
    live = dict.fromkeys(LIVE_FIGURES)
    return {
        "scene": Path(settings.source).name,
        **people,
        **throughput,
        "floor_ms": measure_lower_bound(settings),
        **live,
    }


def _count_ids(results: Sequence[FrameResult]) -> int:
    return len({face.id for result in results for face in result.faces})


def _figures(rows: list[Figures], loop: Figures | None) -> Figures:
    if loop is None:
        return {"rows": rows}
    ratio = round(rows[0]["fps_flat_out"] / loop["fps"], 1) if loop["fps"] else None
    return {"rows": rows, "tutorial_loop": loop, "ratio": ratio}


def measure_lower_bound(settings: Settings) -> Figures:
    """Measure the lower bound in a separate process with the thread limits of the vision process."""
    command = [sys.executable, "-m", "app.bench.lower_bound", json.dumps(settings.to_dict())]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **THREAD_ENVIRONMENT})
    if done.returncode:
        raise AppError(f"the lower bound cannot be measured ({_last_line(done.stderr)})")
    return _read(done.stdout)


def measure_tutorial_loop(source: str, seconds: float) -> Figures:
    """Measure the tutorial loop in a separate process, since only training imports TensorFlow."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "loop.json"
        command = [sys.executable, "-m", "training", "tutorial-loop", "--source", source]
        command += ["--seconds", str(seconds), "--json", str(report)]
        done = subprocess.run(command, capture_output=True, text=True)
        if not report.exists():
            raise AppError(f"the tutorial loop failed ({_last_line(done.stderr)}); --no-tutorial-loop skips it")
        return _read(report.read_text())


def _read(text: str) -> Figures:
    figures: Figures = json.loads(text)
    return figures


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
