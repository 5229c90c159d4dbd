"""Attributes that a model folder brings, and the lines that name what its card lacks or contradicts."""

import json

import pytest

from app.attributes.attribute import Dynamics, Kind
from app.attributes.attribute_set import card_attributes, load_attributes
from app.attributes.estimate import ClassEstimate, NumberEstimate, VectorEstimate
from app.errors import ModelError

GLASSES = {
    "attribute": "glasses",
    "kind": "binary",
    "labels": ["none", "glasses"],
    "texts": {"none": "no glasses", "glasses": "glasses"},
    "min_probability": 0.7,
}


def add_model(models, name, *heads):
    folder = models / name
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps({"name": name, "heads": heads}))
    return folder


def read(tmp_path, head):
    (attribute,) = card_attributes(add_model(tmp_path, "some", head))
    return attribute


def test_a_binary_attribute_has_its_texts_threshold_and_columns(tmp_path):
    glasses = read(tmp_path, GLASSES)
    assert (glasses.kind, glasses.title, glasses.positive) == (Kind.BINARY, "Glasses", "glasses")
    sure, unsure = ClassEstimate({"none": 0.2, "glasses": 0.8}), ClassEstimate({"none": 0.4, "glasses": 0.6})
    assert [glasses.chip_text(glasses.resolve(one, {})) for one in (sure, unsure)] == ["glasses", "glasses unsure"]
    assert glasses.to_json(glasses.resolve(sure, {})) == {"label": "glasses", "p_glasses": 0.8}
    assert [column.name for column in glasses.columns] == ["glasses"]


def test_sessions_keep_the_probability_of_a_constant_binary_attribute(tmp_path):
    glasses = read(tmp_path, GLASSES | {"dynamics": "constant"})
    assert [column.name for column in glasses.columns] == ["p_glasses"]


def test_classes_without_texts_are_shown_with_the_name(tmp_path):
    head = {"attribute": "hair_colour", "kind": "classes", "labels": ["dark", "fair", "grey"], "dynamics": "constant"}
    hair = read(tmp_path, head)
    assert (hair.title, hair.dynamics) == ("Hair colour", Dynamics.CONSTANT)
    estimate = hair.resolve(ClassEstimate({"dark": 0.1, "fair": 0.8, "grey": 0.1}), {})
    assert hair.chip_text(estimate) == "hair colour fair"
    assert hair.csv_values(hair.to_json(estimate)) == {
        "hair_colour": "fair", "p_hair_colour_dark": 0.1, "p_hair_colour_fair": 0.8, "p_hair_colour_grey": 0.1,
    }  # fmt: skip


def test_numbers_have_a_unit_and_a_range(tmp_path):
    smile = read(tmp_path, {"attribute": "smile", "kind": "number", "unit": "percent", "range": [0, 100]})
    assert smile.to_json(NumberEstimate(41.26)) == {"percent": 41.26, "interval": None}
    assert smile.rounded(NumberEstimate(41.26)) == NumberEstimate(41.3)
    assert (smile.chip_text(NumberEstimate(41.3)), smile.chip_text(NumberEstimate())) == (
        "smile 41 percent",
        "smile unsure",
    )
    assert [column.name for column in smile.columns] == ["smile_percent", "smile_low", "smile_high"]
    assert read(tmp_path / "bins", {"attribute": "bmi", "kind": "bins", "labels": ["15", "40"]}).range == (15, 40)


def test_vectors_have_a_column_for_each_component(tmp_path):
    gaze = read(tmp_path, {"attribute": "gaze", "kind": "vector", "labels": ["x", "y"], "range": [-1, 1]})
    assert gaze.to_json(VectorEstimate({"x": 0.5, "y": -1})) == {"x": 0.5, "y": -1}
    assert [column.name for column in gaze.columns] == ["gaze_x", "gaze_y"]
    assert gaze.to_json(gaze.hidden(VectorEstimate({"x": 0.5, "y": -1}))) == {"x": None, "y": None}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"attribute": "Glasses"}, r"heads\[0\].attribute 'Glasses' cannot be used as a name"),
        ({"attribute": "blur"}, r"heads\[0\].attribute 'blur' cannot be used as a name"),
        ({"attribute": None}, r"heads\[0\].attribute is missing or not a text"),
        ({"kind": "yesno"}, r"heads\[0\].kind 'yesno' is not one of classes, bins, binary, number, vector"),
        ({"labels": ["a", "b", "c"], "texts": {}}, r"heads\[0\].labels has 3 labels, but kind binary needs two"),
        ({"labels": ["glasses"]}, r"heads\[0\].labels has fewer than two labels"),
        ({"labels": [1, 2]}, r"heads\[0\].labels is not a list of texts"),
        ({"texts": {"sunglasses": "dark"}}, r"heads\[0\].texts names 'sunglasses', which is not one of its labels"),
        ({"texts": ["no", "yes"]}, r"heads\[0\].texts is not an object"),
        ({"title": 7}, r"heads\[0\].title 7 is not a text"),
        ({"min_probability": 70}, r"heads\[0\].min_probability 70 is not a number from 0 to 1"),
        ({"dynamics": "slow"}, r"heads\[0\].dynamics 'slow' is not one of expression, state, constant"),
        ({"shown_by_default": "yes"}, r"heads\[0\].shown_by_default 'yes' is not true or false"),
        ({"temperature": 0}, r"heads\[0\].temperature 0 is not above 0"),
        ({"kind": "number", "unit": "per cent"}, r"heads\[0\].texts names|heads\[0\].unit 'per cent' is not one word"),
        ({"kind": "number", "texts": {}, "range": [5, 1]}, r"heads\[0\].range \[5, 1\] does not ascend"),
        ({"kind": "number", "texts": {}, "range": 5}, r"heads\[0\].range 5 is not a list of two numbers"),
        ({"kind": "vector", "labels": ["X axis", "y"], "texts": {}}, r"component 'X axis' is not one word"),
    ],
)
def test_a_card_that_contradicts_itself_gets_one_line_that_names_the_field(tmp_path, change, line):
    with pytest.raises(ModelError, match=rf"some/card\.json: .*{line}.*; correct the card") as caught:
        read(tmp_path, GLASSES | change)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ({"attribute": "sex", "kind": "classes", "labels": ["man", "woman"]}, "labels of sex has no label 'female'"),
        ({"attribute": "mask", "kind": "classes", "labels": ["no", "yes"]}, "labels of mask has no label 'mask'"),
        ({"attribute": "race", "kind": "bins", "labels": ["0", "1"]}, "kind 'bins' does not fit race"),
        ({"attribute": "age", "kind": "classes", "labels": ["0", "1"]}, "kind 'classes' does not fit age"),
    ],
)
def test_a_model_of_the_app_s_own_attribute_must_fit_it(tmp_path, head, line):
    with pytest.raises(ModelError, match=line):
        read(tmp_path, head)


def test_a_model_folder_makes_an_attribute_of_the_app(tmp_path):
    add_model(tmp_path, "glasses", GLASSES)
    add_model(tmp_path, "emotion", {"attribute": "emotion", "kind": "classes", "labels": ["happy", "sad"]})
    attributes = load_attributes(tmp_path)
    assert attributes.served >= {"emotion", "glasses"}
    assert "age" not in attributes.served
    assert attributes.showable[-2:] == ("glasses", "blur")
    assert attributes["emotion"].labels == ("happy", "sad")
    assert {one["name"]: one["served"] for one in attributes.describe()}["glasses"]


def test_what_the_operator_must_enable_is_served_only_then(tmp_path):
    add_model(tmp_path, "glasses", GLASSES | {"needs_operator": True})
    assert "glasses" not in load_attributes(tmp_path).served
    assert "glasses" in load_attributes(tmp_path, {"glasses"}).served


def test_two_models_of_one_attribute_are_refused(tmp_path):
    add_model(tmp_path, "one", GLASSES)
    add_model(tmp_path, "two", GLASSES)
    with pytest.raises(ModelError, match=r"one and .*two both predict 'glasses'; remove one"):
        load_attributes(tmp_path)


def test_two_attributes_in_one_column_are_refused(tmp_path):
    add_model(tmp_path, "one", {"attribute": "age_years", "kind": "number"})
    with pytest.raises(ModelError, match="'age' and 'age_years' are both stored as 'age_years'; rename"):
        load_attributes(tmp_path)
