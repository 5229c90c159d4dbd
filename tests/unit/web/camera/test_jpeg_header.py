"""What is passed to the decoder: whole baseline JPEGs with one scan, of at most 2 MB and 1280x720."""

import io

import numpy as np
import pytest
from PIL import Image

from app.web.camera.jpeg_header import MAX_JPEG_BYTES, RefusedFrame, check_jpeg


def jpeg(width: int = 64, height: int = 48, **options) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, options.pop("format", "JPEG"), **options)
    return file.getvalue()


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (16, 16), (641, 33)])
def test_the_size_of_a_jpeg_is_read_from_its_header(size):
    assert check_jpeg(jpeg(*size, quality=50)) == size


def test_a_jpeg_with_metadata_and_a_thumbnail_is_accepted():
    thumbnail = jpeg(16, 16)
    segment = b"\xff\xe1" + (len(thumbnail) + 8).to_bytes(2, "big") + b"Exif\0\0" + thumbnail
    plain = jpeg(subsampling=0, quality=95, comment=b"of a canvas")
    assert check_jpeg(plain[:2] + segment + plain[2:]) == (64, 48)


def two_scans() -> bytes:
    data = jpeg()
    scan = data[data.index(b"\xff\xda") : -2]
    return data[:-2] + scan + b"\xff\xd9"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "must be a JPEG"),
        (b"hello", "must be a JPEG"),
        (jpeg(format="PNG"), "must be a JPEG"),
        (jpeg(progressive=True), "baseline"),
        (two_scans(), "one scan"),
        (jpeg()[:100], "whole JPEG"),
        (b"\xff\xd8", "whole JPEG"),
        (b"\xff\xd8" + b"\xff\xe0\x00\x02" * 100_000, "whole JPEG"),
        (jpeg(1281, 720, quality=20), "1281x720"),
        (jpeg(722, 722, quality=20), "722x722"),
        (jpeg(15, 64), "15x64"),
        (jpeg() + bytes(MAX_JPEG_BYTES), "2 MB"),
    ],
)
def test_anything_else_is_refused_with_its_reason(data, reason):
    with pytest.raises(RefusedFrame, match=reason):
        check_jpeg(data)


def test_a_frame_header_that_lies_about_its_length_is_refused():
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 2 : at + 4] = b"\xff\xff"
    with pytest.raises(RefusedFrame, match="whole JPEG"):
        check_jpeg(bytes(data))
