"""A browser's camera: frames are decoded here, in one size, with the time stamps of the browser's clock."""

import threading
import time

import cv2
import numpy as np
import pytest

from app.errors import NoBrowserCamera
from app.settings import Settings
from app.vision.browser_camera.browser_source import (
    MAX_DELAY_S,
    MAX_FRAME_AGE_S,
    BrowserFrame,
    BrowserFrames,
    BrowserSource,
    TimeStamps,
    decode_jpeg,
    open_any_source,
)
from app.vision.capture.open_source import open_source
from tests.support.fakes import FakeClock

SETTINGS = Settings(source="browser")


def jpeg(width: int = 64, height: int = 48, colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    image = np.full((height, width, 3), colour, np.uint8)
    return cv2.imencode(".jpg", image[..., ::-1])[1].tobytes()


def frame(received_at_s: float = 100.0, captured_at_s: float = 1.0, data: bytes | None = None) -> BrowserFrame:
    return BrowserFrame(data or jpeg(), received_at_s, captured_at_s)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def frames(clock: FakeClock) -> BrowserFrames:
    return BrowserFrames(clock)


def opened(frames: BrowserFrames, clock: FakeClock, first: BrowserFrame | None = None) -> BrowserSource:
    frames.put(first or frame())
    source = open_any_source(SETTINGS, frames, clock)
    assert isinstance(source, BrowserSource)
    return source


def test_it_opens_with_the_first_frame(frames, clock):
    source = opened(frames, clock)
    assert (source.info.kind, source.info.live, source.info.mirrored) == ("browser", True, False)
    assert (source.info.width, source.info.height) == (64, 48)
    first = source.read()
    assert (first.index, first.read_at_s, first.image.shape) == (0, 100.0, (48, 64, 3))
    assert np.abs(first.image[24, 32].astype(int) - (200, 30, 30)).max() < 6, "RGB"


def test_without_a_browser_it_does_not_open():
    with pytest.raises(NoBrowserCamera):
        open_source(SETTINGS)


def test_only_the_newest_frame_is_read(frames, clock):
    source = opened(frames, clock)
    source.read()
    for number in range(1, 4):
        frames.put(frame(100 + number / 10, 1 + number / 10))
    assert source.read().read_at_s == 100.3


def test_a_damaged_frame_is_passed_over(frames, clock):
    source = opened(frames, clock)
    source.read()
    frames.put(frame(100.1, 1.1, data=jpeg()[:40]))
    good = threading.Timer(0.05, lambda: frames.put(frame(100.2, 1.2)))
    good.start()
    assert source.read().read_at_s == 100.2
    good.join()


def test_reading_ends_at_once_when_the_browser_has_gone(frames, clock):
    source = opened(frames, clock)
    source.read()
    gone = threading.Timer(0.05, frames.clear)
    gone.start()
    started_s = time.monotonic()
    with pytest.raises(NoBrowserCamera):
        source.read()
    assert time.monotonic() - started_s < 2
    gone.join()


def test_a_browser_that_has_gone_between_two_reads_is_not_waited_for(frames, clock):
    source = opened(frames, clock)
    frames.clear()
    assert source.read().index == 0, "the frame with which it opened"
    started_s = time.monotonic()
    with pytest.raises(NoBrowserCamera):
        source.read()
    assert time.monotonic() - started_s < 2


def test_a_frame_from_before_a_pause_is_not_shown(frames, clock):
    frames.put(frame(100.0))
    clock.now_s += MAX_FRAME_AGE_S + 1
    assert frames.take(0) is None


def test_smaller_frames_of_a_slow_link_keep_the_size(frames, clock):
    source = opened(frames, clock, frame(data=jpeg(640, 360)))
    source.read()
    frames.put(frame(100.1, 1.1, data=jpeg(321, 180)))
    assert source.read().image.shape == (360, 640, 3)


@pytest.mark.parametrize("size", [(48, 64), (128, 96)])
def test_a_turned_device_or_larger_frames_open_the_source_again(frames, clock, size):
    source = opened(frames, clock)
    source.read()
    frames.put(frame(100.1, 1.1, data=jpeg(*size)))
    with pytest.raises(NoBrowserCamera):
        source.read()
    assert opened(frames, clock, frame(100.2, 1.2, jpeg(*size))).info.width == size[0]


def test_skipping_does_not_decode(frames, clock, monkeypatch):
    source = opened(frames, clock)
    monkeypatch.setattr("app.vision.browser_camera.browser_source.decode_jpeg", lambda *_: pytest.fail("decoded"))
    first = source.skip()
    frames.put(frame(100.1, 1.1))
    assert source.skip() == pytest.approx(first + 0.1, abs=0.001)


def test_time_stamps_follow_the_clock_of_the_browser():
    stamps = TimeStamps(opened_at_s=100.0)
    received = [(100.0, 1.0), (100.5, 1.1), (100.5, 1.2), (100.31, 1.3)]
    times = [stamps.next(frame(*one)) for one in received]
    assert np.diff(times) == pytest.approx([0.1, 0.1, 0.1], abs=0.02)


@pytest.mark.parametrize("jump_s", [-1e6, 1e6, 1e300])
def test_a_clock_that_jumps_moves_time_stamps_by_a_second_at_most(jump_s):
    stamps = TimeStamps(opened_at_s=100.0)
    times = [stamps.next(frame(100 + index / 10, 1 + index / 10 + (jump_s if index > 4 else 0))) for index in range(40)]
    steps = np.diff(times)
    assert (steps > 0).all()
    assert steps.max() < MAX_DELAY_S + 0.2
    assert steps[-1] == pytest.approx(0.1)


def test_large_frames_are_reduced():
    image = decode_jpeg(jpeg(1280, 720), 640)
    assert image is not None
    assert image.shape == (360, 640, 3)
    assert decode_jpeg(b"", 640) is None
