"""What happens to cameras and to the vision process, done for real: silence, hanging, kill, stop, no memory."""

import sys

import psutil
import pytest

from app.processes import vision_supervisor
from app.settings import Settings
from tests.support.processes.network_camera import NetworkCamera
from tests.support.vision import (
    BACK_S,
    EACH_LOSS_REPORTED,
    TOLD_S,
    Watched,
    Webcam,
    lose_and_regain,
    seconds_until,
    sizes,
)


@pytest.fixture
def camera():
    camera = NetworkCamera()
    yield camera
    camera.close()


@pytest.fixture
def watch(tmp_path):
    """Links that are closed in the end; no model and no detector file, since no face is looked for here."""
    watched = []

    def start(source, **options):
        settings = Settings(source=source, models=str(tmp_path / "none"), detector="haar")
        watched.append(Watched(settings, **options))
        return watched[-1]

    yield start
    for one in watched:
        one.link.close()


@pytest.fixture
def webcam(tmp_path):
    return Webcam(tmp_path / "webcam")


def test_a_stream_that_breaks_off_or_falls_silent_comes_back_five_times_and_nothing_grows(camera, watch):
    one = watch(camera.url, command=EACH_LOSS_REPORTED)
    pid = one.vision("running")["pid"]
    one.frame()
    lose_and_regain(one, camera, "closed")
    before = sizes(pid)
    cycles = [lose_and_regain(one, camera, fault) for fault in ("silent", "closed", "silent", "closed")]
    descriptors, threads, megabytes = sizes(pid)
    told_s, back_s = (max(times) for times in zip(*cycles, strict=True))
    print(f"measured: told within {told_s:.1f} s, back within {back_s:.1f} s, {megabytes - before[2]:+.1f} MB")
    assert descriptors <= before[0]
    assert threads <= before[1]
    assert megabytes < before[2] + 10
    assert one.link._restarts == 0


def test_a_webcam_that_never_comes_back_from_reading_is_told_and_opened_by_a_new_process(webcam, watch):
    one = watch("0", command=webcam.command)
    start_s = seconds_until(lambda: one.frame())
    pid = one.link._process.pid
    webcam.does("hangs")
    told_s = seconds_until(lambda: one.camera("lost"))
    assert told_s < TOLD_S
    assert "the camera hangs" in one.vision("restarting")["error"]
    assert not psutil.pid_exists(pid), "nothing holds the webcam any more"
    webcam.does("sends")
    back_s = seconds_until(lambda: (one.camera("live"), one.frame()))
    print(f"measured: told after {told_s:.1f} s, back {back_s:.1f} s after the new process began")
    assert back_s < max(BACK_S, 2 * start_s), "2 s where a start takes 1 s; more on a busy computer"
    assert not one.link._recent_restarts(), "a camera that hangs is no crash of ours"


OUT_OF_MEMORY = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (120 * 2**20, 120 * 2**20))
from app.vision.worker.__main__ import main
main(int(sys.argv[1]))
"""


def test_without_memory_it_is_tried_again_five_times_and_then_told(watch, monkeypatch):
    monkeypatch.setattr(vision_supervisor, "FIRST_RESTART_DELAY_S", 0.01)
    one = watch("demo", command=(sys.executable, "-c", OUT_OF_MEMORY))
    body = one.vision("failed")
    assert body["restarts"] == vision_supervisor.MAX_RESTARTS
    assert "6 times within a minute" in body["error"]
    one.link._command = (sys.executable, "-m", "app.vision.worker")  # memory is there again
    one.link.send("retry")
    one.vision("running")
    one.frame()
