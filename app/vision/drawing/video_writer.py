"""Write videos that browsers play: H.264 in MP4."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

TICKS_PER_SECOND = 90_000  # usual time base of MPEG
ENCODER_OPTIONS = {"preset": "veryfast", "crf": "20"}  # visually lossless, faster than the analysis
MAX_RATE_DENOMINATOR = 1001  # represents 30000/1001 (NTSC) exactly


class VideoRecorder:
    """Writes frames with time stamps; the file appears under its name once it is complete."""

    def __init__(self, path: Path, width: int, height: int, fps: float) -> None:
        """Open the file.

        Args:
            width, height: Size of every frame; H.264 needs even sides, so an odd last column or row is cropped.
            fps: Approximate frame rate.
        """
        self._path, self._part = path, path.with_name(path.name + ".part")
        self._width, self._height = width // 2 * 2, height // 2 * 2
        self._container = av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"})
        rate = Fraction(fps).limit_denominator(MAX_RATE_DENOMINATOR)
        self._stream = self._container.add_stream("libx264", rate=rate, options=dict(ENCODER_OPTIONS))
        self._stream.width, self._stream.height, self._stream.pix_fmt = self._width, self._height, "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, TICKS_PER_SECOND)
        self._last_tick = -1

    def write(self, image: np.ndarray, time_s: float) -> None:
        """Add a frame shown from `time_s` on.

        Args:
            image: RGB uint8, shape (height, width, 3).
            time_s: Later than that of the last frame.
        """
        even = np.ascontiguousarray(image[: self._height, : self._width])
        frame = av.VideoFrame.from_ndarray(even, format="rgb24")
        self._last_tick = max(self._last_tick + 1, round(time_s * TICKS_PER_SECOND))
        frame.pts, frame.time_base = self._last_tick, Fraction(1, TICKS_PER_SECOND)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Complete the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
        self._part.replace(self._path)

    def discard(self) -> None:
        """Delete the incomplete file."""
        self._container.close()
        self._part.unlink(missing_ok=True)
