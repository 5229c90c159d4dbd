"""The real vision process reduces its work while there is too much of it, and says so."""

import sys

import pytest

from app.settings import Settings
from tests.support.vision import Watched

# Pictures that cost nothing to look at, and so few that any computer keeps up with them.
SMALL = {"source": "demo", "width": 64, "height": 48, "fps": 5.0, "detector": "haar"}
SLOW, QUICK = "0.25", "0"


@pytest.fixture
def cost(tmp_path):
    cost = tmp_path / "cost"
    cost.write_text(SLOW)
    return cost


@pytest.fixture
def watch(tmp_path, cost):
    watched = []

    def start(**changes):
        settings = Settings(**SMALL, models=str(tmp_path)).with_options(**changes)
        watched.append(
            Watched(settings, command=(sys.executable, "-m", "tests.support.processes.slow_process", str(cost)))
        )
        return watched[-1]

    yield start
    for one in watched:
        one.link.close()


def reduced(one, wanted):
    """The next status that says that the work is reduced by so many steps."""
    message = one.until(lambda message: message.type == "status" and message.body["detail"]["reduced"] == wanted)
    return message.body


def test_too_much_work_is_reduced_and_told_and_done_again_when_there_is_time(watch, cost):
    one = watch()
    assert one.camera("live")["detail"] == {"reduced": 0, "notice": None}
    body = reduced(one, 1)
    assert "To keep the frame rate" in body["detail"]["notice"]
    assert body["camera"]["state"] == "live"
    cost.write_text(QUICK)
    assert reduced(one, 0)["detail"]["notice"] is None


def test_detail_is_not_reduced_without_pacing_or_while_idle(watch):
    unlimited = watch(disable_pacing=True)
    resting = watch()
    resting.link.send("numbers", {"wanted": False})
    for one in (unlimited, resting):
        one.camera("live")
        assert one.frame(lambda result: result.time_s > 2).index > 0
        one.link.send("pause")
        assert one.camera("paused")["detail"]["reduced"] == 0
