"""Views of the wall are drawn while pages ask for them."""

from pathlib import Path

import pytest

from app.web.live.wall import ANSWER_TIMEOUT_S, LEASE_CHECK_INTERVAL_S, LEASE_S, Wall
from tests.support.fakes import FakeClock
from tests.support.web import RunningApp, running_app, wait_until


@pytest.fixture
def web(tmp_path: Path):
    with running_app(tmp_path, camera=("lobby=demo", "door=demo")) as web:
        yield web


def test_a_lease_ends_when_no_page_asks_any_more(web: RunningApp, monkeypatch: pytest.MonkeyPatch):
    clock = FakeClock(step_s=ANSWER_TIMEOUT_S)
    wall = Wall(web.services.cameras, clock)
    wall.newest(["-", "-"], "en")
    wall.newest(["-", "-"], "en")
    assert [camera.broadcaster.viewers for camera in web.services.cameras] == [1, 1]
    monkeypatch.setattr("app.web.live.wall.LEASE_CHECK_INTERVAL_S", 0.01)
    clock.step_s, clock.now_s = 0.0, clock.now_s + LEASE_S + LEASE_CHECK_INTERVAL_S
    web.socketio.start_background_task(wall.run)
    wait_until(lambda: not any(camera.broadcaster.viewers for camera in web.services.cameras))
    wall.close()


def test_a_page_that_waits_learns_at_once_of_a_camera_that_goes(web: RunningApp):
    cameras, times_s = web.services.cameras, iter([0.0] * 5)

    def now() -> float:
        """The time, which stands still; when it is asked for often enough, a camera goes."""
        if next(times_s, None) is None and len(cameras) == 2:
            cameras.remove("door").broadcaster.close()
        return 0.0

    tiles, pictures = Wall(cameras, now).newest(["-", "-"], "en")
    assert ([tile["name"] for tile in tiles], pictures) == (["lobby"], [])
    tiles, _ = Wall(cameras, now).newest(["-", "7"], "en")
    assert [tile["name"] for tile in tiles] == ["lobby"], "a page of before"
