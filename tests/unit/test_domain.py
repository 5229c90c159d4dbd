"""Boxes and views."""

import numpy as np
import pytest

from app.domain import Box, Face, Frame, PictureSize, ViewOptions
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


SHOWABLE, DEFAULT = ("boxes", "landmarks", "ids", "emotion", "age", "blur"), ("boxes", "emotion")


def view(text):
    return ViewOptions.parse(text, SHOWABLE, DEFAULT)


@pytest.mark.parametrize("text", ["boxes,emotion", "emotion,boxes", " emotion , boxes,", "boxes,emotion,boxes"])
def test_equal_views_have_one_key(text):
    assert view(text).key == "boxes,emotion"


def test_empty_show_is_the_plain_picture_and_absent_the_default():
    assert view("").show == ()
    assert view(None).show == DEFAULT


@pytest.mark.parametrize("text", [",".join(SHOWABLE), "age", ""])
def test_a_key_gives_the_same_view_again(text):
    assert ViewOptions.from_key(view(text).key) == view(text)


@pytest.mark.parametrize("size", PictureSize)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_each_size_and_language_is_a_view_of_its_own(size, language):
    options = ViewOptions.parse("age", SHOWABLE, DEFAULT, size=size, language=language, languages=("en", "ko"))
    assert (options.size, options.language) == (size, language)
    assert ViewOptions.from_key(options.key) == options
    assert (options.key == "age") == (size == "medium" and language == "en")


def test_the_other_sizes_of_a_view_begin_with_the_default():
    large = ViewOptions(("age",), PictureSize.LARGE, "ko")
    assert [other.key for other in large.other_sizes()] == ["age;medium;ko", "age;small;ko"]


@pytest.mark.parametrize("values", [{"size": "huge"}, {"language": "xx"}, {"size": ""}])
def test_an_unknown_size_or_language_is_named(values):
    with pytest.raises(UnknownView, match="unknown (size|language)"):
        ViewOptions.parse("age", SHOWABLE, DEFAULT, **values)


def test_a_scaled_face_has_scaled_points():
    face = Face(Box(1, 2, 3, 4), 0.9, np.ones((5, 2), np.float32)).scale_by(2)
    assert face.box == Box(2, 4, 6, 8)
    assert face.points is not None
    assert face.points.dtype == np.float32
    assert (face.points == 2).all()


def test_an_unknown_word_is_named_with_what_is_known():
    with pytest.raises(UnknownView, match=r"'hats'.*boxes, landmarks, ids"):
        view("boxes,hats")
