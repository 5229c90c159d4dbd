import time

import numpy as np
import pytest

from app.settings import Settings
from app.vision.capture.demo import STILL_AT_S, DemoScene, DemoSource
from app.vision.detection.face_detector import build_detector
from tests.support.fakes import FakeClock


def frames_of(source_text, count=3, **options):
    source = DemoSource(Settings(source=source_text, **options), FakeClock())
    return [source.read() for _ in range(count)]


def test_the_scene_is_the_same_for_the_same_index():
    for first, second in zip(frames_of("demo"), frames_of("demo"), strict=True):
        assert np.array_equal(first.image, second.image)
        assert first.time_s == second.time_s


def test_the_scene_moves():
    first, *_, last = frames_of("demo", 10)
    assert not np.array_equal(first.image, last.image)


def test_the_still_scene_does_not_move_and_cannot_be_drawn_upon():
    first, second = frames_of("demo:still", 2)
    first.image[:] = 0
    assert second.image.any()
    assert second.time_s > first.time_s
    third, fourth = frames_of("demo:still", 2)
    assert np.array_equal(third.image, fourth.image)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 720), (320, 240), (241, 333)])
def test_the_size_can_be_chosen(width, height):
    assert frames_of("demo", 1, width=width, height=height)[0].image.shape == (height, width, 3)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 720)])
def test_yunet_finds_one_to_three_faces_of_different_sizes(width, height, yunet_file):
    scene = DemoScene(width, height)
    detector = build_detector(Settings(detector=str(yunet_file)))
    counts = [len(detector.detect(scene.render(at_s))) for at_s in (2, STILL_AT_S, 26, 33)]
    assert counts == [2, 3, 2, 1]
    heights = [face.box.height for face in detector.detect(scene.render(STILL_AT_S))]
    assert max(heights) > 1.4 * min(heights)


def test_haar_finds_a_large_face():
    detector = build_detector(Settings(detector="haar"))
    assert len(detector.detect(DemoScene(640, 480).render(2))) >= 1


def test_a_frame_costs_little():
    scene = DemoScene(640, 480)
    took_s = []
    for index in range(20):
        started = time.thread_time()
        scene.render(index / 2)
        took_s.append(time.thread_time() - started)
    assert min(took_s) < 0.01
