"""Processor time of drawing one view, with faces that move and readings that change.

`python -m tests.support.labels.drawing_time [--frames 300] [--size medium]` prints milliseconds a frame.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.domain import Box, Face, PictureSize, Track, ViewOptions
from app.vision.drawing.annotate import Annotator
from app.vision.drawing.picture_scale import enlarge, view_enlargement

FACE_COUNTS = (1, 4, 9, 15)
FRAME_SIZES_PX = ((640, 480), (1280, 720))
FRAMES_PER_SECOND = 30


def moving_tracks(count: int, index: int, width: int, height: int, attributes: AttributeSet) -> list[Track]:
    """Faces in a grid that sway, with an emotion whose probability goes up and down."""
    columns = int(np.ceil(np.sqrt(count * width / height)))
    cell_x, cell_y = width / columns, height / np.ceil(count / columns)
    side = 0.45 * min(cell_x, cell_y)
    tracks = []
    for number in range(count):
        x = (number % columns + 0.5) * cell_x + 12 * np.sin(index / 20 + number)
        y = (number // columns + 0.55) * cell_y + 8 * np.cos(index / 23 + number)
        share = 0.75 + 0.1 * float(np.sin(index / 15 + number))
        estimates = {
            "emotion": ClassEstimate({"happy": share, "neutral": 1 - share}, "happy"),
            "age": NumberEstimate(30 + number + 2 * float(np.sin(index / 40))),
            "sex": ClassEstimate({"male": 0.1, "female": 0.9}, "female"),
        }
        box = Box(x - side / 2, y - 0.65 * side, x + side / 2, y + 0.65 * side)
        tracks.append(Track(number + 1, Face(box, 0.9), attributes.report(estimates)))
    return tracks


def measure(count: int, width: int, height: int, size: PictureSize, frames: int) -> np.ndarray:
    """Milliseconds of processor time of each frame, float (frames,)."""
    attributes, image = AttributeSet(), np.full((height, width, 3), 90, np.uint8)
    annotator, view, times_ms = Annotator(attributes), ViewOptions(attributes.default_show, size), []
    for index in range(frames):
        tracks = moving_tracks(count, index, width, height, attributes)
        started_s = time.process_time()
        larger, drawn = enlarge(image, tracks, view_enlargement(image, size))
        annotator.draw(larger, drawn, view, index / FRAMES_PER_SECOND)
        times_ms.append(1000 * (time.process_time() - started_s))
    return np.array(times_ms)


def main() -> None:
    """Measure all numbers of faces and sizes of frames."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--size", type=PictureSize, choices=list(PictureSize), default=PictureSize.MEDIUM)
    options = parser.parse_args()
    for width, height in FRAME_SIZES_PX:
        for count in FACE_COUNTS:
            times_ms = measure(count, width, height, options.size, options.frames)
            middle, late = np.percentile(times_ms, (50, 95))
            figures = f"mean {times_ms.mean():.2f}, median {middle:.2f}, p95 {late:.2f} ms"
            print(f"{width}x{height}, {count} faces: {figures}")


if __name__ == "__main__":
    main()
