"""The detector trained here, on a tiny network whose answers are told in tests/support/tiny_models."""

import json
import shutil

import numpy as np
import pytest

from app.domain import Box
from app.errors import ModelError
from app.vision.detection.anchor_free_detector import (
    MAX_PREPARED_SHAPES,
    AnchorFreeDetector,
    cell_grid,
    non_max_suppression,
    read_detector_card,
)

# As in tests/support/tiny_models, which is not imported because it brings TensorFlow.
DISTANCES = (1.0, 1.5, 2.0, 2.5)
POINTS = ((-0.5, -0.5), (0.5, -0.5), (0.0, 0.0), (-0.25, 0.75), (0.25, 0.75))
COLOURS = {8: (255, 0, 0), 16: (0, 255, 0), 32: (0, 0, 255)}


@pytest.fixture
def folder(detector_models, tmp_path):
    """A copy that may be changed."""
    return shutil.copytree(detector_models / "detector", tmp_path / "detector")


@pytest.fixture(scope="module")
def detector(detector_models):
    return AnchorFreeDetector(read_detector_card(detector_models / "detector"))


def black(height, width):
    return np.zeros((height, width, 3), np.uint8)


def lit(picture, stride, row, column, level=255):
    """Light one cell of a level."""
    y, x = row * stride, column * stride
    picture[y : y + stride, x : x + stride] = np.array(COLOURS[stride]) * (level / 255)
    return picture


def box_of(stride, row, column):
    """The box that a cell gives."""
    x, y = (column + 0.5) * stride, (row + 0.5) * stride
    left, top, right, bottom = (distance * stride for distance in DISTANCES)
    return Box(x - left, y - top, x + right, y + bottom)


def change_card(folder, **changes):
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps({**card, **changes}))
    return folder


def test_the_rows_of_a_network_are_its_cells_level_by_level():
    cells = cell_grid(32, 64, (16, 32))
    assert cells[:4].tolist() == [[8, 8, 16], [24, 8, 16], [40, 8, 16], [56, 8, 16]]
    assert cells[4].tolist() == [8, 24, 16]
    assert cells[8:].tolist() == [[16, 16, 32], [48, 16, 32]]


@pytest.mark.parametrize("stride", COLOURS)
@pytest.mark.parametrize(("row", "column"), [(0, 0), (2, 5), (6, 9)])
def test_a_cell_of_every_level_gives_its_box_and_points(detector, stride, row, column):
    (face,) = detector.detect(lit(black(256, 320), stride, row, column))
    expected = box_of(stride, row, column)
    assert (face.box.x1, face.box.y1) == pytest.approx((expected.x1, expected.y1), abs=1e-3)
    assert (face.box.x2, face.box.y2) == pytest.approx((expected.x2, expected.y2), abs=1e-3)
    assert face.score == pytest.approx(1 / (1 + np.exp(-10)), abs=1e-5)
    points = (np.array([column, row]) + 0.5 + POINTS) * stride
    np.testing.assert_allclose(face.points, points, atol=1e-3)


def test_boxes_are_in_the_pixels_of_the_given_picture(detector):
    """A frame of 640x480 is looked at as 320x240, on 320x256."""
    frame = black(480, 640)
    frame[80:96, 160:176] = COLOURS[8]
    (face,) = detector.detect(frame)
    assert face.box.iou(box_of(8, 5, 10).scale_by(2)) > 0.999
    np.testing.assert_allclose(face.points[2], (168, 88), atol=1e-2)


def test_half_the_size_is_that_of_half_the_width(detector_models):
    card = read_detector_card(detector_models / "detector")
    half, narrow = AnchorFreeDetector(card, 320), AnchorFreeDetector(card, 160)
    picture = black(240, 320)
    picture[64:128, 96:160] = 255
    whole = [face.box for face in half.detect(picture)]
    half.input_scale = 0.5
    found = [face.box for face in half.detect(picture)]
    assert found == [face.box for face in narrow.detect(picture)]
    assert found != whole


def test_a_larger_picture_shows_smaller_faces(detector, detector_models):
    frame = lit(black(360, 640), 8, 20, 30)
    assert detector.detect(frame) == []
    larger = AnchorFreeDetector(detector.card, max_side=640)
    (face,) = larger.detect(frame)
    assert face.box.iou(box_of(8, 20, 30)) > 0.999


def test_a_picture_of_many_pixels_is_looked_at_more_closely(detector, detector_models):
    """At 320 pixels a lone cell of 8 in 1280 would be 2 pixels large, at 640 it is 4; who asks for a size gets it."""
    large = black(720, 1280)
    assert detector._max_side_for(large) == 640
    assert detector._max_side_for(black(480, 640)) == 320
    assert AnchorFreeDetector(detector.card, max_side=200)._max_side_for(large) == 200


def test_the_best_comes_first_and_the_score_decides(detector):
    picture = lit(lit(lit(black(256, 320), 8, 3, 3, 190), 8, 3, 20, 215), 8, 20, 20)
    faces = detector.detect(picture)
    assert [face.box.center for face in faces] == [box_of(8, 20, 20).center, box_of(8, 3, 20).center]
    low = AnchorFreeDetector(detector.card, min_score=0.02).detect(lit(picture, 8, 28, 3, 170))
    assert [round(face.score, 2) for face in low] == [1.0, 0.98, 0.45, 0.03]


def test_of_boxes_that_overlap_the_surer_stays(detector):
    picture = lit(lit(lit(black(256, 320), 8, 5, 5, 230), 8, 5, 6), 8, 5, 12)
    assert [face.box.center for face in detector.detect(picture)] == [box_of(8, 5, 6).center, box_of(8, 5, 12).center]


@pytest.mark.parametrize("shape", [(1, 1), (33, 2000), (2000, 33), (1, 700), (640, 360), (31, 32), (1080, 1920)])
def test_a_picture_of_any_shape_is_looked_at(detector, shape):
    assert detector.detect(black(*shape)) == []
    picture = black(*shape)
    picture[..., 0] = 255
    if min(shape) * 320 / max(320, *shape) >= 8:
        assert len(detector.detect(picture)) > 0


def test_a_tall_picture_is_no_wide_one(detector):
    (face,) = detector.detect(lit(black(320, 100), 16, 17, 2))
    assert face.box.iou(box_of(16, 17, 2)) > 0.999


def test_only_a_few_shapes_stay_prepared(detector_models):
    detector = AnchorFreeDetector(read_detector_card(detector_models / "detector"))
    for width in range(32, 320, 32):
        detector.detect(black(256, width))
    assert len(detector._prepared) == MAX_PREPARED_SHAPES
    (face,) = detector.detect(lit(black(256, 320), 8, 5, 5))
    assert face.box.iou(box_of(8, 5, 5)) > 0.999


def test_an_altered_network_is_refused(folder):
    with (folder / "model.tflite").open("ab") as file:
        file.write(b"more")
    with pytest.raises(ModelError, match=r"model\.tflite is not the file .*; export"):
        AnchorFreeDetector(read_detector_card(folder))


def test_a_missing_file_is_refused(folder):
    (folder / "model.tflite").unlink()
    with pytest.raises(ModelError, match=r"model\.tflite does not exist; export"):
        AnchorFreeDetector(read_detector_card(folder))
    (folder / "card.json").unlink()
    with pytest.raises(ModelError, match=r"card\.json does not exist; export"):
        read_detector_card(folder)


def test_a_card_with_other_levels_than_the_network_is_refused(folder):
    with pytest.raises(ModelError, match=r"gives \(1, 42, 15\) where its card calls for \(1, 40, 15\); export"):
        AnchorFreeDetector(read_detector_card(change_card(folder, strides=[8, 16])))


def test_a_network_that_is_no_detector_is_refused(folder, models_dir):
    """The files of another model, with hashes that are right."""
    shutil.copy(models_dir / "emotion" / "model.tflite", folder)
    files = json.loads((models_dir / "emotion" / "card.json").read_text())["files"]
    with pytest.raises(ModelError, match=r"model\.tflite .*; export") as caught:
        AnchorFreeDetector(read_detector_card(change_card(folder, files=files)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "faces"},
        {"strides": []},
        {"strides": [8, 12]},
        {"strides": 8},
        {"score": 1.0},
        {"overlap": 0},
        {"input": {"colour": "gray", "longest": 320, "multiple": 32}},
        {"input": {"colour": "rgb", "longest": 320}},
        {"files": None},
    ],
)
def test_a_card_that_describes_no_detector_is_refused(folder, changes):
    with pytest.raises(ModelError, match=r"card\.json does not describe a model .*; export"):
        read_detector_card(change_card(folder, **changes))


def test_of_boxes_in_each_other_the_surest_stays():
    """A part of a face overlaps the whole too little to be dropped for that."""
    boxes = np.array([[0, 0, 40, 50], [10, 15, 30, 35], [60, 0, 80, 25], [50, -20, 100, 50], [200, 0, 220, 25]], float)
    scores = np.array([0.9, 0.8, 0.9, 0.7, 0.5])
    assert non_max_suppression(boxes, scores, 0.4).tolist() == [0, 2, 4]
    assert non_max_suppression(np.empty((0, 4)), np.empty(0), 0.4).tolist() == []


def test_neighbours_that_touch_both_stay():
    boxes = np.array([[0, 0, 40, 50], [30, 0, 70, 50]], float)
    assert non_max_suppression(boxes, np.array([0.6, 0.9]), 0.4).tolist() == [1, 0]
