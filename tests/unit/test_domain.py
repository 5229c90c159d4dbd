"""Boxes, views and the face's JSON."""

import numpy as np
import pytest

from app.domain import SHOWABLE, UNSURE, Attributes, Box, Face, Frame, Track, ViewOptions
from app.errors import UnknownView


def test_overlap_of_half_covered_boxes_is_a_third():
    assert Box(0, 0, 10, 10).overlap(Box(5, 0, 15, 10)) == pytest.approx(1 / 3)


def test_overlap_of_apart_or_touching_boxes_is_zero():
    assert Box(0, 0, 10, 10).overlap(Box(10, 0, 20, 10)) == 0
    assert Box(0, 0, 10, 10).overlap(Box(50, 50, 60, 60)) == 0


def test_scaled_box_keeps_its_place_in_the_scaled_picture():
    assert Box(1, 2, 3, 4).scaled(2) == Box(2, 4, 6, 8)


def test_a_picture_holds_what_has_its_middle_in_it():
    frame = Frame(np.zeros((40, 60, 3), np.uint8), 0, 0.0, 0.0)
    assert frame.holds(Box(50, 30, 68, 48))
    assert not frame.holds(Box(50, 30, 72, 48))
    assert not frame.holds(Box(-12, 0, 10, 20))


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
    settled = Attributes({"happy": 0.5, "sad": 0.5}, p_female=0.9, decided_emotion="sad", decided_sex=UNSURE)
    assert (settled.emotion_label, settled.sex_label) == ("sad", UNSURE)
    assert settled.to_dict()["emotion"]["label"] == "sad"
