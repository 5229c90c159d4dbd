"""The size at which a picture is shown decides its pixels and the scale of letters."""

import numpy as np
import pytest

from app.domain import Box, Face, PictureSize, Track
from app.vision.drawing.picture_scale import enlarge, file_size, pixel_scale, view_enlargement


def picture(height, width):
    return np.zeros((height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("size", "shape", "factor"),
    [
        (PictureSize.LARGE, (480, 640), 1.5),
        (PictureSize.LARGE, (720, 1280), 1.0),
        (PictureSize.LARGE, (48, 64), 3.0),
        (PictureSize.MEDIUM, (240, 320), 1.0),
        (PictureSize.SMALL, (240, 320), 1.0),
    ],
)
def test_only_the_largest_size_enlarges_small_pictures(size, shape, factor):
    assert view_enlargement(picture(*shape), size) == factor


def test_faces_grow_with_their_picture():
    track = Track(1, Face(Box(10, 20, 30, 40), 0.9, np.full((15, 2), 12.0, np.float32)))
    image, tracks = enlarge(picture(60, 80), [track], 1.5)
    assert image.shape == (90, 120, 3)
    assert tracks[0].face.box == Box(15, 30, 45, 60)
    assert tracks[0].face.points is not None
    assert (tracks[0].face.points == 18).all()
    assert enlarge(picture(60, 80), [track], 1.0)[1] == [track]


def test_the_scale_is_that_of_the_longer_side():
    assert pixel_scale(picture(1200, 800), PictureSize.SMALL) == 3.0
    assert pixel_scale(picture(800, 1280), PictureSize.MEDIUM) == 2.0


def test_files_are_drawn_for_the_size_they_have():
    assert file_size(1080, 1920) is PictureSize.LARGE
    assert file_size(640, 480) is PictureSize.MEDIUM
