from collections import Counter

import numpy as np
import pytest

from app.domain import Box, Face, Track
from app.vision.attributes.crop_quality import MIN_QUALITY, crop_quality, frontality
from app.vision.attributes.inference_scheduler import (
    BACKOFF_MAX_INTERVAL_S,
    BACKOFF_MAX_PER_FRAME,
    FIXED_RATE_MAX_PER_FRAME,
    STATE_MAX_INTERVAL_S,
    BackoffScheduler,
    FixedRateScheduler,
)

FACE = Face(Box(0, 0, 60, 80), 0.9)


def tracks_of(*ids):
    return [Track(id, FACE) for id in ids]


def readings(schedule, count, fps, seconds, good=lambda track, now_s: 1.0):
    """How often each of so many faces is read, and the most that are read in one picture after the first."""
    times, most, tracks = Counter(), 0, tracks_of(*range(count))
    for index in range(round(seconds * fps)):
        now_s = index / fps
        due = schedule.select(tracks, now_s, lambda track, now_s=now_s: good(track, now_s))
        times.update(tracks[index].id for index in due)
        most = max(most, len(due)) if index else 0
    return times, most


@pytest.mark.parametrize("fps", [10, 24, 30, 60])
def test_emotion_is_read_ten_to_fifteen_times_a_second(fps):
    times, _ = readings(FixedRateScheduler(), 1, fps, 4)
    assert 4 * 10 <= times[0] <= 4 * 15


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_with_many_faces_the_rates_fall_and_nobody_is_left_out(fps):
    frequent = FixedRateScheduler(), FIXED_RATE_MAX_PER_FRAME, 36 * 4
    rare = BackoffScheduler(), BACKOFF_MAX_PER_FRAME, 12 * 10
    for schedule, most_at_once, most in (frequent, rare):
        times, at_once = readings(schedule, 12, fps, 4)
        assert at_once <= most_at_once
        assert sum(times.values()) <= most + 12
        assert min(times.values()) >= max(times.values()) - 2


@pytest.mark.parametrize(("schedule", "seconds"), [(FixedRateScheduler(), 4), (BackoffScheduler(), 40)])
def test_with_longer_waits_everybody_is_read_less_often(schedule, seconds):
    usual, _ = readings(schedule, 2, 30, seconds)
    schedule.reset()
    schedule.interval_factor = 3.0
    rarely, _ = readings(schedule, 2, 30, seconds)
    assert rarely[0] == rarely[1] <= 0.6 * usual[0]


@pytest.mark.parametrize("schedule", [FixedRateScheduler(), BackoffScheduler()])
def test_whoever_is_new_is_read_at_once(schedule):
    assert list(schedule.select(tracks_of(*range(9)), 0.0, lambda track: 0.5)) == list(range(9))
    assert list(schedule.select(tracks_of(3, 20), 0.01, lambda track: 0.5)) == [1]


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_age_is_read_a_few_times_soon_and_then_slowly(fps):
    schedule = BackoffScheduler()
    soon, _ = readings(schedule, 1, fps, 2)
    assert 4 <= soon[0] <= 6
    assert readings(BackoffScheduler(), 1, fps, 30)[0][0] <= soon[0] + 28 / BACKOFF_MAX_INTERVAL_S + 4


def test_a_good_picture_is_waited_for_but_not_for_ever():
    """For the first second a face looks at us, then it turns away, and back in the tenth."""

    def good(track, now_s):
        return 1.0 if now_s < 1 or now_s > 10 else 0.3

    schedule, at_s = BackoffScheduler(), []
    for index in range(30 * 12):
        if schedule.select(tracks_of(1), index / 30, lambda track, now_s=index / 30: good(track, now_s)):
            at_s.append(index / 30)
    away = [time_s for time_s in at_s if 1 < time_s < 10]
    assert 1 <= len(away) <= 4
    assert any(10 < time_s < 10.2 for time_s in at_s)


def test_a_schedule_forgets_who_is_long_gone():
    schedule = FixedRateScheduler()
    schedule.select(tracks_of(1), 0.0, lambda track: 1.0)
    schedule.select([], 100.0, lambda track: 1.0)
    assert list(schedule.select(tracks_of(1), 100.01, lambda track: 1.0)) == [0]


def points(nose_x):
    return np.array([[20, 30], [40, 30], [nose_x, 40], [22, 50], [38, 50]], np.float32)


def test_a_face_is_frontal_where_its_nose_is_in_the_middle():
    assert frontality(points(30)) == 1
    assert frontality(points(35)) == pytest.approx(0.5)
    assert frontality(points(45)) == 0
    assert frontality(None) == 1
    assert frontality(np.zeros((5, 2), np.float32)) == 0


def test_a_large_sharp_frontal_face_is_the_best_picture(astronaut):
    import cv2

    box = Box(178, 63, 268, 176)
    best = crop_quality(astronaut, Face(box, 0.9))
    blurred = crop_quality(cv2.GaussianBlur(astronaut, (0, 0), 5), Face(box, 0.9))
    small = crop_quality(
        cv2.resize(astronaut, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA), Face(box.scale_by(0.3), 0.9)
    )
    turned = crop_quality(astronaut, Face(box, 0.9, points(44)))
    assert 0.5 < best <= 1
    assert max(blurred, small, turned) < 0.6 * best
    assert min(blurred, small, turned) >= MIN_QUALITY


def test_masks_are_read_about_twice_a_second():
    times, _ = readings(BackoffScheduler(STATE_MAX_INTERVAL_S), 1, 30, 10)
    assert 19 <= times[0] <= 23
