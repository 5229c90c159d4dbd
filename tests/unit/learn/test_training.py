"""Chapter 6: the tiny network learns, overfits, and goes on from its state."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from app.errors import InvalidRequest
from app.learn.base.landmark_features import FEATURES, landmark_features
from app.learn.base.tiny_network import TinyNetwork, cross_entropy
from app.learn.base.tools import Tools
from app.learn.lessons.training import FILE, LESSON, MAX_HIDDEN, MAX_STATE_CHARACTERS, load_samples
from app.learn.registry import run_lesson

GRAY = np.full((60, 80, 3), 120, np.uint8)


def test_the_table_has_numbers_of_faces_and_nothing_else():
    with FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["part", "label", *FEATURES]
    counts = {(part, label): 0 for part in ("train", "valid") for label in ("happy", "sad")}
    for row in rows:
        counts[row["part"], row["label"]] += 1
    assert counts == {("train", "happy"): 300, ("train", "sad"): 300, ("valid", "happy"): 200, ("valid", "sad"): 200}
    assert len({tuple(row[name] for name in FEATURES) for row in rows}) > 990, "faces occur twice"


def test_features_do_not_change_with_place_size_and_rotation(tools: Tools, astronaut: np.ndarray):
    points = tools.faces(astronaut)[0].points
    assert points is not None
    angle = 0.4
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(landmark_features(points), landmark_features(2.5 * points @ rotation.T + 30), atol=1e-5)
    named = dict(zip(FEATURES, landmark_features(points), strict=True))
    assert named["corner_lift"] > 0, "she smiles: the corners lie above the lips"
    assert named["left_brow_inner"] < 0 < named["nose_height"] < named["mouth_height"]


def test_the_gradient_is_that_of_the_loss():
    random = np.random.default_rng(3)
    features, targets = random.normal(size=(9, 4)), random.integers(0, 2, 9).astype(float)
    network = TinyNetwork.untrained(4, 3)
    gradient = network._gradient(features, targets)
    for index in range(network.parameters):
        losses = []
        for step in (1e-5, -1e-5):
            moved = TinyNetwork.untrained(4, 3)
            moved.weights = network.weights.copy()
            moved.weights[index] += step
            losses.append(cross_entropy(moved.logits(features), targets))
        assert gradient[index] == pytest.approx((losses[0] - losses[1]) / 2e-5, abs=1e-6)


def test_it_learns_from_many_faces_and_overfits_on_few(tools: Tools):
    many = run_lesson(LESSON, GRAY, {"samples": 600, "epochs": 60}, tools).result["curve"]
    assert many[0]["valid_accuracy"] < 0.6 < 0.8 < many[-1]["valid_accuracy"]
    few = run_lesson(LESSON, GRAY, {"samples": 40, "epochs": 600, "hidden": 64}, tools).result["curve"]
    best = min(point["valid_loss"] for point in few)
    assert few[-1]["train_loss"] < 0.01
    assert few[-1]["train_accuracy"] == 1
    assert few[-1]["valid_loss"] > 1.5 * best


def test_it_goes_on_from_its_state(tools: Tools):
    at_once = run_lesson(LESSON, GRAY, {"epochs": 30}, tools).result
    first = run_lesson(LESSON, GRAY, {"epochs": 10}, tools).result
    second = run_lesson(LESSON, GRAY, {"epochs": 20, "state": first["state"]}, tools).result
    assert (first["epoch"], second["epoch"]) == (10, 30)
    assert second["curve"][-1]["valid_loss"] == pytest.approx(at_once["curve"][-1]["valid_loss"], abs=0.002)


@pytest.mark.parametrize("state", ["no base64!", "AAAA", "AACAfw==", TinyNetwork.untrained(12, 3).to_text()])
def test_a_foreign_state_is_refused(tools: Tools, state: str):
    with pytest.raises(InvalidRequest, match="state is not of this network"):
        run_lesson(LESSON, GRAY, {"state": state}, tools)


def test_the_largest_state_fits():
    assert len(TinyNetwork.untrained(len(FEATURES), MAX_HIDDEN).to_text()) <= MAX_STATE_CHARACTERS


def test_the_trained_network_reads_the_face_of_the_picture(tools: Tools, astronaut: np.ndarray):
    assert run_lesson(LESSON, astronaut, {"samples": 600, "epochs": 100}, tools).result["own"] > 0.8
    assert run_lesson(LESSON, GRAY, {}, tools).result["own"] is None


def test_half_of_the_samples_is_happy():
    train, valid, _, _ = load_samples(50)
    assert (len(train.targets), train.targets.sum(), len(valid.targets)) == (50, 25, 400)
    np.testing.assert_allclose(train.features.mean(0), 0, atol=1e-6)
