"""A hundred viewers and a hundred pages for ten minutes.

SOAK_MINUTES takes fewer; SOAK_FPS a lower rate, which a computer that is busy with other work holds too. Memory may not
grow from a fifth of the time on, when everything has been used for a while.
"""

from __future__ import annotations

import os
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.e2e.server import Server, wait_until
from tests.soak.crowd import Crowd

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
FPS = int(os.environ.get("SOAK_FPS", "30"))
VIEWERS, PAGES = 100, 100
LASTS_S = 0.8 * MINUTES * 60
ALONE_S, SETTLED_S, GONE_WITHIN_S = 20.0, 20.0, 10.0
MOST_MB, MOST_GROWTH = 350, 0.01

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 300)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server("demo", tmp_path, fps=FPS)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def figure(server: Server, name: str) -> float:
    found = re.search(rf"^live_analysis_{re.escape(name)} (\S+)$", server.get("/metrics").decode(), re.MULTILINE)
    assert found, name
    return float(found[1])


def megabytes(server: Server) -> float:
    """Of both processes: the median of a few seconds, since pictures come and go."""
    seen = []
    for _ in range(9):
        seen.append(sum(figure(server, f'memory_bytes{{process="{name}"}}') for name in ("web", "vision")) / 2**20)
        time.sleep(0.5)
    return statistics.median(seen)


def connections(server: Server) -> int:
    return sum(one.status == "ESTABLISHED" for one in psutil.Process(server.pid).net_connections("tcp"))


@dataclass(frozen=True)
class Engine:
    """How the engine did for a while: frames a second, and what they cost, whatever else the computer was busy with."""

    fps: float
    vision_ms: float  # of processor time a frame
    web_share: float  # of one core

    @classmethod
    def over(cls, server: Server, seconds: float) -> Engine:
        pids = (int(server.health()["vision"]["pid"]), server.pid)
        before, frames, started_s = [processor_s(pid) for pid in pids], figure(server, "frames_total"), time.monotonic()
        time.sleep(seconds)
        vision_s, web_s = (processor_s(pid) - was for pid, was in zip(pids, before, strict=True))
        frames, elapsed_s = figure(server, "frames_total") - frames, time.monotonic() - started_s
        return cls(frames / elapsed_s, 1000 * vision_s / frames, web_s / elapsed_s)

    def __str__(self) -> str:
        cost = f"{self.vision_ms:.1f} ms of processor time a frame, web process {self.web_share:.1%} of a core"
        return f"{self.fps:.2f} fps, {cost}"


def processor_s(pid: int) -> float:
    return sum(psutil.Process(pid).cpu_times()[:2])


def engine_alone(server: Server) -> Engine:
    """With a single viewer and page."""
    one = Crowd(int(server.url.rpartition(":")[2]), 1, 1)
    alone = Engine.over(server, ALONE_S)
    one.close()
    wait_until(lambda: figure(server, "viewers") == 0, GONE_WITHIN_S, "the end of the single viewer")
    return alone


def test_a_crowd_costs_the_engine_nothing_and_leaves_nothing_behind(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    alone = [engine_alone(server)]
    before = connections(server)

    crowd = Crowd(port, VIEWERS, PAGES)
    wait_until(lambda: (figure(server, "viewers"), figure(server, "pages")) == (VIEWERS, PAGES), what="the crowd")
    time.sleep(SETTLED_S)
    time.sleep(MINUTES * 60 - LASTS_S)
    settled, counted = megabytes(server), [client.counted for client in crowd.viewers]
    stats, started_s = sum(page.counted for page in crowd.pages), time.monotonic()
    together = Engine.over(server, LASTS_S)
    watched_s = time.monotonic() - started_s
    seen = [(client.counted - was) / watched_s for client, was in zip(crowd.viewers, counted, strict=True)]
    stats = (sum(page.counted for page in crowd.pages) - stats) / PAGES / watched_s
    in_the_end = megabytes(server)
    gone = crowd.gone()
    crowd.close()
    left_s = time.monotonic()
    while connections(server) > before and time.monotonic() < left_s + GONE_WITHIN_S:
        time.sleep(0.1)

    left, left_after_s = connections(server) - before, time.monotonic() - left_s
    alone.append(engine_alone(server))  # once more, since other work on this computer may come and go
    alone_fps = (alone[0].fps + alone[1].fps) / 2
    print(f"\nmeasured: with the crowd {together} ({together.fps / alone_fps:.1%})")
    print(f"measured: before it {alone[0]}; after it {alone[1]}")
    print(f"measured: the slowest viewer saw {min(seen):.2f} fps, a page heard {stats:.2f} stats a second")
    growth = in_the_end / settled - 1
    print(f"measured: memory {in_the_end:.1f} MB, {growth:+.2%} in the last {LASTS_S / 60:g} of {MINUTES:g} min")
    print(f"measured: {left} connections left {left_after_s:.1f} s after the end")
    assert gone == 0
    assert together.fps >= 0.95 * alone_fps
    assert min(seen) >= 0.95 * together.fps
    assert in_the_end < MOST_MB
    assert growth < MOST_GROWTH
    assert left <= 0
    assert (figure(server, "viewers"), figure(server, "pages")) == (0, 0)
    assert server.health()["vision"]["restarts"] == 0
