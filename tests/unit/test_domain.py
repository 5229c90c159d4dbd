"""Boxes, views and the face's JSON."""

from dataclasses import replace

import numpy as np
import pytest

from app.domain import SHOWABLE, UNSURE, Attributes, Box, Face, Frame, Track, ViewOptions
from app.errors import UnknownView


def test_overlap_of_half_covered_boxes_is_a_third():
    assert Box(0, 0, 10, 10).iou(Box(5, 0, 15, 10)) == pytest.approx(1 / 3)


def test_overlap_of_apart_or_touching_boxes_is_zero():
    assert Box(0, 0, 10, 10).iou(Box(10, 0, 20, 10)) == 0
    assert Box(0, 0, 10, 10).iou(Box(50, 50, 60, 60)) == 0


def test_scaled_box_keeps_its_place_in_the_scaled_picture():
    assert Box(1, 2, 3, 4).scale_by(2) == Box(2, 4, 6, 8)


def test_a_picture_holds_what_has_its_middle_in_it():
    frame = Frame(np.zeros((40, 60, 3), np.uint8), 0, 0.0, 0.0)
    assert frame.contains_center_of(Box(50, 30, 68, 48))
    assert not frame.contains_center_of(Box(50, 30, 72, 48))
    assert not frame.contains_center_of(Box(-12, 0, 10, 20))


@pytest.mark.parametrize("text", ["boxes,emotion", "emotion,boxes", " emotion , boxes,", "boxes,emotion,boxes"])
def test_equal_views_have_one_key(text):
    assert ViewOptions.parse(text).key == "boxes,emotion"


def test_empty_show_is_the_plain_picture_and_absent_the_default():
    assert ViewOptions.parse("").show == frozenset()
    assert ViewOptions.parse(None) == ViewOptions()


def test_key_reads_back_as_the_same_view():
    every = ViewOptions.parse(",".join(SHOWABLE))
    assert ViewOptions.parse(every.key) == every


def test_unknown_word_is_named_with_what_is_known():
    with pytest.raises(UnknownView, match=r"'hats'.*boxes, landmarks, ids"):
        ViewOptions.parse("boxes,hats")


def test_face_json_has_only_what_models_said():
    face = Face(Box(1, 2, 3, 4), 0.5)
    assert Track(7, face).to_dict() == {"id": 7, "box": [1, 2, 3, 4], "score": 0.5}
    spoken = Track(7, face, Attributes({"happy": 0.75, "sad": 0.25}, 30.06, 0.3, (21.04, 40))).to_dict()
    assert spoken["emotion"] == {"label": "happy", "second": None, "probabilities": {"happy": 0.75, "sad": 0.25}}
    assert spoken["age"] == {"years": 30.1, "interval": [21.0, 40]}
    assert spoken["sex"] == {"label": "male", "p_female": 0.3}


def test_what_is_hardly_likelier_than_the_rest_is_unsure():
    unsure = Attributes({"happy": 0.39, "sad": 0.35, "fear": 0.26}, p_female=0.6)
    assert (unsure.emotion_label, unsure.sex_label) == (UNSURE, UNSURE)
    assert Attributes({"happy": 0.41, "sad": 0.35, "fear": 0.24}, p_female=0.34).to_dict() == {
        "emotion": {"label": "happy", "second": None, "probabilities": {"happy": 0.41, "sad": 0.35, "fear": 0.24}},
        "sex": {"label": "male", "p_female": 0.34},
    }


def test_what_was_settled_over_time_is_what_is_said():
    settled = Attributes({"happy": 0.5, "sad": 0.5}, p_female=0.9, stable_emotion="sad", stable_sex=UNSURE)
    assert (settled.emotion_label, settled.sex_label) == ("sad", UNSURE)
    assert settled.to_dict()["emotion"]["label"] == "sad"


def test_a_mask_is_said_with_its_probabilities():
    assert Attributes(mask={"none": 0.9, "mask": 0.04, "wrong": 0.06}).to_dict() == {
        "mask": {"label": "none", "probabilities": {"none": 0.9, "mask": 0.04, "wrong": 0.06}}
    }
    assert Attributes(mask={"none": 0.55, "mask": 0.45}).mask_label == UNSURE
    assert Attributes(mask={"none": 0.55, "mask": 0.45}, stable_mask="none").mask_label == "none"


def test_race_is_said_with_its_probabilities_and_unsure_where_none_is_likely():
    assert Attributes(race={"asian": 0.7, "other": 0.3}).to_dict() == {
        "race": {"label": "asian", "probabilities": {"asian": 0.7, "other": 0.3}}
    }
    assert Attributes(race={"asian": 0.4, "white": 0.35, "other": 0.25}).race_label == UNSURE
    assert Attributes(race={"asian": 0.4, "other": 0.6}, stable_race="asian").race_label == "asian"


READ = Attributes({"happy": 0.9, "sad": 0.1}, 30.0, 0.9, (21.0, 40.0), "happy", "sad", "female")


def test_behind_a_mask_emotion_age_and_race_are_not_told():
    worn = replace(READ, mask={"none": 0.1, "mask": 0.9}, race={"asian": 0.9, "other": 0.1}).to_dict()
    assert worn["race"] == {"label": UNSURE, "probabilities": None}
    assert worn["emotion"] == {"label": UNSURE, "second": None, "probabilities": None}
    assert worn["age"] == {"years": None, "interval": None}
    assert worn["sex"] == READ.to_dict()["sex"]


@pytest.mark.parametrize("label", ["none", "wrong", UNSURE])
def test_only_a_mask_worn_as_it_should_be_hides_them(label):
    told = replace(READ, mask={"none": 0.1, "mask": 0.9}, stable_mask=label).to_dict()
    assert {key: told[key] for key in READ.to_dict()} == READ.to_dict()


@pytest.mark.parametrize(("years", "label"), [(3.9, UNSURE), (4.0, "female"), (None, "female")])
def test_the_sex_of_small_children_is_not_told(years, label):
    assert replace(READ, age_years=years).sex_label == label
    assert Attributes(age_years=years, p_female=0.9).sex_label == label
    assert Attributes(age_years=years).sex_label is None
