"""A camera that is lost fifty times (SOAK_CYCLES), and a webcam that takes 15 s to open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.support.processes.network_camera import NetworkCamera
from tests.support.vision import EACH_LOSS_REPORTED, Watched, Webcam, lose_and_regain, seconds_until, sizes

CYCLES = int(os.environ.get("SOAK_CYCLES", "50"))
LASTS_S = 4.0  # longer than the 3 s after which a stream is given up, so that opening meets the fault too
SLOW_S = 15.0
MOST_GROWTH_MB = 10

pytestmark = [pytest.mark.soak, pytest.mark.timeout(60 + CYCLES * 30)]


@pytest.fixture
def camera() -> Iterator[NetworkCamera]:
    camera = NetworkCamera()
    yield camera
    camera.close()


def watched(folder: Path, source: str, *command: str) -> Watched:
    settings = Settings(source=source, models=str(folder / "none"), detector="haar")
    return Watched(settings, command=command) if command else Watched(settings)


def test_a_stream_lost_repeatedly_returns_without_growth(camera: NetworkCamera, tmp_path: Path) -> None:
    one = watched(tmp_path, camera.url, *EACH_LOSS_REPORTED)
    try:
        pid = one.vision("running")["pid"]
        one.frame()
        for fault in ("closed", "silent"):
            lose_and_regain(one, camera, fault, LASTS_S)
        before = sizes(pid)
        faults = (("closed", "silent")[cycle % 2] for cycle in range(CYCLES))
        cycles = [lose_and_regain(one, camera, fault, LASTS_S) for fault in faults]
        after = sizes(pid)
        told_s, back_s = (max(times) for times in zip(*cycles, strict=True))
        print(f"\nmeasured: {CYCLES} cycles told within {told_s:.1f} s and back within {back_s:.1f} s")
        print(f"measured: descriptors, threads and MB {before} before, {after} after")
        assert after[0] <= before[0]
        assert after[1] <= before[1]
        assert after[2] < before[2] + MOST_GROWTH_MB
        assert one.link._restarts == 0
    finally:
        one.link.close()


def test_a_webcam_may_take_15_s_to_open(tmp_path: Path) -> None:
    webcam = Webcam(tmp_path / "webcam")
    webcam.does(f"opens {SLOW_S:g}")
    one = watched(tmp_path, "0", *webcam.command)
    try:
        pid = one.vision("running")["pid"]
        assert seconds_until(lambda: (one.camera("live"), one.frame())) >= SLOW_S - 5
        assert one.link._restarts == 0
        assert pid == one.link._process.pid  # type: ignore[union-attr]
    finally:
        one.link.close()
