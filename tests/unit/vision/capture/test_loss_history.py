import pytest

from app.vision.capture.loss_history import (
    FIRST_UNSTABLE_RETRY_S,
    LOSS_WINDOW_S,
    MAX_UNSTABLE_RETRY_S,
    RETRY_S,
    STEADY_S,
    LossHistory,
)
from tests.support.fakes import FakeClock


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def losses(clock):
    return LossHistory(clock)


def lose(losses, clock, times, every_s):
    for _ in range(times):
        losses.add_frame()
        clock.now_s += every_s
        losses.add_loss()


def test_the_third_loss_within_a_minute_makes_a_camera_unstable(losses, clock):
    lose(losses, clock, 2, 5.0)
    assert (losses.is_unstable, losses.retry_s) == (False, RETRY_S)
    lose(losses, clock, 1, 5.0)
    assert (losses.is_unstable, losses.retry_s) == (True, FIRST_UNSTABLE_RETRY_S)


def test_losses_further_apart_do_not(losses, clock):
    lose(losses, clock, 10, LOSS_WINDOW_S / 2 + 1)
    assert not losses.is_unstable


def test_a_loss_counts_once_until_the_next_frame(losses, clock):
    losses.add_frame()
    for _ in range(5):
        losses.add_loss()
    assert not losses.is_unstable


def test_a_camera_that_has_sent_nothing_is_not_lost(losses):
    for _ in range(5):
        losses.add_loss()
    assert not losses.is_unstable


def test_attempts_become_rarer_up_to_a_limit(losses, clock):
    lose(losses, clock, 3, 1.0)
    waits_s = []
    for _ in range(6):
        waits_s.append(losses.retry_s)
        lose(losses, clock, 1, 1.0)
    assert waits_s[:3] == [FIRST_UNSTABLE_RETRY_S, 2 * FIRST_UNSTABLE_RETRY_S, 4 * FIRST_UNSTABLE_RETRY_S]
    assert waits_s[-1] == MAX_UNSTABLE_RETRY_S


def test_it_is_stable_again_once_it_was_steady(losses, clock):
    lose(losses, clock, 4, 1.0)
    losses.add_frame()
    clock.now_s += STEADY_S - 0.1
    losses.add_frame()
    assert losses.is_unstable
    clock.now_s += 0.2
    losses.add_frame()
    assert (losses.is_unstable, losses.retry_s) == (False, RETRY_S)
    lose(losses, clock, 2, 1.0)
    assert not losses.is_unstable, "earlier losses are forgotten"
