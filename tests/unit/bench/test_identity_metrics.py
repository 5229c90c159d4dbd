import pytest

from app.bench.identity_metrics import IdentityMetrics, measure_identities
from app.bench.scenes.synthetic_scenes import Person, Scene, piecewise_trajectory
from app.domain import Box, FaceResult
from tests.support.fakes import make_result

ANN, BEN = Box(100, 100, 180, 200), Box(400, 100, 480, 200)


def test_an_id_that_becomes_another_is_a_switch_and_coming_back_is_one_too():
    count = IdentityMetrics()
    for id in (1, 1, 2, 1):
        count.add({"Ann": ANN, "Ben": BEN}, {id: ANN, 9: BEN})
    assert count.ids == {"Ann": [1, 2, 1], "Ben": [9]}
    assert count.switches == 2
    assert count.frames_shown == {"Ann": 4, "Ben": 4}


def test_two_who_exchange_their_ids_are_two_switches():
    count = IdentityMetrics()
    count.add({"Ann": ANN, "Ben": BEN}, {1: ANN, 2: BEN})
    count.add({"Ann": ANN, "Ben": BEN}, {2: ANN, 1: BEN})
    assert count.switches == 2


def test_a_box_on_nobody_is_a_stranger_and_faces_upon_each_other_tell_nothing():
    count = IdentityMetrics()
    count.add({"Ann": ANN}, {1: BEN})
    count.add({"Ann": ANN, "Ben": Box(110, 100, 190, 200)}, {2: ANN})
    assert (count.false_boxes, count.ids) == (1, {})


def test_results_are_counted_by_the_scene_s_own_time():
    scene = Scene({"Ann": Person(piecewise_trajectory((0, 100, 100, 80), (1, 400, 100, 80)))}, 1.0)
    faces = [FaceResult(7, Box(360, 50, 440, 150), 0.9)]
    count = measure_identities(scene, [make_result(0, faces), make_result(30, faces)])
    assert count.ids == {"Ann": [7]}
    assert count.false_boxes == 1
    assert count.ious == pytest.approx([1.0])
