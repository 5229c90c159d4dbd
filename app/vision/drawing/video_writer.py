"""Write annotated videos that a browser plays: H.264 in MP4."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

TICKS_A_SECOND = 90_000


class VideoRecorder:
    """Writes pictures with their times; the file appears under its name once it is whole."""

    def __init__(self, path: Path, width: int, height: int, fps: float) -> None:
        """Open the file.

        Args:
            width, height: Of every picture; an odd last column or row is cut off, as H.264 asks.
            fps: About how many pictures a second come.
        """
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._width, self._height = width // 2 * 2, height // 2 * 2
        self._container = av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"})
        rate = Fraction(fps).limit_denominator(1001)
        self._stream = self._container.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "20"})
        self._stream.width, self._stream.height, self._stream.pix_fmt = self._width, self._height, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, TICKS_A_SECOND)
        self._last_tick = -1

    def write(self, image: np.ndarray, time_s: float) -> None:
        """Add an RGB uint8 picture shown from `time_s` on; times must grow."""
        even = np.ascontiguousarray(image[: self._height, : self._width])
        frame = av.VideoFrame.from_ndarray(even, format="rgb24")
        self._last_tick = max(self._last_tick + 1, round(time_s * TICKS_A_SECOND))
        frame.pts, frame.time_base = self._last_tick, Fraction(1, TICKS_A_SECOND)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Finish the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        self._part.replace(self._path)

    def discard(self) -> None:
        """Give up, leaving nothing behind."""
        self._container.close()
        self._part.unlink(missing_ok=True)
