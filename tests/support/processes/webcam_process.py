"""The vision process with a made-up webcam: `python -m tests.support.processes.webcam_process STATE_FILE FD`.

STATE_FILE says what the webcam does: `sends`, `gone` (reading fails), `hangs` (reading never comes back), or `opens`
with the seconds that opening takes.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

PICTURE = np.full((48, 64, 3), 90, np.uint8)


class Webcam:
    """A `cv2.VideoCapture`."""

    def __init__(self, state: Path) -> None:
        self._state = state
        word, _, seconds = state.read_text().partition(" ")
        if word == "opens":
            time.sleep(float(seconds))

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._state.read_text() != "gone"

    def read(self) -> tuple[bool, np.ndarray | None]:
        time.sleep(1 / 30)
        state = self._state.read_text()
        if state == "hangs":
            threading.Event().wait()
        return (False, None) if state == "gone" else (True, PICTURE)

    def grab(self) -> bool:
        return self.read()[0]

    def get(self, _property: int, /) -> float:
        return 0.0

    def release(self) -> None:
        pass


def main(state: Path, descriptor: int) -> None:
    import app.vision.capture.video_capture
    from app.vision.worker.__main__ import main as serve

    def opened(_target: str | int, _backend: int, _parameters: Sequence[int]) -> Webcam:
        return Webcam(state)

    app.vision.capture.video_capture._opencv_capture = opened
    serve(descriptor)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
