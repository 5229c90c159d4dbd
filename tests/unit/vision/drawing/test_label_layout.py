"""The search for places of labels: nothing is covered where that is possible, and equal input gives equal output."""

from itertools import product

import numpy as np
import pytest

from app.domain import Box
from app.vision.drawing.label_layout import (
    SLOTS,
    Choice,
    Form,
    Label,
    box_array,
    conflicts,
    intersections,
    label_boxes,
    search_layout,
)

PICTURE = (640, 480)
SIZES = {Form.FULL: (110, 36), Form.SHORT: (60, 20), Form.DOT: (18, 18)}
FULL_ONLY = {Form.FULL: (110, 36)}


def face_at(x, y, width=60):
    return Box(x, y, x + width, y + 1.3 * width)


def layout(faces, sizes=SIZES, previous=(), picture=PICTURE):
    """Choices and boxes of one label for each face."""
    before = [*previous, *[None] * len(faces)]
    labels = [Label(face, sizes, 3.0, choice) for face, choice in zip(faces, before, strict=False)]
    choices = search_layout(labels, box_array(faces), picture)
    return choices, label_boxes(labels, choices, picture)


def random_faces(seed, count):
    """Faces of different sizes that do not overlap."""
    rng, faces = np.random.default_rng(seed), []
    while len(faces) < count:
        face = face_at(*rng.uniform((0, 0), (560, 380)), width=rng.uniform(25, 80))
        if all(face.iou(other) == 0 for other in faces):
            faces.append(face)
    return faces


def test_a_face_alone_has_its_whole_label_above_it():
    choices, boxes = layout([face_at(300, 200)])
    assert choices[0].form is Form.FULL
    assert boxes[0].tolist() == [300, 161, 410, 197]


@pytest.mark.parametrize(
    "face", [face_at(300, 2), face_at(300, 400), face_at(2, 200), face_at(575, 200), face_at(0, 0)]
)
def test_a_label_at_the_edge_is_whole_and_beside_its_face(face):
    choices, boxes = layout([face])
    assert choices[0].form is Form.FULL
    assert not conflicts(boxes, box_array([face])).any()
    assert (boxes[0, :2] >= 0).all()
    assert (boxes[0, 2:] <= PICTURE).all()


@pytest.mark.parametrize("seed", range(40))
def test_labels_cover_no_face_and_no_label(seed):
    faces = random_faces(seed, 2 + seed % 8)
    _, boxes = layout(faces)
    assert not conflicts(boxes, box_array(faces)).any()


@pytest.mark.parametrize("seed", range(12))
def test_whole_labels_are_found_wherever_any_arrangement_of_them_is_free(seed):
    """Three faces close together, compared with all arrangements."""
    rng = np.random.default_rng(seed)
    faces = [face_at(*(250, 180) + rng.uniform(-90, 90, 2), width=50) for _ in range(3)]
    labels = [Label(face, FULL_ONLY, 3.0) for face in faces]
    every = [label_boxes([label], [Choice(Form.FULL, slot)], PICTURE)[0] for label in labels for slot in range(SLOTS)]
    free = (intersections(np.array(every), box_array(faces)) <= 1).all(axis=1).reshape(3, SLOTS)
    apart = (intersections(np.array(every), np.array(every)) <= 1).reshape(3, SLOTS, 3, SLOTS)
    possible = any(
        free[0, a] and free[1, b] and free[2, c] and apart[0, a, 1, b] and apart[0, a, 2, c] and apart[1, b, 2, c]
        for a, b, c in product(range(SLOTS), repeat=3)
    )
    _, boxes = layout(faces, FULL_ONLY)
    assert conflicts(boxes, box_array(faces)).any() == (not possible)


def test_a_label_is_shortened_before_it_covers_anything():
    row = [face_at(64 * number, 200, width=60) for number in range(10)]
    choices, boxes = layout(row)
    assert not conflicts(boxes, box_array(row)).any()
    assert {choice.form for choice in choices} > {Form.FULL}


def test_a_face_that_fills_the_picture_keeps_its_whole_label():
    choices, boxes = layout([Box(0, 0, *PICTURE)])
    assert choices[0].form is Form.FULL
    assert (boxes[0, 2:] <= PICTURE).all()


def test_faces_without_a_label_stay_free():
    face, other = face_at(300, 200), Box(250, 120, 470, 199)
    labels = [Label(face, SIZES, 3.0)]
    faces = box_array([face, other])
    boxes = label_boxes(labels, search_layout(labels, faces, PICTURE), PICTURE)
    assert not conflicts(boxes, faces).any()


@pytest.mark.parametrize("count", [3, 7, 15, 40])
def test_the_same_faces_give_the_same_layout(count):
    rng = np.random.default_rng(count)
    faces = [face_at(*rng.uniform((0, 0), (600, 420)), width=30) for _ in range(count)]
    first, second = layout(faces), layout(faces)
    assert first[0] == second[0]
    assert (first[1] == second[1]).all()


def test_a_label_stays_although_another_place_is_a_little_better():
    face = face_at(300, 200)
    below = Choice(Form.FULL, 4)
    assert layout([face], previous=[below])[0] == [below]


def test_a_label_moves_when_a_face_comes_in_its_way():
    face, visitor = face_at(300, 200), face_at(310, 110)
    alone, _ = layout([face])
    both, boxes = layout([face, visitor], previous=alone)
    assert both[0] != alone[0]
    assert not conflicts(boxes, box_array([face, visitor])).any()


def test_a_shortened_label_grows_when_its_place_is_free():
    assert layout([face_at(300, 200)], previous=[Choice(Form.DOT, 0)])[0][0].form is Form.FULL


def test_no_labels_need_no_places():
    assert search_layout([], box_array([]), PICTURE) == []
