"""Network cameras that break off again and again, files that lie, and cameras of 3840x2160; with the real process."""

import os
import time

import av
import cv2
import numpy as np
import psutil
import pytest

from app.settings import Settings
from app.vision.capture.demo import STILL_AT_S, DemoScene
from tests.support.processes.busy import limit
from tests.support.processes.network_camera import NetworkCamera
from tests.support.vision import Watched, patched, seconds_until

# Shorter times than people would wait for.
RETRY_S, STEADY_S = 0.5, 2.0
IMPATIENT = patched(
    capture__loss_history__RETRY_S=RETRY_S,
    capture__loss_history__FIRST_UNSTABLE_RETRY_S=1.0,
    capture__loss_history__MAX_UNSTABLE_RETRY_S=2.0,
    capture__loss_history__STEADY_S=STEADY_S,
)
READ_TIMEOUT_S = 1.0
CALM_S = 6.0
BACK_S = 10.0  # two attempts, the time until it is steady, and a busy computer
TOLD_S = 8.0  # 2 s to report, 3 s to give up, on a busy computer
FAR_BYTES = 20 * 10**9


@pytest.fixture
def camera():
    cameras = []

    def make(**options):
        cameras.append(NetworkCamera(**options))
        return cameras[-1]

    yield make
    for camera in cameras:
        camera.close()


@pytest.fixture
def watch(tmp_path):
    watched = []

    def start(source, options=None, **changes):
        settings = Settings(source=str(source), models=str(tmp_path / "none"), detector="haar").with_options(**changes)
        watched.append(Watched(settings, **(options or {})))
        return watched[-1]

    yield start
    for one in watched:
        one.link.close()


def statuses_within(one, seconds):
    """States of the camera that are reported within some seconds, and the number of frames."""
    ends_s, states, frames = time.monotonic() + seconds, [], 0
    while time.monotonic() < ends_s:
        message = one.link.receive()
        frames += message.type == "frame"
        if message.type == "status":
            states.append(message.body["camera"]["state"])
    return states, frames


@pytest.mark.soak
@pytest.mark.parametrize("fault", ["stalls", "drips", "garbage"])
def test_a_camera_that_breaks_off_again_and_again_is_reported_once_and_calmly(fault, camera, watch, capfd):
    broken = camera()
    broken.state = fault
    one = watch(broken.url, {"command": IMPATIENT}, read_timeout_s=READ_TIMEOUT_S)
    told = []
    while "was lost 3 times" not in (told[-1]["error"] or "" if told else ""):
        told.append(one.until("status").body["camera"])
    assert [status["state"] for status in told].count("live") == 3
    states, frames = statuses_within(one, CALM_S)
    assert states == [], "neither its losses nor its returns are reported any more"
    assert frames > 0, "though its frames are analysed"
    broken.state = "sends"
    back_s = seconds_until(lambda: one.camera("live"))
    log = capfd.readouterr().err
    with capfd.disabled():
        print(f"measured: {fault}: {CALM_S:g} s without a report, live {back_s:.1f} s after it sends again")
    assert back_s < BACK_S
    assert log.count("was lost 3 times") == 1
    assert "secret" not in log
    assert one.link._restarts == 0


def write_video(path, codec="mjpeg", times=tuple(range(25))):
    """A video of 25 frames a second whose header and time stamps may claim anything."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        for number, time_stamp in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 8 * number, np.uint8), format="rgb24")
            frame.pts = time_stamp
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("long.avi", "mjpeg"),
        pytest.param("long.webm", "libvpx", marks=pytest.mark.soak),
        pytest.param("long.ts", "mpeg2video", marks=pytest.mark.soak),
    ],
)
def test_a_file_that_claims_gigabytes_after_its_last_frame_is_reported_in_time(name, codec, tmp_path, watch):
    write_video(tmp_path / name, codec)
    os.truncate(tmp_path / name, FAR_BYTES)
    one = watch(tmp_path / name)
    pid = one.vision("running")["pid"]
    one.frame(lambda result: result.index >= 20)
    told_s = seconds_until(
        lambda: one.until(lambda message: message.type == "status" and "is damaged" in str(message.body["camera"]))
    )
    print(f"measured: {name}: reported {told_s:.1f} s after its last frames")
    assert told_s < TOLD_S
    assert psutil.pid_exists(pid)
    assert one.link._restarts == 0


def test_a_file_that_claims_a_pause_of_an_hour_goes_on_after_two_seconds(tmp_path, watch):
    write_video(tmp_path / "gap.mp4", "libx264", [*range(10), *range(90_000, 90_010)])
    one = watch(tmp_path / "gap.mp4")
    one.frame(lambda result: result.index == 9)
    next_s = seconds_until(lambda: one.frame(lambda result: result.index > 9))
    print(f"measured: the next frame after {next_s:.1f} s")
    assert 1.5 < next_s < limit(4, beside_others=8)
    assert one.camera("paused")["camera"]["notice"].startswith("The source has ended")


def test_a_file_that_claims_one_frame_in_twenty_seconds_hides_no_silence(tmp_path, watch):
    """The rate of the header is for display only: the limits follow the frames."""
    write_video(tmp_path / "slow.mp4", "libx264", range(0, 2500, 500))
    one = watch(tmp_path / "slow.mp4")
    assert one.camera("live")["camera"]["fps"] == 0.5
    assert one.frame().index == 0
    assert seconds_until(lambda: one.frame()) < limit(4, beside_others=8)


FPS_4K = 30.0
MEASURED_FRAMES = 20


def test_a_camera_of_3840x2160_is_reduced_while_its_frames_are_read(camera, watch):
    picture = cv2.resize(DemoScene(640, 360).render(STILL_AT_S)[..., ::-1], (3840, 2160))
    one = watch(camera(picture=picture, fps=FPS_4K).url, detector="own")
    one.link.send("views", {"views": ["boxes"]})
    process = psutil.Process(one.vision("running")["pid"])
    body = one.camera("live")["camera"]
    assert (body["width"], body["height"]) == (1920, 1080)
    one.frame(lambda result: result.jpegs)
    cpu_s = sum(process.cpu_times()[:2])
    frames = [one.frame() for _ in range(MEASURED_FRAMES)]
    cpu_ms = 1000 * (sum(process.cpu_times()[:2]) - cpu_s) / len(frames)
    megabytes = process.memory_info().rss / 2**20
    print(f"measured: {frames[-1].fps:.1f} frames/s, {cpu_ms:.0f} ms of processor time each, {megabytes:.0f} MB")
    assert (frames[-1].width, frames[-1].height) == (1920, 1080)
    assert megabytes < 300
