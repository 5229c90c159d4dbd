"""From the link to viewers, session and pages."""

from pathlib import Path

import pytest

from app.web.live.message_dispatcher import MessageDispatcher
from app.wire import Message
from tests.support.fakes import FakeLink, make_face, status_body
from tests.support.web import running_app


class Bench:
    """A pump run by hand on a clock that the test moves."""

    def __init__(self, services: object, link: FakeLink) -> None:
        self.now_s = 0.0
        self.emitted: list[tuple[str, object]] = []
        self.yields = 0
        self.link, self.services = link, services
        services.link = link  # type: ignore[attr-defined]
        self.pump = MessageDispatcher(services, self._emit, self._yield_now, clock=lambda: self.now_s)  # type: ignore[arg-type]

    def _emit(self, name: str, payload: object) -> None:
        self.emitted.append((name, payload))

    def _yield_now(self) -> None:
        self.yields += 1

    def run(self) -> None:
        """Handle what was fed so far."""
        self.link.close()
        self.pump.run()

    def names(self) -> list[str]:
        return [name for name, _ in self.emitted]


@pytest.fixture
def bench(tmp_path: Path):
    with running_app(tmp_path) as web:
        yield Bench(web.services, FakeLink())


def test_stats_only_when_someone_is_there(bench: Bench):
    bench.link.feed_frame(1, [make_face()])
    bench.run()
    assert bench.names() == []


def test_stats_come_five_times_a_second(bench: Bench):
    bench.services.clients.add("page")
    for index in range(300):
        bench.now_s = index / 30
        bench.link.feed_frame(index)
        bench.run()
    assert 48 <= bench.names().count("stats") <= 51


def test_no_burst_of_stats_after_a_pause(bench: Bench):
    bench.services.clients.add("page")
    for now_s in (0.0, 60.0, 60.03, 60.06, 60.1):
        bench.now_s = now_s
        bench.link.feed_frame(int(now_s * 30))
        bench.run()
    assert bench.names().count("stats") <= 3


def test_status_is_emitted_on_every_change(bench: Bench):
    bench.link.feed("status", status_body(state="opening"))
    bench.link.feed("vision", {"state": "restarting", "pid": None, "restarts": 1, "error": "killed"})
    bench.run()
    assert bench.names() == ["status", "status"]
    last = bench.emitted[-1][1]
    assert (last["camera"]["state"], last["vision"]["restarts"]) == ("opening", 1)


def test_every_message_lets_others_run(bench: Bench):
    for index in range(20):
        bench.link.feed_frame(index)
    bench.run()
    assert bench.yields >= 20


def test_a_message_that_does_not_fit_is_dropped_and_the_next_is_handled(bench: Bench, caplog: pytest.LogCaptureFixture):
    bench.link.feed("frame", {"index": 1})
    bench.link.feed("cameras", {})
    bench.link.feed("prophecy", {"of": "a later version"})
    bench.link._messages.put(Message("status", {"camera": 7}))
    bench.link.feed_frame(5)
    bench.run()
    assert bench.services.broadcaster.newest.index == 5
    assert "Traceback" not in caplog.text
    assert caplog.text.count("dropped a malformed") == 3
