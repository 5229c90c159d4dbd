import numpy as np

from app.attributes.attribute_set import own_attributes
from app.attributes.estimate import VectorEstimate
from app.domain import Box, Face
from app.vision.drawing.attribute_overlays import AXIS_COLOURS, NOSE, OVERLAYS, draw_axes

CENTER = (100, 120)


def drawn(yaw=0.0, pitch=0.0, roll=0.0):
    image = np.zeros((240, 200, 3), np.uint8)
    points = np.zeros((15, 2), np.float32)
    points[NOSE] = CENTER
    draw_axes(
        image, Face(Box(50, 60, 150, 180), 0.9, points), VectorEstimate({"yaw": yaw, "pitch": pitch, "roll": roll})
    )
    return image


def tip(image, axis):
    """Offset from the nose of the farthest pixel in the colour of an axis, (x, y)."""
    y, x = np.nonzero((image == AXIS_COLOURS[axis]).all(-1))
    offsets = np.column_stack([x, y]) - CENTER
    return offsets[np.linalg.norm(offsets, axis=1).argmax()]


def test_a_face_that_looks_at_the_camera_has_its_axes_across_and_up():
    image = drawn()
    assert tip(image, 0)[0] > 35
    assert abs(tip(image, 0)[1]) < 3
    assert tip(image, 1)[1] < -35
    assert abs(tip(image, 1)[0]) < 3
    assert np.abs(tip(image, 2)).max() < 4, "the forward axis points at the viewer"


def test_the_forward_axis_points_where_the_face_is_turned():
    assert tip(drawn(yaw=60), 2)[0] > 25
    assert tip(drawn(yaw=-60), 2)[0] < -25
    assert tip(drawn(pitch=50), 2)[1] < -20
    assert tip(drawn(roll=90), 1)[0] > 35, "the top leans to the right"


def test_nothing_is_drawn_without_landmarks_or_pose():
    image = np.zeros((50, 50, 3), np.uint8)
    face = Face(Box(5, 5, 45, 45), 0.9)
    draw_axes(image, face, VectorEstimate({"yaw": 0.0, "pitch": 0.0, "roll": 0.0}))
    draw_axes(image, Face(face.box, 0.9, np.full((15, 2), 25, np.float32)), VectorEstimate())
    assert not image.any()


def test_every_overlay_that_an_attribute_names_exists():
    assert {attribute.overlay for attribute in own_attributes() if attribute.overlay} == set(OVERLAYS)
