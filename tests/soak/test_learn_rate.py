"""The live rate while somebody moves a slider in a chapter of /learn.

Run it alone: `python -m pytest tests/soak/test_learn_rate.py -s -m soak` prints the rates.
"""

from __future__ import annotations

import base64
import http.client
import itertools
import json
import statistics
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.learn.chapters import CHAPTERS
from app.paths import ASSETS
from tests.e2e.conftest import start_server
from tests.e2e.server import Server

FPS = 30
MEASURED_S = 10.0
ROUNDS = 3
MIN_SHARE = 0.9
PAUSE_S = 0.1  # as PAUSE_MS in static/js/learn/lesson-session.js
PICTURE = base64.b64encode((ASSETS / "portraits" / "grace_hopper.jpg").read_bytes()).decode()

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    yield from start_server("demo", tmp_path, FPS)


def ask(server: Server, lesson: str, number: int) -> None:
    """One request as the page sends it while a slider is moved; each asks for another value."""
    first = {"pixels": "levels", "windows": "neighbors", "haar": "stage", "convolution": "layer"}.get(lesson)
    parameters = {first: 2 + number % 10} if first else {}
    body = json.dumps({"lesson": lesson, "picture": PICTURE, "parameters": parameters}).encode()
    request = urllib.request.Request(f"{server.url}/api/learn", body, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=60).read()
    except urllib.error.HTTPError as error:
        if error.code != 429:
            raise
        time.sleep(0.2)


@contextmanager
def somebody_in_a_chapter(server: Server) -> Iterator[list[float]]:
    """Asks one request after the other, chapter after chapter; yields how long each took."""
    stopped, durations_s = threading.Event(), list[float]()

    def run() -> None:
        for number in itertools.count():
            if stopped.is_set():
                return
            started_s = time.monotonic()
            ask(server, CHAPTERS[number // 5 % len(CHAPTERS)], number)
            durations_s.append(time.monotonic() - started_s)
            time.sleep(PAUSE_S)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield durations_s
    finally:
        stopped.set()
        thread.join()


def live_rate(server: Server) -> float:
    """Frames per second that a viewer gets."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/video_feed")
    response, frames, ends_s = connection.getresponse(), 0, time.monotonic() + MEASURED_S
    while time.monotonic() < ends_s:
        frames += response.readline().startswith(b"Content-Type: image/jpeg")
    connection.close()
    return frames / MEASURED_S


def test_the_live_view_keeps_its_rate(server: Server):
    live_rate(server)
    alone, beside, all_durations_s = [], [], []
    for _ in range(ROUNDS):
        alone.append(live_rate(server))
        with somebody_in_a_chapter(server) as durations_s:
            beside.append(live_rate(server))
        all_durations_s += durations_s
    share = statistics.median(beside) / statistics.median(alone)
    median_ms = 1000 * statistics.median(all_durations_s)
    print(
        f"\nframes a second: {alone} alone, {beside} beside a chapter: {share:.1%}; an answer takes {median_ms:.0f} ms"
    )
    assert share >= MIN_SHARE
