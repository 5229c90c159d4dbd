"""Pictures that show a running number as coloured blocks."""

from __future__ import annotations

import time

import numpy as np

from tests.support.processes.network_camera import encode_jpeg

WIDTH_PX, HEIGHT_PX = 640, 480
# Four blocks with one bit in each of three channels: numbers up to 4095, two minutes at 30 pictures per second.
BLOCKS = 4
BITS_PER_BLOCK = 3
# Larger than the blocks of 16 pixels in which JPEG stores colours.
BLOCK_PX = 64
BACKGROUND_LEVEL = 90


class NumberedPictures:
    """Makes pictures with a running number.

    Attributes:
        made_at_s: Time of each picture, in seconds since the epoch, by its number.
    """

    def __init__(self) -> None:
        self.made_at_s: dict[int, float] = {}

    def __call__(self) -> bytes:
        """The next picture as a JPEG."""
        number = len(self.made_at_s) % 2 ** (BLOCKS * BITS_PER_BLOCK)
        jpeg = encode_jpeg(draw_number(number))
        self.made_at_s[number] = time.time()
        return jpeg


def draw_number(number: int) -> np.ndarray:
    """A picture with a number as coloured blocks at its upper left: BGR uint8, shape (480, 640, 3)."""
    picture = np.full((HEIGHT_PX, WIDTH_PX, 3), BACKGROUND_LEVEL, np.uint8)
    for block in range(BLOCKS):
        bits = [number >> (block * BITS_PER_BLOCK + channel) & 1 for channel in range(BITS_PER_BLOCK)]
        picture[:BLOCK_PX, block * BLOCK_PX : (block + 1) * BLOCK_PX] = [255 * bit for bit in reversed(bits)]
    return picture
