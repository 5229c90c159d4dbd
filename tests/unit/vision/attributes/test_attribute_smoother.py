import pytest

from app.domain import Attributes, Box, Face, Track
from app.vision.attributes.attribute_inference import AttributePrediction
from app.vision.attributes.attribute_smoother import FORGET_AFTER_S, AttributeSmoother

FACE = Face(Box(0, 0, 10, 10), 0.9)


def readings(smoother, values, step_s=1 / 30, start_s=0.0, id=1, weights=None):
    """Feed probabilities of `happy` one after another; what is known after each comes back."""
    out = []
    for number, p in enumerate(values):
        read = Attributes({"happy": p, "sad": 1 - p}, 100 * p, p, (90 * p, 110 * p))
        reading = AttributePrediction(read, weights[number] if weights else 1.0)
        (track,) = smoother.update([Track(id, FACE)], [reading], start_s + number * step_s)
        out.append(track.attributes)
    return out


def test_the_first_reading_counts_as_it_is():
    (known,) = readings(AttributeSmoother(), [0.8])
    assert known.emotion == pytest.approx({"happy": 0.8, "sad": 0.2})
    assert (known.age_years, known.p_female) == pytest.approx((80, 0.8))
    assert known.age_interval == pytest.approx((72, 88))
    assert (known.emotion_label, known.second_emotion, known.sex_label) == ("happy", None, "female")


def test_emotion_changes_soon_and_age_and_sex_hardly():
    known = readings(AttributeSmoother(), [0.9] * 60 + [0.1] * 15)[-1]
    assert known.emotion_label == "sad"
    assert known.age_years > 80
    assert known.p_female > 0.7


def test_good_pictures_count_for_more():
    known = readings(AttributeSmoother(), [0.9, 0.1, 0.1], weights=[1.0, 0.2, 0.2])[-1]
    assert known.age_years > 50
    assert known.sex_label == "female"


def test_tracks_do_not_mix():
    smoother = AttributeSmoother()
    readings(smoother, [0.9] * 5, id=1)
    assert readings(smoother, [0.1], id=2, start_s=0.2)[0].emotion["happy"] == pytest.approx(0.1)


def test_a_track_long_gone_is_forgotten():
    smoother = AttributeSmoother()
    readings(smoother, [0.9])
    assert readings(smoother, [0.1], start_s=FORGET_AFTER_S + 1)[0].emotion["happy"] == pytest.approx(0.1)


def test_what_no_model_has_said_stays_unsaid():
    (track,) = AttributeSmoother().update([Track(1, FACE)], [AttributePrediction()], 0.0)
    assert track.attributes == Attributes()


def test_what_was_said_stays_while_no_model_is_asked():
    smoother = AttributeSmoother()
    (before,) = readings(smoother, [0.9])
    (track,) = smoother.update([Track(1, FACE)], [AttributePrediction()], 0.5)
    assert track.attributes == before


def test_race_is_the_mean_of_all_readings_and_not_told_behind_a_mask():
    smoother = AttributeSmoother()
    for number, p in enumerate((0.9, 0.9, 0.1)):
        read = Attributes(race={"asian": p, "other": 1 - p})
        (track,) = smoother.update([Track(1, FACE)], [AttributePrediction(read)], number / 2)
    assert track.attributes.race == pytest.approx({"asian": 19 / 30, "other": 11 / 30})
    assert track.attributes.race_label == "asian"
    worn = Attributes(mask={"none": 0.02, "mask": 0.98})
    (track,) = smoother.update([Track(1, FACE)], [AttributePrediction(worn)], 1.5)
    assert track.attributes.race_label == "unsure"


def masked_readings(smoother, years, p_mask, seconds, start_s=0.0):
    """Read age and mask twice a second; what is known at the end."""
    for number in range(2 * seconds):
        read = Attributes(age_years=years, p_female=0.9, mask={"none": 1 - p_mask, "mask": p_mask})
        (track,) = smoother.update([Track(1, FACE)], [AttributePrediction(read)], start_s + number / 2)
    return track.attributes


def test_masks_are_settled_over_time():
    smoother = AttributeSmoother()
    assert masked_readings(smoother, 30, 0.02, 3).stable_mask == "none"
    assert masked_readings(smoother, 30, 0.98, 1, start_s=3).stable_mask == "mask"


def test_what_is_read_through_a_mask_hardly_counts():
    smoother = AttributeSmoother()
    masked_readings(smoother, 70, 0.98, 5)
    known = masked_readings(smoother, 30, 0.02, 4, start_s=5)
    assert known.stable_mask == "none"
    assert known.age_years == pytest.approx(30, abs=2)
