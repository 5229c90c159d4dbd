import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.domain import Box, Face, Track
from app.vision.attributes.attribute_inference import AttributePrediction
from app.vision.attributes.attribute_smoother import FORGET_AFTER_S, AttributeSmoother

FACE = Face(Box(0, 0, 10, 10), 0.9)


def new_smoother():
    return AttributeSmoother(AttributeSet())


def update(smoother, estimates, now_s, weight=1.0, id=1):
    """What is reported after one prediction."""
    (track,) = smoother.update([Track(id, FACE)], [AttributePrediction(estimates, weight)], (640, 480), now_s)
    return track.estimates


def two(first, second, p):
    return ClassEstimate({first: p, second: 1 - p})


def readings(smoother, values, step_s=1 / 30, start_s=0.0, id=1, weights=None):
    """Feed probabilities of `happy` one after another; what is reported after each comes back."""
    out = []
    for number, p in enumerate(values):
        age = NumberEstimate(100 * p, (90 * p, 110 * p))
        estimates = {"emotion": two("happy", "sad", p), "age": age, "sex": two("female", "male", p)}
        weight = weights[number] if weights else 1.0
        out.append(update(smoother, estimates, start_s + number * step_s, weight, id))
    return out


def test_the_first_reading_counts_as_it_is():
    (known,) = readings(new_smoother(), [0.8])
    assert known["emotion"].probabilities == pytest.approx({"happy": 0.8, "sad": 0.2})
    assert (known["age"].value, known["sex"].probabilities["female"]) == pytest.approx((80, 0.8))
    assert known["age"].interval == pytest.approx((72, 88))
    assert (known["emotion"].label, known["emotion"].second, known["sex"].label) == ("happy", None, "female")


def test_emotion_changes_soon_and_age_and_sex_hardly():
    known = readings(new_smoother(), [0.9] * 60 + [0.1] * 15)[-1]
    assert known["emotion"].label == "sad"
    assert known["age"].value > 80
    assert known["sex"].probabilities["female"] > 0.7


def test_good_pictures_count_for_more():
    known = readings(new_smoother(), [0.9, 0.1, 0.1], weights=[1.0, 0.2, 0.2])[-1]
    assert known["age"].value > 50
    assert known["sex"].label == "female"


def happy(known):
    return known["emotion"].probabilities["happy"]


def test_tracks_do_not_mix():
    smoother = new_smoother()
    readings(smoother, [0.9] * 5, id=1)
    assert happy(readings(smoother, [0.1], id=2, start_s=0.2)[0]) == pytest.approx(0.1)


def test_a_track_long_gone_is_forgotten():
    smoother = new_smoother()
    readings(smoother, [0.9])
    assert happy(readings(smoother, [0.1], start_s=FORGET_AFTER_S + 1)[0]) == pytest.approx(0.1)


def test_what_no_model_predicts_is_absent():
    assert update(new_smoother(), {}, 0.0) == {}


def test_values_stay_between_predictions():
    smoother = new_smoother()
    (before,) = readings(smoother, [0.9])
    assert update(smoother, {}, 0.5) == before


def test_race_is_the_mean_of_all_readings_and_hidden_by_a_mask():
    smoother = new_smoother()
    for number, p in enumerate((0.9, 0.9, 0.1)):
        race = update(smoother, {"race": two("asian", "other", p)}, number / 2)["race"]
    assert race.probabilities == pytest.approx({"asian": 19 / 30, "other": 11 / 30})
    assert race.label == "asian"
    worn = update(smoother, {"mask": two("none", "mask", 0.02)}, 1.5)
    assert worn["race"] == ClassEstimate(label="unsure")


def masked_readings(smoother, years, p_mask, seconds, start_s=0.0):
    """Read age and mask twice a second; what is reported at the end."""
    for number in range(2 * seconds):
        mask = two("none", "mask", 1 - p_mask)
        estimates = {"age": NumberEstimate(years), "sex": two("female", "male", 0.9), "mask": mask}
        known = update(smoother, estimates, start_s + number / 2)
    return known


def test_masks_are_settled_over_time():
    smoother = new_smoother()
    assert masked_readings(smoother, 30, 0.02, 3)["mask"].label == "none"
    assert masked_readings(smoother, 30, 0.98, 1, start_s=3)["mask"].label == "mask"


def test_what_is_read_through_a_mask_hardly_counts():
    smoother = new_smoother()
    masked_readings(smoother, 70, 0.98, 5)
    known = masked_readings(smoother, 30, 0.02, 4, start_s=5)
    assert known["mask"].label == "none"
    assert known["age"].value == pytest.approx(30, abs=2)
