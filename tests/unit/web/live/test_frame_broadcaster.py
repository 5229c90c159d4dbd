"""The broadcaster: newest result, viewers, views in use and latency."""

import threading
import time

import pytest

from app.web.live.frame_broadcaster import FrameBroadcaster
from tests.support.fakes import make_result


class ReportedViews:
    """Records every reported set of views."""

    def __init__(self) -> None:
        self.views: list[list[str]] = []

    def __call__(self, keys: object) -> None:
        self.views.append(list(keys))  # type: ignore[call-overload]


def test_views_are_reported_only_when_the_set_changes():
    reported = ReportedViews()
    broadcaster = FrameBroadcaster(reported)
    first, second, other = broadcaster.subscribe("boxes"), broadcaster.subscribe("boxes"), broadcaster.subscribe("age")
    first.close()
    first.close()
    second.close()
    other.close()
    assert reported.views == [["boxes"], ["age", "boxes"], ["age"], []]
    assert broadcaster.viewers == 0


def test_a_view_that_gives_way_is_reported_and_closing_its_viewer_has_no_effect():
    reported = ReportedViews()
    broadcaster = FrameBroadcaster(reported, max_views=3)
    broadcaster.subscribe("a", "greedy")
    second = broadcaster.subscribe("b", "greedy")
    broadcaster.subscribe("c", "other")
    assert second.has_given_way
    assert reported.views[-1] == ["a", "c"]
    second.close()
    assert broadcaster.viewers == 2
    assert reported.views[-1] == ["a", "c"]


def test_all_waiting_viewers_get_the_same_new_result():
    broadcaster = FrameBroadcaster(ReportedViews())
    got: list[object] = []
    waiting = [threading.Thread(target=lambda: got.append(broadcaster.wait_for_newer(None, 5))) for _ in range(10)]
    for thread in waiting:
        thread.start()
    result = make_result(1)
    broadcaster.publish(result)
    for thread in waiting:
        thread.join()
    assert got == [result] * 10


def test_waiting_ends_at_the_timeout():
    broadcaster = FrameBroadcaster(ReportedViews())
    started_s = time.monotonic()
    assert broadcaster.wait_for_newer(None, 0.02) is None
    assert time.monotonic() - started_s < 2


def test_latency_has_percentiles_and_a_recent_median():
    now_s = [1000.0]
    broadcaster = FrameBroadcaster(ReportedViews(), clock=lambda: now_s[0])
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


def test_age_is_measured_from_publishing():
    now_s = [5.0]
    broadcaster = FrameBroadcaster(ReportedViews(), clock=lambda: now_s[0])
    assert broadcaster.age_s is None
    broadcaster.publish(make_result(1))
    now_s[0] = 7.5
    assert broadcaster.age_s == 2.5


def test_closing_wakes_waiting_viewers():
    broadcaster = FrameBroadcaster(ReportedViews())
    waiting = threading.Thread(target=broadcaster.wait_for_newer, args=(None, 30))
    waiting.start()
    broadcaster.close()
    waiting.join(2)
    assert not waiting.is_alive()
