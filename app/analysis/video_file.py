"""Decode video files for analysis with PyAV, packet by packet, all frames or one every so many seconds."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import av
import numpy as np

from app.domain import Frame
from app.errors import UnreadableMedia
from app.vision.capture.frame_source import SourceInfo
from app.vision.capture.video_capture import check_video_file
from app.vision.capture.video_source import FALLBACK_FPS, MAX_PLAUSIBLE_FPS
from app.vision.runtime.thread_limits import THREADS

# Three times an 8K frame. A damaged header may claim more than the memory holds.
MAX_FRAME_PIXELS = 100_000_000
# Share of the frame interval by which a time stamp must exceed the one before.
MIN_TIME_STEP = 0.5


class VideoFile:
    """A video whose frames are decoded one at a time; the memory does not grow with its length."""

    def __init__(self, media: str | Path | BinaryIO, *, name: str | None = None, every_s: float | None = None) -> None:
        """Open the video.

        Args:
            media: Path, or an open file that can be read and, for `every_s`, sought.
            name: Name in error messages; by default the path.
            every_s: Decode one frame every so many seconds; None decodes all.
        Raises:
            UnreadableMedia: it is no video.
        """
        self.name, self._every_s = name or str(media), every_s
        try:
            if isinstance(media, str | Path):
                check_video_file(media)
            self._container: Any = av.open(str(media) if isinstance(media, Path) else media)
            self._stream: Any = self._container.streams.video[0]
        except FileNotFoundError:
            raise UnreadableMedia(f"there is no file {self.name!r}; check the path", "missing") from None
        except (av.FFmpegError, OSError, ValueError, IndexError):
            raise self._no_video() from None
        self._prepare()

    @property
    def info(self) -> SourceInfo:
        """Size and rate of the frames, after the rotation that the file asks for."""
        return SourceInfo("file", self.name, Path(self.name).name, *self._shape, self.fps)

    @property
    def duration_s(self) -> float:
        """Duration that the file reports; 0 if unknown."""
        if self._stream.duration:
            return float(self._stream.duration * self._stream.time_base)
        return self._container.duration / av.time_base if self._container.duration else 0.0

    def frames(self) -> Iterator[Frame]:
        """Decode the frames in order; `index` counts those of the file, also of the ones left out.

        Raises:
            UnreadableMedia: no frame can be decoded.
        """
        try:
            yield from self._all_frames() if self._every_s is None else self._sampled_frames(self._every_s)
        finally:
            self.close()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _prepare(self) -> None:
        """Decode the first frame, for its size and since a file without frames opens, too."""
        context = self._stream.codec_context
        context.thread_count = THREADS
        context.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
        rate = float(self._stream.average_rate or 0)
        self.fps = rate if 0 < rate <= MAX_PLAUSIBLE_FPS else FALLBACK_FPS
        self._decoded = self._decode()
        self._first = next(self._decoded, None)
        if self._first is None:
            self.close()
            raise self._no_video()
        self._start_s = float(self._first.time or 0.0)
        height, width = _to_rgb(self._first).shape[:2]
        self._shape = width, height

    def _all_frames(self) -> Iterator[Frame]:
        time_s = -math.inf
        for index, frame in enumerate(self._from_first()):
            time_s = max(self._time_s(frame, index), time_s + MIN_TIME_STEP / self.fps, 0.0)
            yield Frame(_to_rgb(frame), index, time_s, time_s)

    def _sampled_frames(self, every_s: float) -> Iterator[Frame]:
        """The first frame at or after each multiple of the interval; frames between are skipped by keyframes."""
        keyframes_s = self._keyframes_s()
        wanted_s, position_s = 0.0, -math.inf
        frames = self._from_first()
        while (frame := next(frames, None)) is not None:
            time_s = self._time_s(frame, 0)
            if time_s < position_s:  # a seek that went back would repeat frames
                continue
            position_s = time_s
            # A frame that is early by less than half an interval of the video is the one that was asked for.
            if time_s + MIN_TIME_STEP / self.fps < wanted_s:
                continue
            yield Frame(_to_rgb(frame), round(time_s * self.fps), max(0.0, time_s), time_s)
            wanted_s = (math.floor((time_s + MIN_TIME_STEP / self.fps) / every_s) + 1) * every_s
            keyframe_s = _last_before(keyframes_s, wanted_s)
            if keyframe_s is not None and keyframe_s > time_s + 1 / self.fps:
                frames = self._seek(wanted_s)

    def _keyframes_s(self) -> list[float]:
        """Times of the keyframes by the index of the container, ascending; empty if it has none."""
        entries = getattr(self._stream, "index_entries", ())
        base = self._stream.time_base
        return sorted(float(entry.timestamp * base) - self._start_s for entry in entries if entry.is_keyframe)

    def _seek(self, time_s: float) -> Iterator[Any]:
        """Frames from the last keyframe before a time on."""
        offset = int((time_s + self._start_s) / self._stream.time_base)
        with suppress(av.FFmpegError):  # a stream that cannot be sought is decoded on
            self._container.seek(offset, stream=self._stream, backward=True)
            self._decoded = self._decode()
        return self._decoded

    def _from_first(self) -> Iterator[Any]:
        first, self._first = self._first, None
        if first is not None:
            yield first
        yield from self._decoded

    def _decode(self) -> Iterator[Any]:
        """Frames that can be decoded; damaged packets are skipped."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except (StopIteration, av.FFmpegError, ValueError):  # the end, or a file that breaks off
                return
            with suppress(av.FFmpegError, ValueError):
                yield from packet.decode()

    def _time_s(self, frame: Any, index: int) -> float:
        return index / self.fps if frame.time is None else float(frame.time) - self._start_s

    def _no_video(self) -> UnreadableMedia:
        return UnreadableMedia(
            f"{self.name!r} is not a readable image or video; replace or remove it", "neither image nor video"
        )


def _last_before(times_s: list[float], time_s: float) -> float | None:
    position = bisect_right(times_s, time_s)
    return times_s[position - 1] if position else None


def _to_rgb(frame: Any) -> np.ndarray:
    """RGB uint8, shape (height, width, 3), turned as the file asks for."""
    image = frame.to_ndarray(format="rgb24")
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image
