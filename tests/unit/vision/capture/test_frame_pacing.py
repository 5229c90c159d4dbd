import pytest

from app.vision.capture.frame_pacing import IDLE_INTERVAL_S, LINGER_S, IdleThrottle, PlaybackClock
from tests.support.fakes import FakeClock


def taken(throttle, from_s, seconds, watched, fps=30):
    """Times of the pictures that are taken."""
    times_s = [from_s + index / fps for index in range(round(seconds * fps))]
    return [time_s for time_s in times_s if throttle.is_due(time_s, watched)]


def test_every_picture_is_taken_while_somebody_watches():
    assert len(taken(IdleThrottle(), 0.0, 2, watched=True)) == 60


@pytest.mark.parametrize("fps", [1, 7, 30, 60])
def test_two_a_second_at_most_while_nobody_does(fps):
    times_s = taken(IdleThrottle(), 0.0, 10, watched=False, fps=fps)
    assert times_s[0] == 0
    assert 10 * min(fps, 2) - 2 <= len(times_s) <= 10 * min(fps, 1 / IDLE_INTERVAL_S)


def test_whoever_comes_waits_for_no_picture_longer_than_the_source_takes():
    throttle = IdleThrottle()
    taken(throttle, 0.0, 5, watched=False)
    assert throttle.is_due(5.0, has_viewers=False)
    assert not throttle.is_due(5.03, has_viewers=False)
    assert throttle.is_due(5.07, has_viewers=True)


def test_when_all_have_gone_it_goes_on_for_a_while():
    throttle = IdleThrottle()
    taken(throttle, 0.0, 1, watched=True)
    times_s = taken(throttle, 1.0, 10, watched=False)
    assert len([time_s for time_s in times_s if time_s < 1 + LINGER_S - 0.1]) == round(30 * (LINGER_S - 0.1))
    assert len([time_s for time_s in times_s if time_s > 1 + LINGER_S]) == pytest.approx(2 * (10 - LINGER_S), abs=1)


def test_the_first_picture_is_always_taken():
    throttle = IdleThrottle()
    assert throttle.is_due(0.0, has_viewers=False)
    assert not throttle.is_due(0.03, has_viewers=False)


def played(times_s, max_wait_s):
    """The waits until these frames are due, if nothing else takes time."""
    clock, waits_s = FakeClock(), []
    playback = PlaybackClock(clock, max_wait_s)
    for time_s in times_s:
        waits_s.append(playback.wait_s(time_s))
        clock.now_s += waits_s[-1]
    return waits_s


def test_a_file_is_played_at_its_own_rate():
    assert played([7.0, 7.5, 9.0], 2.0) == pytest.approx([0.0, 0.5, 1.5])


def test_a_longer_pause_is_shortened_and_what_follows_keeps_its_rate():
    assert played([0.0, 3600.0, 3600.5], 2.0) == pytest.approx([0.0, 2.0, 0.5])
