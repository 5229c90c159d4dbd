"""The newest result, its viewers and its latency."""

import threading
import time

import pytest

from app.errors import TooManyViews
from app.web.live.frame_broadcaster import FrameBroadcaster
from tests.support.fakes import make_result


class Told:
    """Notes every set of views it is told."""

    def __init__(self) -> None:
        self.views: list[list[str]] = []

    def __call__(self, keys: object) -> None:
        self.views.append(list(keys))  # type: ignore[call-overload]


def test_views_are_told_only_when_the_set_changes():
    told = Told()
    broadcaster = FrameBroadcaster(told)
    first, second, other = broadcaster.subscribe("boxes"), broadcaster.subscribe("boxes"), broadcaster.subscribe("age")
    first.close()
    first.close()
    second.close()
    other.close()
    assert told.views == [["boxes"], ["age", "boxes"], ["age"], []]
    assert broadcaster.viewers == 0


def test_one_view_too_many_is_refused_and_room_is_given_again():
    broadcaster = FrameBroadcaster(Told(), max_views=2)
    first = broadcaster.subscribe("a")
    broadcaster.subscribe("b")
    with pytest.raises(TooManyViews, match="2 different views"):
        broadcaster.subscribe("c")
    broadcaster.subscribe("a")
    first.close()
    with pytest.raises(TooManyViews):
        broadcaster.subscribe("c")
    assert broadcaster.viewers == 2


def test_everyone_who_waits_gets_the_same_new_result():
    broadcaster = FrameBroadcaster(Told())
    got: list[object] = []
    waiting = [threading.Thread(target=lambda: got.append(broadcaster.wait_for_newer(None, 5))) for _ in range(10)]
    for thread in waiting:
        thread.start()
    result = make_result(1)
    broadcaster.publish(result)
    for thread in waiting:
        thread.join()
    assert got == [result] * 10


def test_waiting_is_bounded():
    broadcaster = FrameBroadcaster(Told())
    started_s = time.monotonic()
    assert broadcaster.wait_for_newer(None, 0.02) is None
    assert time.monotonic() - started_s < 2


def test_latency_percentiles_and_the_last_second():
    now_s = [1000.0]
    broadcaster = FrameBroadcaster(Told(), clock=lambda: now_s[0])
    assert broadcaster.latency().p50_ms is None
    for index in range(100):
        now_s[0] += 0.05
        result = make_result(index)
        object.__setattr__(result, "read_at_s", now_s[0] - (0.010 if index < 80 else 0.100))
        broadcaster.publish(result)
    latency = broadcaster.latency()
    assert latency.p50_ms == pytest.approx(10, abs=0.1)
    assert latency.p95_ms == pytest.approx(100, abs=0.1)
    assert latency.recent_ms == pytest.approx(100, abs=0.1)


def test_age_counts_from_publishing():
    now_s = [5.0]
    broadcaster = FrameBroadcaster(Told(), clock=lambda: now_s[0])
    assert broadcaster.age_s is None
    broadcaster.publish(make_result(1))
    now_s[0] = 7.5
    assert broadcaster.age_s == 2.5


def test_closing_wakes_who_waits():
    broadcaster = FrameBroadcaster(Told())
    waiting = threading.Thread(target=broadcaster.wait_for_newer, args=(None, 30))
    waiting.start()
    broadcaster.close()
    waiting.join(2)
    assert not waiting.is_alive()
