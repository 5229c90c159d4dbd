"""Floods: other programs that send whatever they like without rest, while somebody watches.

`FLOOD_S=20` makes them longer (`make soak`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from app.web.live.vision_state import MAX_CAMERAS_AGE_S
from tests.soak.load_clients import LoadClients
from tests.support.server_process import WebProcess, start_flood
from tests.support.web import wait_until

FLOOD_S = float(os.environ.get("FLOOD_S", "4"))
# Until all attackers have started.
START_S = 1.0
MIN_RATE = 0.95  # of the viewer's frames without a flood
MAX_GROWTH = 1.10  # of the memory, afterwards
MAX_GROWTH_MB = 25  # meanwhile
# The library remembers an ended connection for one interval of pings.
SETTLING_S = 15.0
JPEG_BYTES = 40_000

# What an attack must at least have sent to count as one: responses, frames, bytes or requests per second.
MIN_TAKEN_PER_S = {
    "handshakes": 5,
    "cameras": 200,
    "pings": 1000,
    "events": 1000,
    "fragments": 100_000,
    "one-byte-fragments": 1000,
    "header": 5,
    "headers": 5,
    "address": 50,
}

pytestmark = pytest.mark.timeout(10 * FLOOD_S + 120)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    server = WebProcess(tmp_path_factory.mktemp("floods"), jpeg_bytes=JPEG_BYTES)
    started_s = time.monotonic()
    yield server
    assert "Traceback" not in server.log
    asked = server.stop()
    print(f"measured: asked {asked} times for the cameras in {time.monotonic() - started_s:.0f} s")
    assert asked <= 2 + (FLOOD_S + START_S) / MAX_CAMERAS_AGE_S


@pytest.fixture
def viewer(server: WebProcess) -> Iterator[LoadClients]:
    clients = LoadClients(server.port, viewers=1, pages=1)
    wait_until(lambda: clients.viewers[0].received > 0 and clients.pages[0].received > 0)
    yield clients
    assert clients.count_closed() == 0
    clients.close()


def measure_fps(viewer: LoadClients, seconds: float) -> float:
    before, started_s = viewer.viewers[0].received, time.monotonic()
    time.sleep(seconds)
    return (viewer.viewers[0].received - before) / (time.monotonic() - started_s)


@pytest.mark.soak
@pytest.mark.parametrize("kind", MIN_TAKEN_PER_S)
def test_a_flood_takes_no_frames_from_a_viewer_and_leaves_no_memory(server: WebProcess, viewer: LoadClients, kind: str):
    fps, memory = measure_fps(viewer, 2.0), server.memory_bytes
    stats = viewer.pages[0].received
    flood = start_flood(kind, server.port, START_S + FLOOD_S)
    time.sleep(START_S)
    flooded_fps, flooded_memory = measure_fps(viewer, FLOOD_S), server.memory_bytes
    taken = int(flood.communicate()[0])
    stats_per_s = (viewer.pages[0].received - stats) / (START_S + FLOOD_S)
    wait_until(lambda: server.memory_bytes < MAX_GROWTH * memory, SETTLING_S)
    growth, growth_mb = server.memory_bytes / memory - 1, (flooded_memory - memory) / 2**20
    print(f"measured: {kind}: {taken} in {START_S + FLOOD_S:g} s; the viewer got {flooded_fps / fps:.1%} of its rate")
    print(f"measured: {stats_per_s:.1f} stats per second; memory {growth_mb:+.1f} MB, then {growth:+.1%}")
    assert taken > MIN_TAKEN_PER_S[kind] * FLOOD_S
    assert flooded_fps >= MIN_RATE * fps
    assert stats_per_s > 3.5
    assert growth_mb < MAX_GROWTH_MB
