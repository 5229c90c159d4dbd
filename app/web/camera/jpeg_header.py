"""Check the header of a JPEG file without decoding it, so that nothing else reaches a decoder (ISO/IEC 10918-1)."""

from __future__ import annotations

import struct

from app.errors import AppError

MAX_JPEG_BYTES = 2_000_000
# A camera held upright has the longer side upright.
MAX_LONGER_SIDE_PX = 1280
MAX_SHORTER_SIDE_PX = 720
MIN_SIDE_PX = 16
START = b"\xff\xd8"
START_OF_SCAN = 0xDA
BASELINE_FRAME = 0xC0
# Other kinds of frames: progressive, lossless, arithmetic coding. Browsers make none of them of a canvas, and a
# progressive file of 2 MB can take minutes to decode.
OTHER_FRAMES = {*range(0xC1, 0xD0)} - {0xC4, 0xC8, 0xCC}
# Segments before the scan; browsers write about ten.
MAX_SEGMENTS = 64


class RefusedFrame(AppError, ValueError):
    """What a browser sent is not a frame that is decoded."""


def check_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height of a baseline JPEG with one scan.

    Raises:
        RefusedFrame: it is something else, or too large.
    """
    if len(data) > MAX_JPEG_BYTES:
        raise RefusedFrame(f"a frame has at most {MAX_JPEG_BYTES / 1e6:g} MB; send a smaller one")
    if not data.startswith(START):
        raise RefusedFrame("a frame must be a JPEG; send one that a canvas has made")
    size, scan_at = _read_segments(data)
    if data.count(bytes((0xFF, START_OF_SCAN)), scan_at) != 1:
        raise RefusedFrame("a frame must be a JPEG with one scan; send one that a canvas has made")
    _check_size(*size)
    return size


def _read_segments(data: bytes) -> tuple[tuple[int, int], int]:
    """Size of the frame, and where its scan begins."""
    at, size = len(START), None
    for _ in range(MAX_SEGMENTS):
        prefix = data[at : at + 4]
        if len(prefix) < 4 or prefix[0] != 0xFF:
            break
        marker, length = prefix[1], struct.unpack("!H", prefix[2:])[0]
        if marker == START_OF_SCAN and size is not None:
            return size, at
        if marker in OTHER_FRAMES or (marker == BASELINE_FRAME and size is not None):
            raise RefusedFrame("a frame must be a baseline JPEG; send one that a canvas has made")
        if marker == BASELINE_FRAME and len(data) >= at + 9:
            height, width = struct.unpack("!HH", data[at + 5 : at + 9])
            size = (width, height)
        at += 2 + length
    raise RefusedFrame("a frame must be a whole JPEG; send one that a canvas has made")


def _check_size(width: int, height: int) -> None:
    longer, shorter = max(width, height), min(width, height)
    if longer > MAX_LONGER_SIDE_PX or shorter > MAX_SHORTER_SIDE_PX or shorter < MIN_SIDE_PX:
        limit = f"{MAX_LONGER_SIDE_PX}x{MAX_SHORTER_SIDE_PX}"
        raise RefusedFrame(f"a frame of {width}x{height} is too large or too small; send at most {limit}")
