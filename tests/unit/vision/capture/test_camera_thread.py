"""The camera thread on scripted sources; waits are bounded and far longer than what they wait for."""

import queue
import threading
import time
from collections.abc import Callable
from operator import attrgetter

import numpy as np
import pytest

from app.domain import Frame
from app.errors import CameraUnavailable, CameraUnresponsive, NoBrowserCamera
from app.settings import Settings
from app.vision.capture import loss_history
from app.vision.capture.camera_thread import ENDED_NOTICE, Camera
from app.vision.capture.frame_pacing import IDLE_INTERVAL_S
from app.vision.capture.frame_source import SourceInfo
from app.vision.runtime.stall_timer import StallTimer
from tests.support.fakes import FakeClock

PICTURE = np.zeros((4, 4, 3), np.uint8)


class ScriptedSource:
    """A `FrameSource` that gives so many frames, then ends (None) or raises what it is given."""

    def __init__(self, count=10**9, then=None, kind="webcam", source="0", fps=100.0):
        self.info = SourceInfo(kind, source, kind, 4, 4, fps, live=kind in ("webcam", "stream", "browser"))
        self.closed = threading.Event()
        self._count, self._then, self._fps, self._index = count, then, fps, 0

    def read(self):
        if self._index >= self._count:
            if self._then:
                raise self._then
            return None
        if self.info.live:
            time.sleep(1 / self._fps)
        frame = Frame(PICTURE, self._index, self._index / self._fps, time.monotonic())
        self._index += 1
        return frame

    def skip(self):
        frame = self.read()
        return frame and frame.time_s

    def close(self):
        self.closed.set()


class Stage:
    """A camera whose sources come from a script; errors in it are raised in place of a source."""

    def __init__(self, script, source="0", watched=True, **options):
        self.asked, self.statuses, self.said = [], queue.Queue(), []
        self._script = list(script)
        settings = Settings(source=source, **options)
        self.camera = Camera(settings, self._hear, open_source=self._open)
        self.camera.has_viewers = watched
        self.camera.start()

    def _open(self, settings):
        self.asked.append(settings.source)
        source = self._script.pop(0) if self._script else CameraUnavailable("nothing there; plug it in")
        if isinstance(source, Exception):
            raise source
        return source

    def _hear(self, status):
        self.said.append(status)
        self.statuses.put(status)

    def until(self, state):
        """The next status of this state."""
        while True:
            status = self.statuses.get(timeout=5)
            if status.state == state:
                return status


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch):
    monkeypatch.setattr(loss_history, "RETRY_S", 0.05)


@pytest.fixture
def staged() -> Callable[..., Stage]:
    stages = []

    def make(script, **options):
        stages.append(Stage(script, **options))
        return stages[-1]

    yield make
    for stage in stages:
        stage.camera.close()


def test_pictures_come_once_the_camera_is_live(staged):
    stage = staged([ScriptedSource()])
    assert stage.until("opening").to_dict()["kind"] == "webcam"
    body = stage.until("live").to_dict()
    assert (body["width"], body["fps"], body["demo"], body["error"]) == (4, 100.0, False, None)
    assert stage.camera.take(5).frame.image is PICTURE


def test_only_the_newest_picture_is_kept(staged):
    stage = staged([ScriptedSource()])
    first = stage.camera.take(5).frame.index
    time.sleep(0.2)
    assert stage.camera.take(5).frame.index > first + 5


@pytest.mark.parametrize("kind", ["webcam", "file"])
def test_while_nobody_watches_most_pictures_are_passed_over(staged, kind):
    stage = staged([ScriptedSource(kind=kind)], watched=False)
    first, second = stage.camera.take(5), stage.camera.take(5)
    assert first.skipped_while_idle == 0
    assert second.skipped_while_idle == second.frame.index - 1
    # A file is followed by its own time, a webcam by the computer's: on a busy one it delivers fewer frames.
    clock = attrgetter("frame.time_s" if kind == "file" else "frame.read_at_s")
    assert clock(second) - clock(first) >= IDLE_INTERVAL_S - 0.05
    stage.camera.has_viewers = True
    third = stage.camera.take(5)
    assert clock(third) - clock(second) < IDLE_INTERVAL_S / 2
    assert stage.camera.take(5).skipped_while_idle == third.skipped_while_idle


def test_the_end_of_a_file_is_noticed_while_nobody_watches(staged):
    stage = staged([ScriptedSource(20, kind="file")], source="clip.mp4", watched=False)
    assert stage.until("paused").notice == ENDED_NOTICE


def test_a_camera_that_is_lost_is_noticed_while_nobody_watches(staged):
    lost = CameraUnavailable("the cable fell out; check it")
    stage = staged([ScriptedSource(20, then=lost), ScriptedSource()], watched=False)
    assert "cable" in stage.until("lost").error


def test_flat_out_no_picture_of_a_file_is_skipped(staged):
    stage = staged([ScriptedSource(20, kind="file")], source="clip.mp4", watched=False, disable_pacing=True)
    indices = []
    for _ in range(20):
        indices.append(stage.camera.take(5).frame.index)
        time.sleep(0.002)
    assert indices == list(range(20))


def test_a_file_is_played_at_its_own_pace(staged):
    stage = staged([ScriptedSource(10**9, kind="file", fps=50)], source="clip.mp4")
    stage.until("live")
    started, first = time.monotonic(), stage.camera.take(5).frame
    time.sleep(0.4)
    last = stage.camera.take(5).frame
    assert last.time_s - first.time_s == pytest.approx(time.monotonic() - started, abs=0.15)


def test_the_end_of_a_file_rests_until_resumed(staged):
    stage = staged([ScriptedSource(2, kind="file"), ScriptedSource(kind="file")], source="clip.mp4")
    assert stage.until("paused").to_dict()["notice"] == ENDED_NOTICE
    assert stage.asked == ["clip.mp4"]
    stage.camera.resume()
    stage.until("live")
    assert stage.camera.take(5).opening == 2


def test_pause_releases_the_camera_and_resume_opens_it(staged):
    source = ScriptedSource()
    stage = staged([source, ScriptedSource()])
    stage.until("live")
    stage.camera.pause()
    stage.until("paused")
    assert source.closed.is_set()
    assert stage.camera.take(0.05) is None
    stage.camera.resume()
    stage.until("live")
    assert stage.camera.take(5) is not None


def test_a_lost_webcam_is_tried_again_and_comes_back(staged):
    lost = CameraUnavailable("the cable fell out; check it")
    stage = staged([ScriptedSource(2, then=lost), CameraUnavailable("not yet; wait"), ScriptedSource()])
    assert "cable" in stage.until("lost").to_dict()["error"]
    assert "not yet" in stage.until("lost").error
    assert stage.until("live").error is None


def test_a_camera_that_is_lost_again_and_again_is_reported_once_until_it_is_steady(staged, monkeypatch):
    monkeypatch.setattr(loss_history, "FIRST_UNSTABLE_RETRY_S", 0.05)
    monkeypatch.setattr(loss_history, "STEADY_S", 0.3)
    lost = CameraUnavailable("the cable is loose; check it")
    stage = staged([*(ScriptedSource(2, then=lost) for _ in range(6)), ScriptedSource()])
    for _ in range(3):
        stage.until("lost")
    assert "Webcam 0 was lost 3 times within 60 s" in stage.said[-1].error
    stage.until("live")
    assert [status.state for status in stage.said] == ["opening", *["live", "lost"] * 3, "live"]
    assert len(stage.asked) == 7


def test_another_source_begins_without_the_losses_of_the_last_one(staged):
    lost = CameraUnavailable("the cable is loose; check it")
    stage = staged([*(ScriptedSource(2, then=lost) for _ in range(3)), ScriptedSource(kind="demo", source="demo")])
    for _ in range(3):
        stage.until("lost")
    stage.camera.select("demo")
    stage.until("live")


def test_a_file_that_breaks_is_not_tried_again(staged):
    damaged = CameraUnavailable("clip.mp4 is damaged; choose another file")
    stage = staged([ScriptedSource(2, then=damaged, kind="file")], source="clip.mp4")
    assert "damaged" in stage.until("failed").error
    time.sleep(0.2)
    assert stage.asked == ["clip.mp4"]


def test_a_webcam_that_auto_found_never_turns_into_the_demo(staged):
    lost = CameraUnavailable("gone; check it")
    stage = staged([ScriptedSource(2, then=lost), ScriptedSource()], source="auto")
    stage.until("lost")
    stage.until("live")
    assert stage.asked == ["auto", "0"]
    stage.camera.pause()
    stage.until("paused")
    stage.camera.resume()
    stage.until("lost")
    assert stage.asked[2] == "0"


def test_a_webcam_that_is_not_there_yet_is_found_later(staged):
    stage = staged([CameraUnavailable("no webcam; plug one in"), ScriptedSource()])
    assert stage.until("failed").to_dict()["name"] == "Webcam 0"
    stage.until("live")


def test_trying_again_is_no_news(staged):
    stage = staged([CameraUnavailable("no webcam; plug one in")] * 5 + [ScriptedSource()])
    stage.until("live")
    assert [status.state for status in stage.said] == ["opening", "failed", "live"]


class HangingUrls:
    """Opens any URL only once let go; everything else at once."""

    def __init__(self):
        self.asked, self.let_go, self.sources = queue.Queue(), threading.Event(), []

    def __call__(self, settings):
        is_url = "://" in settings.source
        self.asked.put(settings.source)
        if is_url:
            self.let_go.wait(5)
        self.sources.append(ScriptedSource(kind="stream" if is_url else "demo", source=settings.source))
        return self.sources[-1]


def test_a_url_that_hangs_holds_up_neither_pause_nor_another_source():
    opened, statuses = HangingUrls(), queue.Queue()
    camera = Camera(Settings(source="http://nobody/live"), statuses.put, open_source=opened)
    camera.start()
    assert opened.asked.get(timeout=5) == "http://nobody/live"
    camera.pause()
    states = [statuses.get(timeout=2).state for _ in range(2)]
    assert states == ["opening", "paused"]
    camera.resume()
    camera.select("demo")
    assert opened.asked.get(timeout=2) == "demo", "a second URL waits for the first, and is no longer wanted"
    while (status := statuses.get(timeout=2)).state != "live":
        pass
    assert status.info.source == "demo"
    opened.let_go.set()
    for source in (one for one in opened.sources if one.info.kind == "stream"):
        assert source.closed.wait(2), "a stream that opens too late is let go"
    assert statuses.empty(), "and nobody hears of it"
    assert camera.take(2) is not None
    camera.close()


def test_a_file_that_cannot_be_read_is_not_tried_again(staged):
    stage = staged([CameraUnavailable("no video; give another")], source="notes.txt")
    assert stage.until("failed").error == "no video; give another"
    time.sleep(0.2)
    assert stage.asked == ["notes.txt"]


def test_another_source_can_be_selected(staged):
    first = ScriptedSource()
    stage = staged([first, ScriptedSource(kind="demo", source="demo")])
    stage.until("live")
    stage.camera.select("demo")
    body = stage.until("live").to_dict()
    assert (body["requested"], body["source"], body["demo"]) == ("demo", "demo", True)
    assert first.closed.is_set()


def test_credentials_are_in_no_status(staged):
    stage = staged([CameraUnavailable("no answer; check it")], source="rtsp://user:secret@host/live")
    assert "secret" not in str(stage.until("failed").to_dict())


def test_closing_releases_the_camera(staged):
    source = ScriptedSource()
    stage = staged([source])
    stage.until("live")
    stage.camera.close()
    assert source.closed.wait(2)


class SlowWebcam:
    """A webcam that opens once let go; its camera runs on a clock that the test moves."""

    def __init__(self):
        self.clock, self.opening, self.let_go = FakeClock(), threading.Event(), threading.Event()
        self.camera = Camera(Settings(source="0"), lambda status: None, open_source=self._open, clock=self.clock)
        self.camera.start()
        assert self.opening.wait(5)

    def _open(self, settings):
        self.opening.set()
        assert self.let_go.wait(5)
        return ScriptedSource()

    def wait(self, seconds):
        for _ in range(round(2 * seconds)):
            self.clock.now_s += 0.5
            self.camera.check()


@pytest.fixture
def slow():
    slow = SlowWebcam()
    yield slow
    slow.let_go.set()
    slow.camera.close()


def test_a_webcam_may_take_15_seconds_to_open(slow):
    slow.wait(15)
    slow.let_go.set()
    assert slow.camera.take(5) is not None
    slow.camera.check()


def test_a_webcam_that_does_not_open_at_all_hangs_even_if_paused_meanwhile(slow):
    slow.camera.pause()
    with pytest.raises(CameraUnresponsive, match="Webcam 0 has not responded"):
        slow.wait(31)


def test_time_in_which_the_computer_slept_is_no_silence(slow):
    slow.clock.now_s += 3600
    slow.camera.check()


def test_silence_is_counted_in_steps():
    clock = FakeClock()
    stall_timer = StallTimer(clock)
    clock.now_s += 0.5
    assert stall_timer.elapsed_s() == 0.5
    clock.now_s += 3600
    assert stall_timer.elapsed_s() == 1.5
    clock.now_s -= 7200
    assert stall_timer.elapsed_s() == 1.5
    stall_timer.reset()
    assert stall_timer.elapsed_s() == 0


def test_a_browsers_camera_is_waited_for_and_neither_lost_nor_failed(staged):
    gone = NoBrowserCamera("none")
    script = [gone, ScriptedSource(3, gone, "browser"), gone, ScriptedSource(3, gone, "browser"), ScriptedSource()]
    stage = staged(script, source="browser")
    for state in ("opening", "waiting", "live", "waiting", "live"):
        assert stage.until(state).error is None
    states = [status.state for status in stage.said]
    assert states == ["opening", "waiting", "live", "waiting", "live"], "turned or resized: no word in between"
