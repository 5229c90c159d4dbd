"""The real vision process computes on as many threads as were chosen, on whatever computer."""

import numpy as np
import psutil

from app.settings import Settings
from app.vision.drawing.video_writer import VideoRecorder
from app.vision.runtime.thread_limits import THREADS
from tests.support.vision import Watched


def test_no_library_adds_threads_of_its_own(tmp_path):
    """A video in H.264, the own detector and every model; beside the analysis run camera, drawing and commands."""
    clip = VideoRecorder(tmp_path / "clip.mp4", 320, 240, 25)
    for index in range(25):
        clip.write(np.full((240, 320, 3), 10 * index, np.uint8), index / 25)
    clip.close()
    one = Watched(Settings(source=str(tmp_path / "clip.mp4"), loop=True))
    try:
        child = psutil.Process(one.vision("running")["pid"])
        one.frame(lambda result: result.index > 3)
        assert child.num_threads() == 3 + THREADS
    finally:
        one.link.close()
