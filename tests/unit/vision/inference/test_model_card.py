import hashlib
import json

import numpy as np
import pytest

from app.attributes.output_head import Head
from app.errors import ModelError
from app.vision.inference.model_card import read_card, read_verified_model

GOOD = {
    "name": "mix",
    "title": "Mix",
    "patch": {"size": 8, "colour": "gray", "margin": 1.1},
    "heads": [
        {"attribute": "emotion", "kind": "classes", "labels": ["sad", "happy"], "temperature": 2.0},
        {"attribute": "age", "kind": "bins", "labels": ["0", "50", "100"]},
        {"attribute": "sex", "kind": "classes", "labels": ["male", "female"]},
    ],
    "files": {"model.tflite": hashlib.sha256(b"model").hexdigest()},
}


def write(folder, **changes):
    (folder / "card.json").write_text(json.dumps({**GOOD, **changes}))
    return folder


def test_a_card_says_what_each_output_means(tmp_path):
    card = read_card(write(tmp_path))
    assert card.outputs == 7
    assert card.patch.shape == (8, 8, 1)
    assert card.class_labels == ["sad", "happy", "male", "female"]
    estimates = card.estimates(np.array([0, 2, -50, 0, 0, 0, 1], np.float32))
    assert estimates["emotion"].probabilities == pytest.approx({"sad": 0.2689, "happy": 0.7311}, abs=1e-3)
    assert estimates["age"].value == pytest.approx(75)
    assert 0 <= estimates["age"].interval[0] < 75 < estimates["age"].interval[1] <= 100
    assert estimates["sex"].probabilities["female"] == pytest.approx(0.7311, abs=1e-3)


def test_female_is_found_by_its_label_and_not_by_its_place(tmp_path):
    heads = [{"attribute": "sex", "kind": "classes", "labels": ["female", "male"]}]
    card = read_card(write(tmp_path, heads=heads))
    assert card.estimates(np.array([9, 0], np.float32))["sex"].probabilities["female"] > 0.99


RACE = {"attribute": "race", "kind": "classes", "labels": ["white", "black", "asian", "indian", "other"]}


def test_race_is_read_by_label_beside_age_and_sex(tmp_path):
    card = read_card(write(tmp_path, heads=[*GOOD["heads"][1:], RACE]))
    estimates = card.estimates(np.array([-50, 0, 0, 0, 1, 0, 0, 9, 0, 0], np.float32))
    race = estimates["race"].probabilities
    assert (list(race), max(race, key=race.get)) == (RACE["labels"], "asian")
    assert estimates["age"].value == pytest.approx(75)


def test_what_is_withheld_is_not_told_and_the_rest_stays_in_its_columns(tmp_path):
    card = read_card(write(tmp_path, heads=[RACE, *GOOD["heads"][1:]])).serving(["age", "sex"])
    assert card.outputs == 10
    assert [head.attribute for head in card.served_heads] == ["age", "sex"]
    assert card.class_labels == ["male", "female"]
    estimates = card.estimates(np.array([0, 0, 9, 0, 0, -50, 0, 0, 0, 1], np.float32))
    assert set(estimates) == {"age", "sex"}
    assert estimates["age"].value == pytest.approx(75)
    assert estimates["sex"].probabilities["female"] == pytest.approx(0.7311, abs=1e-3)


def test_large_logits_do_not_overflow():
    head = Head("emotion", "classes", ("a", "b"))
    assert head.probabilities(np.array([2000, -2000], np.float32)).tolist() == [1.0, 0.0]


def test_four_of_five_ages_lie_in_the_interval():
    """Of ages that are normal around 50 with a standard deviation of 10: 12.8 to both sides."""
    ages = np.arange(101)
    head = Head("age", "bins", tuple(map(str, ages)))
    low, high = head.interval(-((ages - 50.0) ** 2) / 200, 0.8)
    assert (low, high) == pytest.approx((50 - 12.8, 50 + 12.8), abs=0.2)


def test_intervals_are_stretched_by_age(tmp_path):
    """At 50 twice as wide, no farther than the last bin."""
    ages = np.arange(101)
    head = {"attribute": "age", "kind": "bins", "labels": [str(age) for age in ages], "stretch": [[40, 1], [60, 3]]}
    (read,) = read_card(write(tmp_path, heads=[head])).heads
    logits = -((ages - 50.0) ** 2) / 200
    assert read.interval(logits, 0.8) == pytest.approx((50 - 25.6, 50 + 25.6), abs=0.4)
    assert read.interval(-((ages - 95.0) ** 2) / 200, 0.8)[1] == 100
    np.testing.assert_allclose(
        read.expected_with_intervals(logits[None], 0.8), [[50, *read.interval(logits, 0.8)]], atol=0.1
    )


def test_each_kind_of_output_has_its_own_columns(tmp_path):
    heads = [
        {"attribute": "glasses", "kind": "binary", "labels": ["no glasses", "glasses"], "temperature": 2},
        {"attribute": "smile", "kind": "number"},
        {"attribute": "gaze", "kind": "vector", "labels": ["x", "y"]},
    ]
    card = read_card(write(tmp_path, heads=heads))
    assert card.outputs == 4
    estimates = card.estimates(np.array([2, 0.5, -1, 3], np.float32))
    assert estimates["glasses"].probabilities == pytest.approx({"no glasses": 0.2689, "glasses": 0.7311}, abs=1e-3)
    assert (estimates["smile"].value, estimates["gaze"].values) == (0.5, {"x": -1, "y": 3})


def test_a_card_without_heads_is_of_another_kind(tmp_path):
    (tmp_path / "card.json").write_text('{"name": "detector"}')
    assert read_card(tmp_path) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"heads": []},
        {"heads": [{"attribute": "age", "kind": "bins", "labels": ["0", "1"], "stretch": []}]},
        {"heads": [{"attribute": "emotion", "kind": "classes", "labels": ["happy"]}]},
        {"heads": [{"attribute": "emotion", "kind": "classes", "labels": ["happy", "happy"]}]},
        {"heads": [{"attribute": "emotion", "kind": "guess", "labels": ["happy", "sad"]}]},
        {"heads": [{"attribute": "emotion", "kind": "classes", "labels": ["a", "b"], "temperature": 0}]},
        {"heads": [{"attribute": "age", "kind": "bins", "labels": ["young", "old"]}]},
        {"heads": [{"attribute": "emotion"}]},
        {"heads": "emotion"},
        {"patch": {"size": 8, "colour": "blue", "margin": 1.1}},
        {"patch": {"colour": "gray", "margin": 1.1}},
        {"files": None},
    ],
)
def test_a_card_that_describes_no_model_is_refused_in_one_line(tmp_path, changes):
    with pytest.raises(ModelError, match=r"card\.json does not describe a model .*; export") as caught:
        read_card(write(tmp_path, **changes))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "[]", "7"])
def test_a_damaged_card_is_refused(tmp_path, content):
    (tmp_path / "card.json").write_text(content)
    with pytest.raises(ModelError, match=r"card\.json"):
        read_card(tmp_path)


def test_a_missing_card_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"card\.json does not exist; export"):
        read_card(tmp_path)


def test_the_file_that_the_card_was_written_for_is_taken(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"model")
    assert read_verified_model(read_card(write(tmp_path))) == b"model"


def test_an_altered_model_is_refused(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"Model")
    with pytest.raises(ModelError, match=r"the hash differs\); export"):
        read_verified_model(read_card(write(tmp_path)))


def test_a_missing_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"model\.tflite does not exist; export"):
        read_verified_model(read_card(write(tmp_path)))
