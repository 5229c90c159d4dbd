"""The dispatcher passes messages on to viewers, the session recorder and pages."""

from pathlib import Path

import pytest

from app.web.live.live_camera import LiveCamera
from app.web.live.message_dispatcher import MessageDispatcher
from app.wire import Message
from tests.support.fakes import FakeLink, make_face, status_body
from tests.support.web import running_app


class DispatcherHarness:
    """A dispatcher on a clock that the test advances."""

    def __init__(self, camera: LiveCamera, link: FakeLink) -> None:
        self.now_s = 0.0
        self.emitted: list[tuple[str, object]] = []
        self.yields = 0
        self.link, self.camera = link, camera
        camera.link, camera.emit = link, self._emit
        self.dispatcher = MessageDispatcher(camera, self._yield_now, clock=lambda: self.now_s)

    def _emit(self, name: str, payload: object) -> None:
        self.emitted.append((name, payload))

    def _yield_now(self) -> None:
        self.yields += 1

    def run(self) -> None:
        """Handle all messages fed so far."""
        self.link.close()
        self.dispatcher.run()

    def names(self) -> list[str]:
        return [name for name, _ in self.emitted]


@pytest.fixture
def harness(tmp_path: Path):
    with running_app(tmp_path) as web:
        yield DispatcherHarness(web.camera, FakeLink())


def test_no_stats_are_emitted_without_a_page(harness: DispatcherHarness):
    harness.link.feed_frame(1, [make_face()])
    harness.run()
    assert harness.names() == []


def test_stats_are_emitted_five_times_a_second(harness: DispatcherHarness):
    harness.camera.clients.add("page")
    for index in range(300):
        harness.now_s = index / 30
        harness.link.feed_frame(index)
        harness.run()
    assert 48 <= harness.names().count("stats") <= 51


def test_no_burst_of_stats_after_a_pause(harness: DispatcherHarness):
    harness.camera.clients.add("page")
    for now_s in (0.0, 60.0, 60.03, 60.06, 60.1):
        harness.now_s = now_s
        harness.link.feed_frame(int(now_s * 30))
        harness.run()
    assert harness.names().count("stats") <= 3


def test_status_is_emitted_on_every_change(harness: DispatcherHarness):
    harness.link.feed("status", status_body(state="opening"))
    harness.link.feed("vision", {"state": "restarting", "pid": None, "restarts": 1, "error": "killed"})
    harness.run()
    assert harness.names() == ["status", "status"]
    last = harness.emitted[-1][1]
    assert (last["camera"]["state"], last["vision"]["restarts"]) == ("opening", 1)


def test_every_message_yields_to_other_green_threads(harness: DispatcherHarness):
    for index in range(20):
        harness.link.feed_frame(index)
    harness.run()
    assert harness.yields >= 20


def test_a_malformed_message_is_dropped_and_the_next_one_handled(
    harness: DispatcherHarness, caplog: pytest.LogCaptureFixture
):
    harness.link.feed("frame", {"index": 1})
    harness.link.feed("cameras", {})
    harness.link.feed("prophecy", {"of": "a later version"})
    harness.link._messages.put(Message("status", {"camera": 7}))
    harness.link.feed_frame(5)
    harness.run()
    assert harness.camera.broadcaster.newest.index == 5
    assert "Traceback" not in caplog.text
    assert caplog.text.count("dropped a malformed") == 3
