"""Labels from frame to frame: they follow their faces, and change places only for a reason and not too often."""

import math

import pytest

from app.domain import Box
from app.vision.drawing import stable_layout
from app.vision.drawing.label_layout import Form, Label
from app.vision.drawing.stable_layout import CONFLICT_INTERVAL_S, GROWTH_INTERVAL_S, MAX_REMEMBERED, StableLayout

PICTURE = (640, 480)
SIZES = {Form.FULL: (110, 36), Form.SHORT: (60, 20), Form.DOT: (18, 18)}


class Film:
    """Places labels in frame after frame and counts the searches."""

    def __init__(self, monkeypatch):
        self.layout, self.searches = StableLayout(), 0
        search = stable_layout.search_layout
        monkeypatch.setattr(stable_layout, "search_layout", lambda *arguments: self._count(search(*arguments)))

    def _count(self, choices):
        self.searches += 1
        return choices

    def show(self, now_s, faces, sizes=SIZES):
        """Box of each label by id."""
        labels = {id: Label(face, sizes, 3.0, self.layout.previous(id)) for id, face in faces.items()}
        self.choices, boxes = self.layout.place(labels, [], PICTURE, now_s)
        return dict(zip(faces, boxes.tolist(), strict=True))


@pytest.fixture
def film(monkeypatch):
    return Film(monkeypatch)


def face_at(x, y):
    return Box(x, y, x + 60, y + 78)


def test_a_label_moves_with_its_face_and_is_searched_once(film):
    places = [film.show(index / 30, {1: face_at(200 + index, 200 + index / 2)})[1][:2] for index in range(60)]
    steps = [math.dist(one, next_) for one, next_ in zip(places, places[1:], strict=False)]
    assert max(steps) < 2.3, "at most the step of the face, rounded"
    assert film.searches == 1


def test_two_people_who_pass_each_other_make_few_changes(film):
    sides = []
    for index in range(90):
        film.show(index / 30, {1: face_at(100 + 4 * index, 220), 2: face_at(460 - 4 * index, 200)})
        sides.append(tuple(film.choices))
    changes = sum(one != next_ for one, next_ in zip(sides, sides[1:], strict=False))
    assert changes <= 5
    assert film.searches <= 90 / 30 / CONFLICT_INTERVAL_S + 1


def test_a_new_face_gets_a_label_at_once_and_the_others_keep_theirs(film):
    first = film.show(0.0, {1: face_at(100, 200)})
    second = film.show(0.01, {1: face_at(100, 200), 2: face_at(400, 200)})
    assert second[1] == first[1]
    assert len(second) == 2


def test_a_face_that_returns_gets_the_same_place(film):
    faces = {1: face_at(300, 200), 2: face_at(310, 110)}
    before = film.show(0.0, faces)
    film.show(0.1, {2: faces[2]})
    assert film.show(0.2, faces) == before


def test_a_shortened_label_grows_after_a_while(film):
    crowd = {id: face_at(64 * id, 200) for id in range(10)}
    film.show(0.0, crowd)
    shortened = next(id for id, choice in zip(crowd, film.choices, strict=True) if choice.form is not Form.FULL)
    alone = {shortened: crowd[shortened]}
    film.show(GROWTH_INTERVAL_S * 0.9, alone)
    assert film.choices[0].form is not Form.FULL
    film.show(GROWTH_INTERVAL_S * 1.1, alone)
    assert film.choices[0].form is Form.FULL


def test_a_form_that_is_no_longer_allowed_is_replaced_at_once(film):
    film.show(0.0, {1: face_at(300, 200)})
    labels = {1: Label(face_at(300, 200), {Form.DOT: (18, 18)}, 3.0)}
    choices, _ = film.layout.place(labels, [], PICTURE, 0.01)
    assert choices[0].form is Form.DOT


def test_a_clock_that_goes_back_does_not_freeze_labels(film):
    film.show(100.0, {1: face_at(300, 200), 2: face_at(500, 200)})
    boxes = film.show(0.0, {1: face_at(300, 200), 2: face_at(310, 110)})
    assert boxes[1][3] <= 110 or boxes[1][1] >= 188


def test_the_memory_for_people_who_left_is_limited(film):
    for id in range(3 * MAX_REMEMBERED):
        film.show(id, {id: face_at(300, 200)})
    assert film.layout.previous(0) is None
    assert film.layout.previous(3 * MAX_REMEMBERED - 2) is not None
