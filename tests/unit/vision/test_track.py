import pytest

from app.domain import Box, Face
from app.vision.track import REMEMBERED_S, Tracker


def face_at(x, y, side=40.0):
    return Face(Box(x, y, x + side, y + side), 0.9)


@pytest.fixture
def tracker():
    return Tracker()


def ids(tracks):
    return [track.id for track in tracks]


def test_track_keeps_its_id_when_the_face_moves_slightly(tracker):
    first = tracker.update([face_at(10, 10)], now_s=0.0)
    second = tracker.update([face_at(14, 10)], now_s=0.1)
    assert second[0].id == first[0].id
    assert second[0].face.box.x1 == 14


def test_two_faces_keep_their_ids_whatever_their_order(tracker):
    assert ids(tracker.update([face_at(0, 0), face_at(100, 0)], 0.0)) == [1, 2]
    assert ids(tracker.update([face_at(104, 0), face_at(3, 0)], 0.1)) == [2, 1]


def test_a_short_miss_is_survived_without_being_shown(tracker):
    tracker.update([face_at(10, 10)], 0.0)
    assert tracker.update([], REMEMBERED_S / 2) == []
    assert ids(tracker.update([face_at(10, 10)], REMEMBERED_S)) == [1]


def test_an_id_is_never_given_again(tracker):
    tracker.update([face_at(10, 10)], 0.0)
    assert ids(tracker.update([face_at(10, 10)], REMEMBERED_S * 2.1)) == [2]
    tracker.forget()
    assert ids(tracker.update([face_at(10, 10)], 0.0)) == [3]


def test_a_face_elsewhere_is_someone_else(tracker):
    tracker.update([face_at(10, 10)], 0.0)
    assert ids(tracker.update([face_at(200, 10)], 0.1)) == [2]


def test_the_better_overlap_wins(tracker):
    tracker.update([face_at(0, 0), face_at(30, 0)], 0.0)
    assert ids(tracker.update([face_at(24, 0)], 0.1)) == [2]


def test_ids_can_go_on_from_an_earlier_process():
    assert ids(Tracker(first_id=7).update([face_at(0, 0)], 0.0)) == [7]
