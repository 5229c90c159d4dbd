"""Texts of labels in each form."""

import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.attributes.localization import localize_attributes
from app.domain import Box, Face, Track, ViewOptions
from app.translations.dictionary import load_dictionary
from app.vision.drawing.label_layout import Form
from app.vision.drawing.label_text import label_texts

ATTRIBUTES = AttributeSet()
ESTIMATES = {
    "emotion": ClassEstimate({"happy": 0.85, "neutral": 0.15}, "happy"),
    "age": NumberEstimate(34.2),
    "sex": ClassEstimate({"male": 0.1, "female": 0.9}, "female"),
    "mask": ClassEstimate({"none": 0.9, "mask": 0.1}, "none"),
    "facing": ClassEstimate(label="facing"),
}


def texts(show, language="en"):
    track = Track(7, Face(Box(0, 0, 9, 9), 0.9), ESTIMATES)
    view = ViewOptions(tuple(show.split(",")))
    return dict(label_texts(track, view, localize_attributes(ATTRIBUTES, load_dictionary(language))))


@pytest.mark.parametrize(
    ("show", "full", "short"),
    [
        ("emotion,age,sex", ("Happy 85%", "34 years, female"), ("Happy",)),
        ("ids,emotion", ("#7  Happy 85%",), ("#7  Happy",)),
        ("age,sex", ("34 years, female",), ("34 years",)),
        ("ids,age", ("#7", "34 years"), ("#7  34 years",)),
    ],
)
def test_a_label_is_shortened_to_its_first_statement(show, full, short):
    assert texts(show) == {Form.FULL: full, Form.SHORT: short, Form.DOT: ("7",)}


def test_a_label_that_cannot_be_shortened_has_no_short_form():
    assert texts("sex") == {Form.FULL: ("female",), Form.DOT: ("7",)}


def test_nothing_to_say_is_no_label():
    assert texts("boxes") == {}


def test_long_lines_are_broken():
    lines = texts("emotion,age,sex,mask,facing")[Form.FULL]
    assert lines == ("Happy 85%", "34 years, female, no mask", "faces the camera")


def test_korean_labels():
    assert texts("emotion,age,sex", "ko") == {
        Form.FULL: ("행복 85%", "34세, 여성"),
        Form.SHORT: ("행복",),
        Form.DOT: ("7",),
    }
