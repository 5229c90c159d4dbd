"""The real vision process works on what is watched, and on little else."""

import os
import signal

import pytest

from app.settings import Settings
from tests.support.vision import Watched, seconds_until

SOON_S = 3.0  # a computer that is not busy takes a tenth of a second


@pytest.fixture
def one(tmp_path):
    one = Watched(Settings(source="demo", models=str(tmp_path), detector="haar"))
    yield one
    one.link.close()


def full(result):
    return not result.skipped_while_idle


def rests(one):
    """A picture half a second of the source's time after the one before, with nobody watching."""
    before = one.frame(lambda result: result.skipped_while_idle)
    resting = one.frame(lambda result: result.skipped_while_idle)
    assert resting.time_s - before.time_s >= 0.49
    return resting


@pytest.mark.parametrize("wake", [("numbers", {"wanted": True}), ("views", {"views": ["boxes"]})])
def test_it_rests_while_nobody_watches_and_is_back_at_once(one, wake):
    one.link.send("numbers", {"wanted": False})
    assert rests(one).jpegs == {}
    one.link.send(*wake)
    back_s = seconds_until(lambda: one.frame(full))
    print(f"measured: at the full rate after {back_s:.2f} s")
    assert back_s < SOON_S
    assert list(one.frame(full).jpegs) == wake[1].get("views", []), "nothing is drawn for who wants numbers alone"


def test_a_new_process_knows_whether_anybody_watches(one):
    one.link.send("numbers", {"wanted": False})
    pid = one.vision("running")["pid"]
    one.frame()
    os.kill(pid, signal.SIGKILL)
    one.vision("running")
    rests(one)


def test_without_pacing_it_never_idles(tmp_path):
    one = Watched(Settings(source="demo", models=str(tmp_path), detector="haar", disable_pacing=True))
    one.link.send("numbers", {"wanted": False})
    assert [one.frame().index for _ in range(40)] == list(range(40))
    one.link.close()
