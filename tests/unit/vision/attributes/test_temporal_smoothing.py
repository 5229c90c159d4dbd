"""What is said of a face stays put while the face does, and follows it soon when it changes."""

import numpy as np
import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import UNSURE, ClassEstimate, NumberEstimate, VectorEstimate
from app.vision.attributes.temporal_smoothing import AverageSmoother, smoother_for

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
RATES = [10, 15, 30]


def smoother_of(name):
    return smoother_for(AttributeSet()[name])


def add(smoother, probabilities, now_s=0.0, weight=1.0):
    return smoother.update(ClassEstimate(probabilities), weight, now_s)


def emotion_of(**shares):
    """Probabilities in which the labels not named share the rest."""
    rest = (1 - sum(shares.values())) / (len(LABELS) - len(shares))
    return {label: shares.get(label, rest) for label in LABELS}


def noisy(emotion, noise, rng):
    """The same with normal noise of this standard deviation on the logits."""
    powers = np.exp(np.log(list(emotion.values())) + rng.normal(0, noise, len(emotion)))
    return dict(zip(LABELS, (powers / powers.sum()).tolist(), strict=True))


def shown(parts, rate, noise=0.0, seed=1):
    """Labels by picture while one emotion after another is read, each as (seconds, emotion)."""
    one, rng, labels, index = smoother_of("emotion"), np.random.default_rng(seed), [], 0
    for seconds, emotion in parts:
        for _ in range(round(seconds * rate)):
            add(one, noisy(emotion, noise, rng), index / rate)
            labels.append(one.label)
            index += 1
    return labels


def switches(labels):
    return sum(before != after for before, after in zip(labels, labels[1:], strict=False))


def test_the_first_reading_counts_as_it_is():
    one = smoother_of("emotion")
    add(one, {"happy": 0.85, "sad": 0.15}, 5.0)
    assert one.probabilities == {"happy": pytest.approx(0.85), "sad": pytest.approx(0.15)}
    assert (one.label, one.second) == ("happy", None)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("before", "after", "label"),
    [
        (emotion_of(neutral=0.9), emotion_of(happy=0.9), "happy"),
        (emotion_of(happy=0.95), emotion_of(sad=0.8), "sad"),
        (emotion_of(happy=0.99), emotion_of(sad=0.7, neutral=0.2), "sad"),
        (emotion_of(neutral=0.6, sad=0.3), emotion_of(surprise=0.7), "surprise"),
    ],
)
def test_a_change_of_expression_shows_within_400_ms(before, after, label, rate):
    for noise in (0.0, 0.15):
        labels = shown([(3, before), (1, after)], rate, noise)
        assert labels.index(label) / rate - 3 <= 0.4


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    "emotion",
    [
        emotion_of(happy=0.9),
        emotion_of(happy=0.48, neutral=0.4),
        emotion_of(neutral=0.42, sad=0.41),
        emotion_of(neutral=0.4, sad=0.3),
        emotion_of(neutral=0.36, sad=0.34, angry=0.1),
    ],
)
def test_a_still_face_switches_at_most_once_in_30_s(emotion, rate):
    """More noise on the logits than a bad sensor makes; also where two labels, or any and none, are close."""
    for seed in range(3):
        assert switches(shown([(30, emotion)], rate, 0.15, seed)) <= 1


def test_one_odd_reading_changes_nothing():
    happy, sad = emotion_of(happy=0.8), emotion_of(sad=0.95)
    assert set(shown([(1, happy), (1 / 15, sad), (1, happy)], 15)) == {"happy"}


def test_a_face_that_clearly_changes_every_two_seconds_is_followed():
    parts = [(2, emotion_of(happy=0.85)), (2, emotion_of(neutral=0.8))] * 5
    assert switches(shown(parts, 15, 0.2)) == 9


@pytest.mark.parametrize("rate", RATES)
def test_a_clear_change_shows_within_400_ms_also_after_many(rate):
    """Each switch makes the next one harder where readings are close, not where they are clear."""
    parts = [(2, emotion_of(sad=0.7)), (2, emotion_of(neutral=0.75))] * 6
    labels = shown(parts, rate, 0.15)
    for number in range(1, len(parts)):
        label = "neutral" if number % 2 else "sad"
        assert labels.index(label, 2 * rate * number) / rate - 2 * number <= 0.3


@pytest.mark.parametrize("rate", RATES)
def test_the_pace_follows_time_and_not_the_number_of_readings(rate):
    one = smoother_of("emotion")
    for index in range(4 * rate):
        add(one, emotion_of(happy=0.5) if index < 3 * rate else emotion_of(happy=0.4), index / rate)
        if index == 3 * rate + round(0.4 * rate) - 1:
            assert one.probabilities["happy"] == pytest.approx(0.436, abs=0.005)


def test_it_is_unsure_where_nothing_is_likely():
    one = smoother_of("emotion")
    add(one, emotion_of(happy=0.35), 0.0)
    assert (one.label, one.second) == (UNSURE, None)
    for index in range(30):
        add(one, emotion_of(happy=0.7), index / 15)
    assert one.label == "happy"
    for index in range(30, 90):
        add(one, emotion_of(happy=0.2), index / 15)
    assert one.label == UNSURE


def test_a_second_emotion_is_named_while_it_is_likely():
    one, seconds = smoother_of("emotion"), []
    shares = [0.1, 0.17, 0.25, 0.17, 0.14, 0.09]
    for number, share in enumerate(shares):
        for index in range(45):
            add(one, emotion_of(happy=0.5, surprise=share), number * 3 + index / 15)
        seconds.append(one.second)
    assert seconds == [None, None, "surprise", "surprise", "surprise", None]


def test_the_age_is_the_median_of_good_readings():
    one = smoother_of("age")
    for years, weight in ((30, 1.0), (32, 1.0), (80, 0.2), (31, 1.0), (5, 0.1)):
        age = one.update(NumberEstimate(years, (years - 6, years + 8)), weight, 0.0)
    assert age.value == pytest.approx(31, abs=0.6)
    assert age.interval == (pytest.approx(25, abs=0.6), pytest.approx(39, abs=0.6))


def test_without_an_interval_of_the_model_there_is_none():
    assert smoother_of("age").update(NumberEstimate(30.0), 1.0, 0.0) == NumberEstimate(30.0)


def sex_of(p_female):
    return {"female": p_female, "male": 1 - p_female}


def test_the_sex_is_the_mean_of_all_readings_by_their_weight():
    one = smoother_of("sex")
    for p, weight in ((0.9, 3.0), (0.1, 1.0)):
        add(one, sex_of(p), weight=weight)
    assert (one.probabilities["female"], one.label) == (pytest.approx(0.7), "female")


def test_the_sex_is_unsure_near_the_middle_and_does_not_waver():
    one, labels = smoother_of("sex"), []
    rng = np.random.default_rng(1)
    for p in rng.normal(0.65, 0.05, 200).clip(0, 1):
        add(one, sex_of(p))
        labels.append(one.label)
    assert switches(labels) <= 1
    middle = smoother_of("sex")
    add(middle, sex_of(0.5))
    assert middle.label == UNSURE


def test_of_races_that_are_close_none_is_named_and_the_one_named_does_not_waver():
    one, labels = smoother_of("race"), []
    add(one, {"asian": 0.4, "white": 0.35, "other": 0.25})
    assert one.label == UNSURE
    rng = np.random.default_rng(1)
    for p in rng.normal(0.58, 0.05, 200):
        add(one, {"asian": p, "white": 1 - p, "other": 0.0})
        labels.append(one.label)
    assert labels[-1] == "asian"
    assert switches(labels) <= 1
    assert sum(one.probabilities.values()) == pytest.approx(1)


def mask_labels(*shares, every_s=0.5):
    """What is said after each probability of a mask."""
    one, labels = smoother_of("mask"), []
    for index, p in enumerate(shares):
        add(one, {"none": 1 - p, "mask": p}, index * every_s)
        labels.append(one.label)
    return labels


def test_a_mask_shows_after_its_second_reading_and_not_after_an_odd_one():
    assert mask_labels(0.02, 0.02, 0.98, 0.02, 0.02) == ["none"] * 5
    assert mask_labels(0.02, 0.02, 0.98, 0.98, 0.98)[3:] == ["mask"] * 2


def test_a_mask_is_unsure_near_the_middle_and_does_not_waver():
    assert mask_labels(0.5) == [UNSURE]
    rng = np.random.default_rng(1)
    assert switches(mask_labels(*rng.normal(0.6, 0.05, 200).clip(0, 1))) <= 1


def test_changing_numbers_and_vectors_are_averaged_over_time():
    number, vector = AverageSmoother(0.5), AverageSmoother(0.5)
    for index in range(31):
        value = 0.0 if index == 0 else 10.0
        last = number.update(NumberEstimate(value, (value - 1, value + 1)), 1.0, index / 60)
        components = vector.update(VectorEstimate({"yaw": value, "pitch": -value}), 1.0, index / 60)
    assert last.value == pytest.approx(6.32, abs=0.01), "1 - 1 / e of the change after one time constant"
    assert last.interval == (9, 11)
    assert components.values == pytest.approx({"yaw": last.value, "pitch": -last.value})
