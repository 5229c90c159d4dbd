import numpy as np
import pytest

from app.domain import Box
from app.vision.tracking.kalman import VELOCITY_DECAY_S, BoxKalmanFilter, occlusion_offset
from app.vision.tracking.one_euro import OneEuroFilter


def box_at(x, side=50.0):
    return Box(x, 10, x + side, 10 + side)


def moving(fps, speed=100.0, seconds=1.0):
    """A motion that has seen a box go to the right."""
    motion = BoxKalmanFilter(box_at(0), 0.0)
    for index in range(1, round(seconds * fps) + 1):
        motion.correct(box_at(speed * index / fps), index / fps)
    return motion


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_motion_goes_on_for_a_while_and_then_fades(fps):
    motion = moving(fps)
    assert motion.predict(1.0).x1 == pytest.approx(100, abs=2)
    assert motion.predict(1.2).x1 == pytest.approx(120, abs=4)
    assert motion.predict(60.0).x1 == pytest.approx(100 + 100 * VELOCITY_DECAY_S, rel=0.1)


def test_one_odd_box_hardly_counts_against_many():
    motion = moving(30, speed=0)
    motion.correct(box_at(20), 1.033)
    assert motion.predict(1.033).x1 < 14


def test_a_face_that_something_covers_bit_by_bit_is_expected_behind_it():
    """Its box shrinks towards the side that is left, while the face goes on."""
    motion = moving(30)
    for index in range(31, 37):
        left, right = 100 * index / 30, min(100 * index / 30 + 50, 150 - 2 * (index - 30))
        motion.correct(Box(left, 10, right, 60), index / 30)
    assert (right - left) < 20
    assert motion.predict(1.2).width > 25
    assert motion.predict(1.5).center[0] > 140, "it goes on behind what covers it"


def test_a_face_that_goes_away_is_followed():
    motion = BoxKalmanFilter(box_at(0, 100), 0.0)
    for index in range(1, 31):
        motion.correct(box_at(0, 100 - 2 * index), index / 30)
    assert motion.predict(1.0).width == pytest.approx(40, abs=6)


def test_a_detector_that_wavers_between_two_sizes_does_not_make_a_box_grow():
    """As ours does: with the hair and without it."""
    motion = BoxKalmanFilter(Box(0, 30, 88, 142), 0.0)
    for index in range(1, 60):
        with_hair = index < 30 and index % 7 < 3
        motion.correct(Box(-7, 0, 95, 155) if with_hair else Box(0, 30, 88, 142), index / 15)
        assert motion.predict(index / 15).height < 150
    assert motion.predict(4.0).height == pytest.approx(112, abs=6)


@pytest.mark.parametrize(
    ("found", "speed", "shift"),
    [
        (Box(0, 0, 100, 100), 1.0, 0),
        (Box(30, 0, 70, 100), 1.0, 23),
        (Box(30, 0, 70, 100), -1.0, -23),
        (Box(0, 0, 40, 100), 0.0, 30),
        (Box(60, 0, 100, 100), 0.0, -30),
        (Box(30, 0, 70, 100), 0.0, 0),
        (Box(-20, 0, 120, 100), 1.0, 0),
    ],
    ids=["whole", "rear by its speed", "rear to the left", "left part", "right part", "either part", "larger"],
)
def test_the_edge_of_a_part_of_a_face_that_is_its_own_tells_where_the_whole_face_is(found, speed, shift):
    off = occlusion_offset(Box(0, 0, 100, 100), found, (speed, 0.0))
    assert off == pytest.approx([shift, 0], abs=8)


def test_what_is_expected_has_a_size():
    motion = BoxKalmanFilter(box_at(0, 50), 0.0)
    for index in range(1, 10):
        motion.correct(box_at(0, 50 - 5 * index), index / 30)
    assert motion.predict(3.0).width >= 1


def test_the_same_time_twice_does_no_harm():
    motion = BoxKalmanFilter(box_at(0), 1.0)
    motion.correct(box_at(1), 1.0)
    assert np.isfinite(motion.predict(1.0).x1)


def filtered(values, fps, **settings):
    one = OneEuroFilter(**(settings or {"min_cutoff_hz": 1.5, "slope": 8.0}))
    return [one.update(np.array([value]), index / fps)[0] for index, value in enumerate(values)]


def test_the_first_value_counts_as_it_is():
    assert filtered([7.0], 30) == [7.0]


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_the_pace_of_the_filter_follows_time(fps):
    """A low-pass of 1 Hz has come 63 % of the way after 1 / 2 pi seconds, and nearly all of it after one."""
    step = filtered([0.0] + [1.0] * fps, fps, min_cutoff_hz=1.0, slope=0.0)
    assert step[-1] > 0.99
    assert np.interp(1 / (2 * np.pi), np.arange(len(step)) / fps, step) == pytest.approx(0.6, abs=0.1)


def test_noise_at_rest_is_calmed_and_motion_is_followed():
    noise = np.random.default_rng(1).normal(0, 0.02, 300)
    assert np.std(filtered(noise, 30)[30:]) < 0.5 * np.std(noise)
    ramp = np.arange(90) / 30
    assert filtered(ramp, 30)[-1] == pytest.approx(ramp[-1], abs=0.05)


def test_a_time_that_does_not_pass_changes_nothing():
    one = OneEuroFilter(1.0, 0.0)
    one.update(np.array([1.0]), 5.0)
    assert one.update(np.array([9.0]), 5.0)[0] == 1.0
