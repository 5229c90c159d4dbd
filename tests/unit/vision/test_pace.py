import pytest

from app.vision.pace import IDLE_S, LINGER_S, Pace


def analysed(pace, from_s, seconds, wanted, fps=30):
    """Times of the pictures that are analysed."""
    times_s = [from_s + index / fps for index in range(round(seconds * fps))]
    return [time_s for time_s in times_s if pace.is_due(time_s, wanted)]


def test_every_picture_is_analysed_while_somebody_wants_to_know():
    assert len(analysed(Pace(), 0.0, 2, wanted=True)) == 60


@pytest.mark.parametrize("fps", [1, 7, 30, 60])
def test_two_a_second_at_most_while_nobody_does(fps):
    times_s = analysed(Pace(), 0.0, 10, wanted=False, fps=fps)
    assert times_s[0] == 0
    assert 10 * min(fps, 2) - 2 <= len(times_s) <= 10 * min(fps, 1 / IDLE_S)


def test_whoever_comes_waits_for_no_picture_longer_than_the_source_takes():
    pace = Pace()
    analysed(pace, 0.0, 5, wanted=False)
    assert pace.is_due(5.0, wanted=False)
    assert not pace.is_due(5.03, wanted=False)
    assert pace.is_due(5.07, wanted=True)


def test_when_all_have_gone_it_goes_on_for_a_while():
    pace = Pace()
    analysed(pace, 0.0, 1, wanted=True)
    times_s = analysed(pace, 1.0, 10, wanted=False)
    assert len([time_s for time_s in times_s if time_s < 1 + LINGER_S - 0.1]) == round(30 * (LINGER_S - 0.1))
    assert len([time_s for time_s in times_s if time_s > 1 + LINGER_S]) == pytest.approx(2 * (10 - LINGER_S), abs=1)


def test_a_new_source_begins_at_once():
    pace = Pace()
    analysed(pace, 50.0, 1, wanted=True)
    pace.forget()
    assert pace.is_due(0.0, wanted=False)
    assert not pace.is_due(0.03, wanted=False)
