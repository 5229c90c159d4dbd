from dataclasses import replace

import numpy as np
import pytest

from app.bench.identity_metrics import IdentityMetrics
from app.bench.scenes.synthetic_scenes import Person, occlusions, straight_trajectory, swaying_trajectory
from app.domain import Box, Face
from app.vision.tracking.association import LOST_FACE_TTL_S, PREDICTABLE_S
from app.vision.tracking.tracker import MAX_MISSES, MIN_DETECTIONS_BESIDE, SHOW_MISSED_S, SLIDE_SHOW_S, Tracker
from tests.unit.vision.tracking.detected_scenes import DetectedScene, crossing, occlusion

STEP_S = 1 / 30


def face_at(x, y, side=40.0, points=None):
    return Face(Box(x, y, x + side, y + side), 0.9, points)


@pytest.fixture
def tracker():
    return Tracker()


def ids(tracks):
    return [track.id for track in tracks]


def shown(tracker, faces, now_s):
    """Who is shown after a look, or where `faces` is None without one."""
    return tracker.update_tracked([], now_s) if faces is None else tracker.update(faces, now_s)


def watch(scene, look_every=1):
    """Follow a scene, with a look at every so manieth picture and where one is needed."""
    tracker, count = Tracker(), IdentityMetrics()
    for index, sight in enumerate(scene.detected_frames()):
        looks = index % look_every == 0 or tracker.needs_detection
        tracks = shown(tracker, sight.faces if looks else None, sight.time_s)
        count.add(sight.truth, {track.id: track.face.box for track in tracks})
    return count


def test_a_face_keeps_its_id_when_it_moves_slightly(tracker):
    first = tracker.update([face_at(10, 10)], 0.0)
    second = tracker.update([face_at(14, 10)], STEP_S)
    assert ids(second) == ids(first) == [1]
    assert 10 < second[0].face.box.x1 < 14


def test_two_faces_keep_their_ids_whatever_their_order(tracker):
    tracker.update([face_at(0, 0), face_at(100, 0)], 0.0)
    first, second = tracker.update([face_at(104, 0), face_at(3, 0)], STEP_S)
    assert (first.id, second.id) == (1, 2)
    assert first.face.box.x1 < second.face.box.x1


def test_a_face_that_is_missed_is_shown_for_a_moment_and_keeps_its_id(tracker):
    tracker.update([face_at(10, 10)], 0.0)
    assert ids(tracker.update([], STEP_S)) == [1]
    assert ids(tracker.update([], STEP_S + 0.9 * SHOW_MISSED_S)) == [1]
    assert tracker.update([], STEP_S + 1.1 * SHOW_MISSED_S) == []
    tracker.update([], STEP_S + 2.1 * SHOW_MISSED_S)
    assert ids(tracker.update([face_at(10, 10)], STEP_S + 3 * SHOW_MISSED_S)) == [1]


def test_who_is_missed_behind_somebody_is_not_shown_there(tracker):
    for index in range(3):
        tracker.update([face_at(10, 10), face_at(25, 10)], index * STEP_S)
    assert ids(tracker.update([face_at(10, 10)], 3 * STEP_S)) == [1]
    assert ids(tracker.update([face_at(10, 10), face_at(25, 10)], 4 * STEP_S)) == [1, 2]


def test_an_id_is_never_given_again(tracker):
    tracker.update([face_at(10, 10)], 0.0)
    assert ids(tracker.update([face_at(10, 10)], LOST_FACE_TTL_S * 1.1)) == [2]
    tracker.reset()
    assert ids(tracker.update([face_at(10, 10)], 0.0)) == [3]


def test_ids_can_go_on_from_an_earlier_process():
    assert ids(Tracker(first_id=7).update([face_at(0, 0)], 0.0)) == [7]


def test_somebody_new_is_shown_once_found_twice_and_nobody_uses_up_an_id(tracker):
    tracker.update([face_at(10, 10)], 0.0)
    ghost, real = face_at(200, 10), face_at(300, 200)
    assert ids(tracker.update([face_at(10, 10), ghost], STEP_S)) == [1]
    assert tracker.needs_detection
    for index in range(2, 3 + MAX_MISSES):
        tracker.update([face_at(10, 10)], index * STEP_S)
    assert not tracker.needs_detection
    tracker.update([face_at(10, 10), real], 10 * STEP_S)
    assert ids(tracker.update([face_at(10, 10), real], 11 * STEP_S)) == [1, 2]


def test_two_who_come_at_once_are_both_shown(tracker):
    for index in range(4):
        tracks = tracker.update([face_at(10, 10)] + [face_at(100, 10), face_at(200, 10)] * (index > 1), index * STEP_S)
    assert ids(tracks) == [1, 2, 3]


def test_two_boxes_of_a_face_that_is_half_hidden_are_one_person(tracker):
    """The second one lies on the first; somebody who stays there is shown in the end."""
    whole, part = face_at(10, 10), Face(Box(25, 5, 55, 50), 0.5)
    for index in range(2):
        tracker.update([whole], index * STEP_S)
    given = [ids(tracker.update([whole, part], index * STEP_S)) for index in range(2, 4 + MIN_DETECTIONS_BESIDE)]
    assert given[:4] == [[1]] * 4
    assert given[-1] == [1, 2]


def test_who_comes_out_from_behind_something_bit_by_bit_is_known_again(tracker):
    """The part that shows first is a third of the face, and lies where its front edge is."""
    for index in range(30):
        tracker.update([Face(Box(4 * index, 10, 4 * index + 80, 110), 0.9)], index * STEP_S)
    for index in range(30, 45):
        tracker.update([], index * STEP_S)
    for index in range(45, 50):
        tracks = tracker.update([Face(Box(230, 10, 4 * index + 80, 110), 0.9)], index * STEP_S)
    assert ids(tracks) == [1]


def test_an_edge_that_looks_like_a_part_of_a_face_is_nobody(tracker):
    """Near where somebody has just gone; a face that is as sure as usual is known again."""
    for index in range(15):
        tracker.update([face_at(10, 10)], index * STEP_S)
    tracker.update([], 15 * STEP_S)
    for index in range(16, 30):
        (*_, track) = tracker.update([replace(face_at(24, 2, 26), score=0.5)], index * STEP_S) or [None]
        assert track is None or not track.is_detected
    assert ids(tracker.update([face_at(12, 10)], 31 * STEP_S)) == [1]


def test_somebody_of_whom_a_detector_never_is_sure_is_known_again(tracker):
    """Behind a mask, say."""
    for index in range(5):
        tracks = tracker.update([replace(face_at(10, 10), score=0.5)] if index != 2 else [], index * STEP_S)
    assert ids(tracks) == [1]


def test_slides_are_taken_as_they_are(tracker):
    """Pictures far apart in time share nothing but chance: who is not found is gone, who is found is there."""
    tracker.update([face_at(10, 10)], 0.0)
    assert ids(tracker.update([face_at(200, 100)], 1.1 * SLIDE_SHOW_S)) == [2]


def test_between_looks_a_face_goes_on_as_it_went(tracker):
    for index in range(30):
        (track,) = shown(tracker, [face_at(10 + 2 * index, 10)] if index % 3 == 0 else None, index * STEP_S)
    assert track.face.box.x1 == pytest.approx(10 + 2 * 29, abs=2)


@pytest.mark.parametrize(("speed", "located"), [(0.0, 15), (0.9, 15), (1.5, 28)])
def test_a_slow_face_is_located_fifteen_times_a_second_and_a_fast_one_in_every_frame(tracker, speed, located):
    """The speed in sides per second. At first it is unknown, and taken for slow."""
    positions = [10 + 40 * speed * index * STEP_S for index in range(31)]
    tracker.update([face_at(10, 10)], 0.0)
    counts = []
    for index in range(1, 31):
        found = [face_at(positions[index], 10) for _ in tracker.predict_trackable(index * STEP_S)]
        (track,) = tracker.update_tracked(found, index * STEP_S)
        counts.append(len(found))
    assert sum(counts) == pytest.approx(located, abs=1)
    assert track.face.box.x1 == pytest.approx(positions[-1], abs=1.5)


def test_between_looks_a_follower_is_believed(tracker):
    """It knows where the first face went, and does not see the second any more."""
    tracker.update([face_at(10, 10), face_at(200, 10)], 0.0)
    for index in range(1, 10):
        first = tracker.predict_trackable(index * PREDICTABLE_S)[0]
        one, other = tracker.update_tracked([face_at(first.box.x1 + 5, 10), None], index * PREDICTABLE_S)
    assert one.face.box.x1 > 30
    assert other.face.box.x1 == pytest.approx(200, abs=1)


def test_who_is_lost_between_looks_is_looked_for(tracker):
    for index in range(2):
        tracker.update([face_at(10, 10)], index * PREDICTABLE_S)
    tracker.update_tracked(tracker.predict_trackable(2 * PREDICTABLE_S), 2 * PREDICTABLE_S)
    assert not tracker.needs_detection
    tracker.update_tracked([None], 3 * PREDICTABLE_S)
    assert tracker.needs_detection
    tracker.update([face_at(10, 10)], 4 * PREDICTABLE_S)
    assert not tracker.needs_detection


def test_who_is_covered_in_part_is_left_to_motion(tracker):
    """Until a look finds all of the face again."""
    tracker.update([replace(face_at(10, 10), occluded=True), face_at(200, 10)], 0.0)
    assert [face.box.x1 for face in tracker.predict_trackable(PREDICTABLE_S)] == pytest.approx([200])
    assert len(tracker.predict_all(PREDICTABLE_S)) == 2
    tracker.update([face_at(10, 10), face_at(200, 10)], 2 * PREDICTABLE_S)
    assert len(tracker.predict_trackable(3 * PREDICTABLE_S)) == 2


def test_who_was_missed_is_not_followed(tracker):
    """Another one may be where motion leads."""
    tracker.update([face_at(10, 10), face_at(200, 10)], 0.0)
    tracker.update([face_at(10, 10)], PREDICTABLE_S)
    assert len(tracker.predict_trackable(2 * PREDICTABLE_S)) == 1


@pytest.mark.parametrize(
    ("known", "max_untracked_speed"),
    [({}, 3.0), ({"landmark_confidence_ema": 9.0}, None), ({"landmark_confidence_ema": 9.0, "occluded": True}, 3.0)],
    ids=["no landmarks", "landmarks", "covered"],
)
def test_it_is_told_how_fast_they_go_whom_only_motion_follows(tracker, known, max_untracked_speed):
    for index in range(30):
        tracker.update([replace(face_at(10 + 4 * index, 10), **known)], index * STEP_S)
    assert tracker.max_untracked_speed == pytest.approx(max_untracked_speed, abs=0.3)
    tracker.update([], 1.0)
    assert tracker.max_untracked_speed == pytest.approx(3.0, abs=0.3)


def test_it_is_told_who_was_missed(tracker):
    tracker.update([face_at(10, 10), face_at(200, 10)], 0.0)
    assert [track.is_detected for track in tracker.update([face_at(10, 10)], STEP_S)] == [True, False]
    assert tracker.needs_detection


def test_the_points_stay_in_their_place_in_the_face(tracker):
    """Also where nobody looks, and whatever the box does."""
    inner = np.array([[10, 12], [30, 12], [20, 20], [12, 30], [28, 30]], np.float32)
    for index in range(20):
        x, side = 10 + 3 * index, 40 + index
        points = inner * side / 40 + (x, 10)
        (track,) = shown(tracker, [face_at(x, 10, side, points)] if index % 2 == 0 else None, index * STEP_S)
        box = track.face.box
        shares = (track.face.points - (box.x1, box.y1)) / (box.width, box.height)
        np.testing.assert_allclose(shares, inner / 40, atol=0.01)


def test_a_resting_box_rests_although_the_detector_jitters():
    scene = DetectedScene({"Ann": Person(straight_trajectory((200, 200), (200, 200), 1))}, 6.0, jitter=0.02, misses=0)
    tracker = Tracker()
    shown = [tracker.update(sight.faces, sight.time_s)[0].face.box.center[0] for sight in scene.detected_frames()]
    found = [sight.faces[0].box.center[0] for sight in scene.detected_frames()]
    assert np.abs(np.diff(shown[30:])).mean() < 0.2 * np.abs(np.diff(found[30:])).mean()


@pytest.mark.parametrize("fps", [10, 30, 60])
@pytest.mark.parametrize("seconds", [2.0, 4.0])
def test_two_people_crossing_keep_their_ids(fps, seconds):
    for seed in range(2):
        count = watch(crossing(seconds, fps, seed))
        assert count.switches == 0
        assert count.false_boxes == 0
        assert count.frames_shown.keys() == {"Ann", "Ben"}


@pytest.mark.parametrize("fps", [10, 30, 60])
@pytest.mark.parametrize("speed", [0, 60, 90])
def test_a_second_behind_something_is_survived(fps, speed):
    for seed in range(2):
        count = watch(occlusion(1.0, fps, seed, speed))
        assert count.switches == 0
        assert count.frames_shown["Ann"] > 3.5 * fps


@pytest.mark.parametrize(("fps", "look_every"), [(30, 3), (60, 6)])
def test_ten_looks_a_second_are_enough(fps, look_every):
    for seed in range(2):
        for scene in (crossing(fps=fps, seed=seed), occlusion(1.0, fps, seed)):
            count = watch(scene, look_every)
            assert count.switches == 0
            assert np.mean(count.ious) > 0.9


def test_boxes_lie_on_the_faces():
    """As well as the detector's own, which lag behind nothing but jitter."""
    scene = DetectedScene(
        {"Ann": Person(swaying_trajectory((200, 200), 60)), "Ben": Person(swaying_trajectory((450, 250), 90, 1.8))}, 8.0
    )
    count = watch(scene)
    found = [
        s.truth[name].iou(face.box)
        for s in scene.detected_frames()
        for name, face in zip(s.persons, s.faces, strict=True)
    ]
    assert np.mean(count.ious) > np.mean(found) - 0.03
    assert np.percentile(count.ious, 5) > 0.8


def test_a_crowd_keeps_its_ids():
    people = {
        f"{row}{column}": Person(
            swaying_trajectory((100 + 150 * column, 100 + 130 * row), 25, period_s=1.5 + 0.3 * column)
        )
        for row in range(3)
        for column in range(3)
    }
    count = watch(DetectedScene(people, 5.0, misses=0.1))
    assert count.switches == 0
    assert len(count.frames_shown) == 9


def seen_beside(box, thing):
    """The part of a face that a detector sees beside a pillar; None where that is too little."""
    if box.x2 <= thing.x1 or box.x1 >= thing.x2:
        return box
    left, right = Box(box.x1, box.y1, thing.x1, box.y2), Box(thing.x2, box.y1, box.x2, box.y2)
    part = max(left, right, key=lambda one: one.width)
    return part if part.width > 0.5 * box.width else None


@pytest.mark.parametrize("hidden_s", [0.6, 1.0])
def test_who_walks_behind_a_pillar_comes_out_with_the_same_id(tracker, hidden_s):
    """Though the box narrows and slows down at the pillar's edge before the face is gone."""
    scene, ids_given = occlusions(hidden_s=hidden_s), set()
    for index, time_s in enumerate(scene.times_s):
        box = seen_beside(scene.persons["walker 1"].box(time_s), scene.occluders[0].box(time_s))
        looks = index % 3 == 0 or tracker.needs_detection
        tracks = shown(tracker, [Face(box, 0.9)] if box else [], time_s) if looks else shown(tracker, None, time_s)
        ids_given.update(ids(tracks))
    assert ids_given == {1}
