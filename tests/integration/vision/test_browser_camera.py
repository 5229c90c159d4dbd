"""A browser's camera in the real vision process: frames sent over the link, blurred for everyone, and its states."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.domain import Box, FrameResult
from app.settings import Settings
from tests.support.blur_leaks import SHOWN_CORRELATION, detail_correlation
from tests.support.processes.busy import limit
from tests.support.vision import Watched

# YuNet's box of the astronaut's face.
FACE = Box(178, 63, 268, 176)
VIEW = "boxes"


@pytest.fixture
def watched(models_dir: Path, yunet_file: Path) -> Iterator[Watched]:
    settings = Settings(source="browser", models=str(models_dir), detector=str(yunet_file), blur=True)
    watched = Watched(settings)
    yield watched
    watched.link.close()


def send_frame(watched: Watched, image: np.ndarray) -> float:
    """Send a picture, RGB uint8 (height, width, 3), as the web process does; returns its time of arrival."""
    jpeg = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    received_at_s = time.monotonic()
    body = {"received_at_s": received_at_s, "captured_at_s": received_at_s - 1000}
    watched.link.send("camera_frame", body, [jpeg])
    return received_at_s


def result_of(watched: Watched, received_at_s: float) -> FrameResult:
    return watched.frame(lambda result: result.read_at_s == received_at_s)


def test_frames_are_analysed_and_blurred_for_everyone(watched: Watched, astronaut: np.ndarray):
    watched.camera("waiting")
    watched.link.send("views", {"views": [VIEW]})
    result = result_of(watched, send_frame(watched, astronaut))
    assert (result.width, result.height, len(result.faces)) == (512, 512, 1)
    shown = cv2.imdecode(np.frombuffer(result.jpegs[VIEW], np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert detail_correlation(astronaut, shown, FACE) < SHOWN_CORRELATION, "--blur"
    assert detail_correlation(astronaut, shown, Box(300, 300, 480, 480)) > 0.9, "what is no face is shown"


def test_it_waits_without_an_error_and_goes_on_with_the_next_frame(watched: Watched, astronaut: np.ndarray):
    assert watched.camera("waiting")["camera"]["error"] is None
    for _ in range(2):
        send_frame(watched, astronaut)
        assert watched.camera("live")["camera"]["kind"] == "browser"
        watched.link.send("camera_gone")
        started_s = time.monotonic()
        assert watched.camera("waiting")["camera"]["error"] is None
        assert time.monotonic() - started_s < limit(2, beside_others=3)


def test_a_pause_takes_effect_at_once_and_shows_no_frame_from_before_it(watched: Watched, astronaut: np.ndarray):
    watched.camera("waiting")
    send_frame(watched, astronaut)
    watched.camera("live")
    watched.link.send("pause")
    watched.camera("paused")
    send_frame(watched, astronaut)
    time.sleep(2.2)
    watched.link.send("resume")
    watched.camera("waiting")
    new = send_frame(watched, astronaut[:, ::-1])
    assert watched.frame().read_at_s == new
