import pytest

from app.domain import Attributes, Box, Face, Track
from app.vision.smooth import EMOTION_S, FORGET_S, Smoother

FACE = Face(Box(0, 0, 10, 10), 0.9)


def readings(smoother, values, step_s=1 / 30, start_s=0.0, id=1):
    """Feed probabilities of `happy` one after another; the smoothed ones come back."""
    out = []
    for number, p in enumerate(values):
        read = Attributes({"happy": p, "sad": 1 - p}, 100 * p, p)
        (track,) = smoother.update([Track(id, FACE)], [read], start_s + number * step_s)
        out.append(track.attributes)
    return out


def test_the_first_reading_counts_as_it_is():
    assert readings(Smoother(), [0.8])[0] == Attributes({"happy": 0.8, "sad": pytest.approx(0.2)}, 80.0, 0.8)


def test_one_odd_frame_does_not_flip_the_label():
    for attributes in readings(Smoother(), [0.9] * 10 + [0.0] + [0.9] * 10):
        assert attributes.emotion["happy"] > 0.5


def test_probabilities_still_sum_to_one():
    for attributes in readings(Smoother(), [0.9, 0.2, 0.4, 0.7]):
        assert sum(attributes.emotion.values()) == pytest.approx(1)


def test_a_lasting_change_shows_within_a_second():
    assert readings(Smoother(), [0.9] + [0.1] * 30)[-1].emotion["happy"] < 0.2


@pytest.mark.parametrize("step_s", [1 / 60, 1 / 10])
def test_the_pace_follows_time_and_not_the_number_of_frames(step_s):
    steps = round(EMOTION_S / step_s)
    last = readings(Smoother(), [1.0] + [0.0] * steps, step_s)[-1]
    assert last.emotion["happy"] == pytest.approx(0.37, abs=0.02)


def test_age_and_sex_are_steadier_than_emotion():
    last = readings(Smoother(), [0.9] * 60 + [0.1] * 15)[-1]
    assert last.age_years > 60
    assert last.p_female > 0.6
    assert last.emotion["happy"] < 0.5


def test_a_bad_first_age_is_soon_outvoted():
    assert readings(Smoother(), [0.1] + [0.6] * 30)[-1].age_years > 55


def test_tracks_do_not_mix():
    smoother = Smoother()
    readings(smoother, [0.9] * 5, id=1)
    assert readings(smoother, [0.1], id=2, start_s=0.2)[0].emotion["happy"] == 0.1


def test_a_track_long_gone_is_forgotten():
    smoother = Smoother()
    readings(smoother, [0.9])
    assert readings(smoother, [0.1], start_s=FORGET_S + 1)[0].emotion["happy"] == 0.1


def test_missing_attributes_stay_missing():
    (track,) = Smoother().update([Track(1, FACE)], [Attributes()], 0.0)
    assert track.attributes == Attributes()
