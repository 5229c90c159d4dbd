"""Every form of a picture gives the same RGB array."""

import io

import numpy as np
import pytest
from PIL import Image

from app.analysis.pictures import read_picture
from app.errors import UnreadableMedia


@pytest.fixture
def picture():
    """RGB uint8 (8, 6, 3) with all values different."""
    return np.arange(8 * 6 * 3, dtype=np.uint8).reshape(8, 6, 3)


def png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def test_colour_pictures_of_every_form_are_the_same(picture, tmp_path):
    (tmp_path / "a.png").write_bytes(png(picture))
    opaque = np.dstack([picture, np.full((8, 6), 7, np.uint8)])
    forms = [
        tmp_path / "a.png",
        str(tmp_path / "a.png"),
        png(picture),
        bytearray(png(picture)),
        memoryview(png(picture)),
        Image.fromarray(picture),
        Image.fromarray(opaque),
        picture,
        opaque,
        picture / 255,
        (picture / 255).astype(np.float32),
        np.asfortranarray(picture),
    ]
    for form in forms:
        read = read_picture(form)
        assert (read.dtype, read.shape, read.flags.c_contiguous) == (np.uint8, (8, 6, 3), True)
        np.testing.assert_array_equal(read, picture)


def test_gray_pictures_get_three_equal_channels(picture):
    gray = picture[:, :, 0]
    for form in (gray, gray[:, :, None], gray / 255, Image.fromarray(gray), png(gray)):
        np.testing.assert_array_equal(read_picture(form), np.dstack([gray, gray, gray]))


def test_the_orientation_of_a_pillow_picture_is_applied(picture):
    exif = Image.Exif()
    exif[274] = 6  # turned clockwise by a quarter to look right
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG", exif=exif)
    np.testing.assert_array_equal(read_picture(Image.open(file)), np.rot90(picture, -1))


@pytest.mark.parametrize(
    ("array", "named"),
    [
        (np.zeros((0, 9, 3), np.uint8), "(0, 9, 3)"),
        (np.zeros((9, 9, 2), np.uint8), "(9, 9, 2)"),
        (np.zeros((9,), np.uint8), "(9,)"),
        (np.zeros((9, 9, 3), np.int64), "int64"),
        (np.full((9, 9, 3), 200.0), "values of 200 to 200"),
        (np.full((9, 9, 3), -0.5), "values of -0.5 to -0.5"),
        (np.full((9, 9, 3), np.nan), "nan"),
    ],
)
def test_other_arrays_are_refused_with_what_they_are(array, named):
    with pytest.raises(UnreadableMedia, match="give gray, RGB or RGBA") as refused:
        read_picture(array)
    assert named in str(refused.value)


def test_bytes_that_are_no_picture_are_refused():
    with pytest.raises(UnreadableMedia, match="cannot read the image 'the bytes' .unknown image format.") as refused:
        read_picture(b"words")
    assert refused.value.reason == "unknown image format"
