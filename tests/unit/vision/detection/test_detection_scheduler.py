import numpy as np
import pytest

from app.vision.detection.detection_scheduler import MOVING_INTERVAL_S, STILL_INTERVAL_S, DetectionScheduler


def picture(level=100, spot=None, noise=0.0, seed=1):
    image = np.full((120, 160, 3), level, float)
    if spot is not None:
        image[30:60, spot : spot + 30] = 220
    return np.clip(image + np.random.default_rng(seed).normal(0, noise, image.shape), 0, 255).astype(np.uint8)


def looks(pictures, fps, urgent=False, max_untracked_speed=None):
    lookout = DetectionScheduler()
    return [lookout.is_due(image, index / fps, urgent, max_untracked_speed) for index, image in enumerate(pictures)]


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_at_rest_it_looks_now_and_then_whatever_the_noise(fps):
    due = looks([picture(noise=8, seed=seed % 7) for seed in range(2 * fps)], fps)
    assert sum(due) == pytest.approx(2 / STILL_INTERVAL_S, abs=1.5)


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_where_something_moves_it_looks_more_often(fps):
    due = looks([picture(spot=round(30 * index / fps)) for index in range(2 * fps)], fps)
    assert sum(due) == pytest.approx(2 / MOVING_INTERVAL_S, abs=2)


def test_where_a_face_moves_fast_that_only_motion_follows_it_looks_the_more_often():
    pictures = [picture(spot=6 * index % 120) for index in range(120)]
    counts = [sum(looks(pictures, 60, max_untracked_speed=max_untracked_speed)) for max_untracked_speed in (0, 1, 5)]
    assert counts == [pytest.approx(20, abs=2), pytest.approx(40, abs=3), pytest.approx(120, abs=3)]


def test_another_scene_is_looked_at_at_once():
    assert looks([picture(), picture(), picture(level=160), picture(level=160)], 30) == [True, False, True, False]


def test_in_doubt_it_looks_at_every_picture():
    assert all(looks([picture()] * 5, 30, urgent=True))


def test_a_new_source_is_looked_at_at_once():
    lookout = DetectionScheduler()
    assert lookout.is_due(picture(), 9.0, False)
    lookout.reset()
    assert lookout.is_due(picture(), 0.0, False)


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 900, 3), (1080, 1920, 3)])
def test_any_size_of_picture_will_do(shape):
    assert looks([np.zeros(shape, np.uint8)] * 2, 30) == [True, False]
