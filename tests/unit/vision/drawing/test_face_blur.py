"""Hidden faces: nothing of them is left, and none shows for a moment."""

import cv2
import numpy as np
import pytest

from app.domain import Box, Face, Frame, ViewOptions
from app.vision.drawing.face_blur import KEEP_S, MARGIN, MIN_CELL_PX, MOSAIC_CELLS, NEW_S, WIDE_MARGIN, FaceBlur
from app.vision.worker.pipeline import Pipeline
from tests.unit.vision.worker.test_pipeline import ScriptedDetector

SIZE = (240, 320)
BOX = Box(120, 80, 180, 160)


@pytest.fixture
def noise():
    """A picture with detail everywhere, RGB uint8."""
    return np.random.default_rng(8).integers(0, 256, (*SIZE, 3), np.uint8)


def face_at(box, score=0.9):
    return Face(box, score)


def detail(picture, box):
    """How much neighbouring pixels differ inside a box, in levels."""
    inside = picture[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)].astype(int)
    return float(np.abs(np.diff(inside, axis=1)).mean())


def grown(box, margin):
    wide, high = margin * box.width, margin * box.height
    return Box(box.x1 - wide, box.y1 - high, box.x2 + wide, box.y2 + high)


def steady(face_blur, box=BOX):
    """A face_blur that has followed a face for some time; gives the time."""
    times_s = np.arange(0, NEW_S + 0.2, 0.1)
    for now_s in times_s:
        face_blur.update([face_at(box)], float(now_s))
    return float(times_s[-1])


def test_a_face_seen_for_the_first_time_is_hidden_at_once_and_widely(noise):
    face_blur = FaceBlur()
    face_blur.update([face_at(BOX, score=0.01)], 0.0)
    hidden = face_blur.apply(noise, 0.0)
    assert detail(noise, BOX) > 60
    assert detail(hidden, grown(BOX, WIDE_MARGIN)) < 6


def test_a_steady_face_is_hidden_with_its_margin_and_the_rest_is_left(noise):
    face_blur = FaceBlur()
    hidden = face_blur.apply(noise, steady(face_blur))
    assert detail(hidden, grown(BOX, MARGIN)) < 6
    around = grown(BOX, MARGIN + 0.05)
    outside = np.ones(SIZE, bool)
    outside[int(around.y1) : int(around.y2), int(around.x1) : int(around.x2)] = False
    assert (hidden == noise)[outside].all()
    assert detail(noise, BOX) > 60, "the given picture is left as it was"


def test_hardly_anything_is_left_to_be_sharpened(noise):
    """Two pictures with the same mean colours cannot be told apart afterwards."""
    face_blur = FaceBlur()
    now_s = steady(face_blur)
    region = grown(BOX, MARGIN)
    hidden = face_blur.apply(noise, now_s)[int(region.y1) : int(region.y2), int(region.x1) : int(region.x2)]
    height, width = hidden.shape[:2]
    high = min(MOSAIC_CELLS, round(height / MIN_CELL_PX))
    cells = round(high * width / height), high
    few = cv2.resize(hidden, cells, interpolation=cv2.INTER_AREA)
    assert np.abs(cv2.resize(few, (width, height)).astype(int) - hidden.astype(int)).mean() < 4


def test_a_face_that_is_missed_stays_hidden_where_it_was(noise):
    face_blur = FaceBlur()
    seen_at_s = steady(face_blur)
    for missed_s, margin in ((0.04, MARGIN), (0.5, WIDE_MARGIN), (KEEP_S - 0.01, WIDE_MARGIN)):
        face_blur.update([], seen_at_s + missed_s)
        assert detail(face_blur.apply(noise, seen_at_s + missed_s), grown(BOX, margin)) < 6
    face_blur.update([], seen_at_s + KEEP_S + 0.01)
    assert (face_blur.apply(noise, seen_at_s + KEEP_S + 0.01) == noise).all()


def test_a_face_beside_a_missed_one_does_not_uncover_it(noise):
    face_blur, other = FaceBlur(), Box(20, 90, 70, 150)
    for number in range(10):
        face_blur.update([face_at(BOX), face_at(other)], number / 10)
    face_blur.update([face_at(other)], 1.0)
    hidden = face_blur.apply(noise, 1.0)
    assert detail(hidden, BOX) < 6
    assert detail(hidden, other) < 6


@pytest.mark.parametrize(
    "box", [Box(-30, -30, 20, 20), Box(300, 220, 400, 300), Box(-50, -50, 400, 300), Box(5, 5, 5, 5)]
)
def test_faces_at_the_edges_are_hidden_too(noise, box):
    face_blur = FaceBlur()
    face_blur.update([face_at(box)], 0.0)
    hidden = face_blur.apply(noise, 0.0)
    inside = Box(max(0, box.x1), max(0, box.y1), min(SIZE[1], box.x2), min(SIZE[0], box.y2))
    assert hidden.shape == noise.shape
    assert inside.width < 1 or detail(hidden, inside) < 6


def test_a_new_source_begins_without_the_old_faces(noise):
    face_blur = FaceBlur()
    face_blur.update([face_at(BOX)], 5.0)
    face_blur.reset()
    face_blur.update([], 0.0)
    assert (face_blur.apply(noise, 0.0) == noise).all()


def test_what_overlaps_a_face_of_moments_ago_is_told():
    face_blur = FaceBlur()
    steady(face_blur)
    assert face_blur.overlaps(grown(BOX, 0.1))
    assert not face_blur.overlaps(Box(200, 80, 260, 160))
    face_blur.reset()
    assert not face_blur.overlaps(BOX)


def test_a_face_that_moves_away_from_the_edge_stays_hidden_while_it_might_be_one(noise):
    """Its score falls below that of a face once it is inside the image."""
    boxes = [Box(left, 80, left + 50, 160) for left in range(10, 190, 20)]
    pipeline = Pipeline(ScriptedDetector(*([face_at(box, score=0.1)] for box in boxes)), [], blur=True)
    for index, box in enumerate(boxes):
        assert detail(picture(pipeline, noise, "", index), box) < 12


def picture(pipeline, image, view, index=0):
    result = pipeline.step(Frame(image, index, index / 30, 0.0), [ViewOptions.from_key(view)])
    return cv2.imdecode(np.frombuffer(result.jpegs[view], np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(
    ("box", "hidden"),
    [(Box(0, 80, 40, 160), True), (Box(290, 80, 318, 120), True), (Box(10, 80, 60, 160), True), (BOX, False)],
)
def test_what_might_be_a_face_is_hidden_at_the_edge_and_not_counted_as_one(noise, box, hidden):
    pipeline = Pipeline(ScriptedDetector([face_at(box, score=0.1)]), [])
    assert (detail(picture(pipeline, noise, "blur"), box) < 12) is hidden
    assert pipeline.step(Frame(noise, 1, 0.1, 0.0), [ViewOptions.from_key("blur")]).faces == []


@pytest.mark.parametrize("view", ["", "blur", "boxes", "boxes,ids,emotion,age,sex"])
def test_with_blur_no_view_shows_a_face_from_its_first_frame_on(noise, view):
    pipeline = Pipeline(ScriptedDetector([face_at(BOX)], []), [], blur=True)
    inside = Box(130, 90, 170, 150)  # within the drawn outline
    assert detail(picture(pipeline, noise, view, 0), inside) < 12
    assert detail(picture(pipeline, noise, view, 1), inside) < 12, "and when it is missed"


def test_without_blur_a_view_asks_for_it_alone(noise):
    pipeline = Pipeline(ScriptedDetector([face_at(BOX)]), [])
    assert detail(picture(pipeline, noise, "blur", 0), BOX) < 12
    assert detail(picture(pipeline, noise, "", 0), BOX) > 40


def test_no_detector_finds_what_is_hidden(astronaut):
    from app.settings import Settings
    from app.vision.detection.face_detector import build_detector

    for name in ("haar", "own"):
        detector = build_detector(Settings(detector=name))
        face = Face(Box(178, 63, 268, 176), 0.9)
        found = [one for one in detector.detect(astronaut) if one.box.iou(face.box) > 0.3]
        assert found, name
        face_blur = FaceBlur()
        for now_s in (0.0, NEW_S):
            face_blur.update(found, now_s)
        left = [one for one in detector.detect(face_blur.apply(astronaut, NEW_S)) if one.box.iou(face.box) > 0.1]
        assert left == [], name
