"""Chapters 4, 5, 7 and 8: what the served networks make of a face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.attributes.face_geometry import POINT_NAMES
from app.learn.base.face import largest_face
from app.learn.base.lesson import NoFace
from app.learn.base.tools import Tools
from app.learn.lessons import augmentation, bias, confidence, convolution
from app.learn.registry import run_lesson
from app.settings import Settings
from app.vision.inference.face_crop import crop_face
from app.vision.inference.face_pose import FacePose
from app.vision.inference.patch_variation import affine_matrix, warp_patch

UNCHANGED = {"turned": 0, "light": 1.0, "cut": 0.0, "masked": False, "hair_hidden": False}
STILL = {"rotation": 0, "zoom": 0, "shift": 0, "flip": False, "contrast": 0, "brightness": 0, "erasing": 0}


@pytest.mark.parametrize("lesson", [convolution.LESSON, augmentation.LESSON, confidence.LESSON, bias.LESSON])
def test_a_picture_without_a_face_is_told(tools: Tools, lesson):
    with pytest.raises(NoFace, match="turn to the camera"):
        run_lesson(lesson, np.full((60, 80, 3), 128, np.uint8), {}, tools)


def test_the_layers_give_what_the_served_network_reads(tools: Tools, astronaut: np.ndarray):
    predictor = tools.predictor_of("emotion")
    patch = crop_face(astronaut, FacePose.from_face(largest_face(astronaut, tools)), predictor.card.patch)
    reader = tools.layer_reader("emotion")
    # The other one computes with 8-bit numbers, whose rounding differs a little.
    np.testing.assert_allclose(reader.read(patch), predictor.predict_patches(patch[None])[0], atol=0.15)
    assert len(reader.convolutions) == convolution.MAX_LAYERS
    assert max(layer.shape[-1] for layer in reader.convolutions) == convolution.MAX_CHANNELS
    first = reader.convolutions[0]
    kernels, biases = reader.kernels(first)
    scaled = np.pad(patch[..., 0] / 64 - 2, 1)[10:13, 20:23]
    expected = np.maximum(0, (kernels[:, ..., 0] * scaled).sum((1, 2)) + biases)
    np.testing.assert_allclose(reader.output(first)[10, 20], expected, atol=1e-4)


@pytest.mark.parametrize(("layer", "shape"), [(1, (48, 48, 32)), (2, (24, 24, 64)), (14, (6, 6, 192))])
def test_each_layer_has_its_maps(tools: Tools, astronaut: np.ndarray, layer: int, shape: tuple[int, ...]):
    answer = run_lesson(convolution.LESSON, astronaut, {"layer": layer, "channel": 192}, tools)
    assert answer.result["shape"] == shape
    assert answer.result["channel"] == shape[-1]
    assert answer.result["layers"][answer.result["place"]]["shape"] == shape
    assert answer.result["parameters"] == sum(one["parameters"] for one in answer.result["layers"])
    worked = answer.result["sum"]
    assert (worked is None) == (layer > 1)
    if worked:
        assert worked["output"] == pytest.approx(max(0.0, worked["value"]), abs=0.02)


def test_tiles_stand_in_rows():
    sheet = convolution.tile(np.ones((9, 20, 20)))
    assert sheet.shape == (41, 167)
    assert convolution.tile(np.zeros((1, 6, 6))).max() == 0
    assert convolution.tile(-np.ones((1, 3, 3)), centered=True).max() == 0


def test_without_ranges_nothing_varies(tools: Tools, astronaut: np.ndarray):
    answer = run_lesson(augmentation.LESSON, astronaut, STILL, tools)
    for number in range(1, augmentation.VARIATIONS + 1):
        np.testing.assert_array_equal(answer.images[f"variation_{number}"], answer.images["original"])
    assert answer.result["same"] == augmentation.VARIATIONS
    assert answer.result["label"] == "happy"


def test_variations_repeat_with_their_seed(tools: Tools, astronaut: np.ndarray):
    strong = {"rotation": 45, "zoom": 0.4, "brightness": 0.5, "contrast": 0.8, "erasing": 1.0}
    once, again, other = (
        run_lesson(augmentation.LESSON, astronaut, {**strong, "seed": seed}, tools) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(once.images["variation_3"], again.images["variation_3"])
    assert not np.array_equal(once.images["variation_3"], other.images["variation_3"])
    assert (
        min(once.result["probabilities"])
        < run_lesson(augmentation.LESSON, astronaut, STILL, tools).result["probability"]
    )


def test_a_mirrored_patch_is_mirrored():
    patch = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    np.testing.assert_array_equal(
        warp_patch(patch, affine_matrix(8, 0.0, 1.0, 0.0, np.zeros(2), mirrors=True)), patch[:, ::-1]
    )


def test_a_temperature_changes_the_shares_and_not_their_order(tools: Tools, astronaut: np.ndarray):
    served, even, decided = (
        run_lesson(confidence.LESSON, astronaut, {"temperature": temperature}, tools).result
        for temperature in (0.7, 4.0, 0.2)
    )
    orders = [sorted(one["labels"], key=one["probabilities"].__getitem__) for one in (served, even)]
    assert orders[0] == orders[1]
    assert even["unsure"]
    assert even["confidence"] < even["threshold"] < served["confidence"] < decided["confidence"]
    assert sum(even["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert served["served"]["happy"] == pytest.approx(served["probabilities"]["happy"], abs=0.02)


def test_the_reliability_is_that_of_the_card(tools: Tools, astronaut: np.ndarray):
    sets = run_lesson(confidence.LESSON, astronaut, {}, tools).result["reliability"]
    assert "expressions.tar test" in [one["set"] for one in sets]
    for one in sets:
        # Bins of a few faces are left out of the card.
        assert 0.99 * one["n"] <= sum(each["n"] for each in one["bins"]) <= one["n"]
        assert one["command"].startswith("python -m training evaluate emotion")
    assert confidence.reliability({"figures": {"another": {"n": 1}}}) == []


def test_an_unchanged_face_has_the_same_answers(tools: Tools, astronaut: np.ndarray):
    answer = run_lesson(bias.LESSON, astronaut, {}, tools)
    assert answer.result["before"] == answer.result["after"]
    np.testing.assert_array_equal(answer.images["before"], answer.images["after"])
    assert {"emotion", "age", "sex"} <= answer.result["before"].keys()
    assert "race" not in answer.result["before"]
    assert not any(one["measure"].startswith("race") for one in answer.result["conditions"])
    assert {one["attribute"] for one in answer.result["groups"]} == {"age", "sex"}


def test_race_is_shown_where_the_operator_has_enabled_it(astronaut: np.ndarray):
    models = Path(__file__).resolve().parents[3] / "models"
    result = run_lesson(bias.LESSON, astronaut, {}, Tools(Settings(models=str(models), race=True))).result
    assert "race" in result["before"]
    assert "race_accuracy" in [one["measure"] for one in result["conditions"]]


def test_a_mask_covers_mouth_and_nose_and_is_read(tools: Tools, astronaut: np.ndarray):
    face = largest_face(astronaut, tools)
    changed = bias.change(astronaut, face, {**UNCHANGED, "masked": True})
    assert face.points is not None
    for name, is_covered in (("mouth_center_top_lip", True), ("nose_tip", True), ("left_eye_center", False)):
        x, y = np.rint(face.points[POINT_NAMES.index(name)]).astype(int)
        assert (changed[y, x] != astronaut[y, x]).any() == is_covered, name
    result = run_lesson(bias.LESSON, astronaut, {"masked": True}, tools).result
    assert (result["before"]["mask"]["label"], result["after"]["mask"]["label"]) == ("none", "mask")


def test_light_turning_cutting_and_hidden_hair_change_what_they_should(tools: Tools, astronaut: np.ndarray):
    face = largest_face(astronaut, tools)
    dark = bias.change(astronaut, face, {**UNCHANGED, "light": 0.5})
    np.testing.assert_allclose(dark, astronaut / 2, atol=1)
    hidden = bias.change(astronaut, face, {**UNCHANGED, "hair_hidden": True})
    assert (hidden[0, 0] == bias.GROUND_LEVEL).all()
    x, y = np.rint(face.box.center).astype(int)
    np.testing.assert_array_equal(hidden[y, x], astronaut[y, x])
    cut = bias.change(astronaut, face, {**UNCHANGED, "cut": 0.5})
    assert (cut[y, : x - 10] == bias.GROUND_LEVEL).all()
    np.testing.assert_array_equal(cut[:, x + 10 :], astronaut[:, x + 10 :])
    turned = bias.change(astronaut, face, {**UNCHANGED, "turned": 40})
    roll = FacePose.from_face(largest_face(turned, tools)).roll_rad - FacePose.from_face(face).roll_rad
    assert np.rad2deg(roll) == pytest.approx(40, abs=6)
