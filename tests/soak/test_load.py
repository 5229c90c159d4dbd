"""A hundred viewers and a hundred pages for ten minutes.

SOAK_MINUTES shortens the test; SOAK_FPS lowers the frame rate for computers that are busy with other work. Memory is
measured after a fifth of the time, when caches are filled, and must not grow from then on.
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

from tests.e2e.conftest import start_server
from tests.e2e.server import Server, wait_until
from tests.soak.load_clients import LoadClients

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
FPS = int(os.environ.get("SOAK_FPS", "30"))
VIEWERS, PAGES = 100, 100
MEASURED_S = 0.8 * MINUTES * 60
SINGLE_CLIENT_S = 20.0
SETTLING_S = 20.0
MAX_CLEANUP_S = 10.0
MAX_MEMORY_MB = 350
MAX_GROWTH = 0.01  # of the memory, while all clients are connected
MIN_FPS_FRACTION = 0.95  # of the frame rate with a single client

pytestmark = [pytest.mark.soak, pytest.mark.timeout(MINUTES * 60 + 300)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    yield from start_server("demo", tmp_path, FPS)


def read_metric(server: Server, name: str) -> float:
    match = re.search(rf"^live_analysis_{re.escape(name)} (\S+)$", server.get("/metrics").decode(), re.MULTILINE)
    assert match, name
    return float(match[1])


def memory_mb(server: Server) -> float:
    """Memory of both processes: the median of a few seconds, since frames are allocated and freed."""
    samples_mb = []
    for _ in range(9):
        used_bytes = [read_metric(server, f'memory_bytes{{process="{name}"}}') for name in ("web", "vision")]
        samples_mb.append(sum(used_bytes) / 2**20)
        time.sleep(0.5)
    return statistics.median(samples_mb)


def count_connections(server: Server) -> int:
    return sum(connection.status == "ESTABLISHED" for connection in psutil.Process(server.pid).net_connections("tcp"))


@dataclass(frozen=True)
class AnalysisLoad:
    """Frame rate and processor time of both processes, which does not depend on other work of the computer."""

    fps: float
    vision_ms: float  # processor time per frame
    web_fraction: float  # of one core

    @classmethod
    def measure(cls, server: Server, seconds: float) -> AnalysisLoad:
        """Measure a running server for this long."""
        pids = (int(server.health()["vision"]["pid"]), server.pid)
        before_s, frames = [processor_s(pid) for pid in pids], read_metric(server, "frames_total")
        started_s = time.monotonic()
        time.sleep(seconds)
        vision_s, web_s = (processor_s(pid) - used_s for pid, used_s in zip(pids, before_s, strict=True))
        frames, elapsed_s = read_metric(server, "frames_total") - frames, time.monotonic() - started_s
        return cls(frames / elapsed_s, 1000 * vision_s / frames, web_s / elapsed_s)

    def __str__(self) -> str:
        cost = f"{self.vision_ms:.1f} ms of processor time per frame, web process {self.web_fraction:.1%} of a core"
        return f"{self.fps:.2f} fps, {cost}"


def processor_s(pid: int) -> float:
    return sum(psutil.Process(pid).cpu_times()[:2])


def measure_single_client(server: Server) -> AnalysisLoad:
    """The load with one viewer and one page."""
    clients = LoadClients(int(server.url.rpartition(":")[2]), 1, 1)
    single = AnalysisLoad.measure(server, SINGLE_CLIENT_S)
    clients.close()
    wait_until(lambda: read_metric(server, "viewers") == 0, MAX_CLEANUP_S, "the end of the single viewer")
    return single


def test_many_clients_do_not_slow_the_analysis_and_leave_nothing_behind(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    single = [measure_single_client(server)]
    connections_before = count_connections(server)

    clients = LoadClients(port, VIEWERS, PAGES)
    wait_until(lambda: (read_metric(server, "viewers"), read_metric(server, "pages")) == (VIEWERS, PAGES), what="load")
    time.sleep(SETTLING_S)
    time.sleep(MINUTES * 60 - MEASURED_S)
    memory_before_mb = memory_mb(server)
    frames_before = [client.received for client in clients.viewers]
    stats_before, started_s = sum(page.received for page in clients.pages), time.monotonic()
    loaded = AnalysisLoad.measure(server, MEASURED_S)
    elapsed_s = time.monotonic() - started_s
    received = zip(clients.viewers, frames_before, strict=True)
    viewer_fps = [(client.received - before) / elapsed_s for client, before in received]
    stats_per_s = (sum(page.received for page in clients.pages) - stats_before) / PAGES / elapsed_s
    memory_after_mb = memory_mb(server)
    dropped = clients.count_closed()
    clients.close()
    closed_at_s = time.monotonic()
    while count_connections(server) > connections_before and time.monotonic() < closed_at_s + MAX_CLEANUP_S:
        time.sleep(0.1)

    remaining, cleanup_s = count_connections(server) - connections_before, time.monotonic() - closed_at_s
    single.append(measure_single_client(server))  # again, since other work on this computer may have changed
    single_fps = (single[0].fps + single[1].fps) / 2
    growth = memory_after_mb / memory_before_mb - 1
    print(f"\nmeasured: with all clients {loaded} ({loaded.fps / single_fps:.1%})")
    print(f"measured: before {single[0]}; after {single[1]}")
    print(f"measured: the slowest viewer got {min(viewer_fps):.2f} fps, a page {stats_per_s:.2f} stats per second")
    print(
        f"measured: memory {memory_after_mb:.1f} MB, {growth:+.2%} in the last {MEASURED_S / 60:g} of {MINUTES:g} min"
    )
    print(f"measured: {remaining} connections left {cleanup_s:.1f} s after the end")
    assert dropped == 0
    assert loaded.fps >= MIN_FPS_FRACTION * single_fps
    assert min(viewer_fps) >= MIN_FPS_FRACTION * loaded.fps
    assert memory_after_mb < MAX_MEMORY_MB
    assert growth < MAX_GROWTH
    assert remaining <= 0
    assert (read_metric(server, "viewers"), read_metric(server, "pages")) == (0, 0)
    assert server.health()["vision"]["restarts"] == 0
