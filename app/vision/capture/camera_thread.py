"""The camera thread: opens the source, keeps only the newest frame, and reports the state of the camera."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.errors import CameraUnavailable, CameraUnresponsive, NoBrowserCamera
from app.settings import Settings
from app.vision.capture.camera_status import (
    ENDED_NOTICE,
    CameraRequest,
    CameraStatus,
    silence_error,
    unstable_error,
)
from app.vision.capture.frame_pacing import IdleThrottle, PlaybackClock
from app.vision.capture.frame_source import (
    CapturedFrame,
    Clock,
    FrameSource,
    SeekableSource,
    SourceInfo,
    is_retried,
    read_or_skip,
    source_kind,
    source_name,
)
from app.vision.capture.loss_history import LossHistory
from app.vision.capture.open_source import open_source
from app.vision.runtime.call_timeouts import LOST_AFTER_S, open_timeouts, read_timeouts
from app.vision.runtime.stall_timer import CallMonitor

# How long `close` waits for the thread; less than the web process waits for this one.
CLOSE_TIMEOUT_S = 0.7


class Camera:
    """Reads a source in its own thread and keeps the newest frame.

    A webcam or stream that fails is reopened (`LossHistory`), a file or folder is not. A webcam that `auto` has found
    is never replaced by the demo. Since a stream may block its thread for seconds, another thread serves the next
    request, and the first one ends as soon as it can. Streams are opened one at a time: OpenCV serializes the calls
    anyway. A file or folder waits for the first viewer.
    """

    def __init__(
        self,
        settings: Settings,
        on_status: Callable[[CameraStatus], None],
        paused: bool = False,
        open_source: Callable[[Settings], FrameSource] = open_source,
        clock: Clock = time.monotonic,
    ) -> None:
        self._has_viewers = True
        self._settings, self._on_status, self._open_source, self._clock = settings, on_status, open_source, clock
        self._changed = threading.Condition()
        self._status_lock = threading.Lock()  # the last status reported must be the newest
        self._stream_lock = threading.Lock()
        self._calls: CallMonitor[CameraRequest] = CallMonitor(clock)
        self._reported: tuple[CameraRequest, CameraStatus] | None = None
        self._request = CameraRequest(settings.source, paused)
        self._losses = LossHistory(clock)  # of the current request
        self._newest: CapturedFrame | None = None
        self._info: SourceInfo | None = None  # of the last source opened for the requested text
        self._opening, self._position_s = 0, 0.0
        self._thread = self._new_thread()

    @property
    def has_viewers(self) -> bool:
        """While False most frames are skipped without decoding: this is cheap and keeps the device's buffer empty."""
        return self._has_viewers

    @has_viewers.setter
    def has_viewers(self, value: bool) -> None:
        with self._changed:
            self._has_viewers = value
            self._changed.notify_all()

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    def take(self, timeout_s: float) -> CapturedFrame | None:
        """Wait for a new frame and remove it; None after the time-out."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None, timeout_s)
            captured, self._newest = self._newest, None
            self._changed.notify_all()
            return captured

    def check(self) -> None:
        """Detect a device that blocks its thread; call a few times per second.

        Raises:
            CameraUnresponsive: the call does not return; only the end of this process releases the device.
        """
        call = self._calls.current()
        if call is None:
            return
        (request, timeouts, elapsed_s), info = call, self._info
        if request is not self._request and source_kind(request.source) == "stream":
            return  # another thread serves the new request
        if timeouts.report_after_s is not None and info is not None and elapsed_s > timeouts.report_after_s:
            self._report_lost(request, info, silence_error(info))
        if elapsed_s > timeouts.hang_after_s:
            name = source_name(request.source, source_kind(request.source)) if info is None else info.name
            raise CameraUnresponsive(f"{name} has not responded for {elapsed_s:.0f} s; reopening it")

    def pause(self) -> None:
        """Release the camera; a file or folder continues here when it is resumed."""
        self._set_request(replace(self._request, paused=True, ended=False, start_s=self._position_s))

    def resume(self) -> None:
        """Open the camera again."""
        if self._request.paused:
            self._set_request(replace(self._request, paused=False, ended=False))

    def seek(self, position_s: float) -> None:
        """Play a file or folder from this position, also one that is paused or has ended; ignored for other sources."""
        if self._info is not None and self._info.duration_s is not None:
            self._set_request(replace(self._request, paused=False, ended=False, start_s=position_s))

    def select(self, source: str) -> None:
        """Change to another source and play it."""
        self._set_request(CameraRequest(source), is_new_source=True)

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Stop reading and release the camera."""
        self._set_request(replace(self._request, stopped=True))
        self._thread.join(timeout_s)

    def _set_request(self, request: CameraRequest, is_new_source: bool = False) -> None:
        with self._changed:
            before, self._request, self._newest = self._request, request, None
            self._losses = LossHistory(self._clock)
            if is_new_source:
                self._info, self._position_s = None, 0.0
            if source_kind(before.source) == "stream" and not before.paused and not request.stopped:
                self._thread = self._new_thread()
                self._thread.start()
            self._changed.notify_all()

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name="camera", daemon=True)

    def _run(self) -> None:
        while request := self._next_request():
            if request.paused:
                notice = ENDED_NOTICE if request.ended else None
                self._report(request, "paused", self._info, notice=notice, ended=request.ended)
                self._wait_for_change(request, None)
            else:
                self._play(request)

    def _next_request(self) -> CameraRequest | None:
        """The request for this thread; None if it must end."""
        with self._changed:
            is_current = self._thread is threading.current_thread()
            return self._request if is_current and not self._request.stopped else None

    def _report(self, request: CameraRequest, state: str, info: SourceInfo | None = None, **details: Any) -> None:
        """Report the status, with further fields of it, unless it is outdated or unchanged."""
        status = CameraStatus(state, request.source, info, **details)
        with self._status_lock:
            if self._request is request and (self._reported is None or status != self._reported[1]):
                self._reported = request, status
                self._on_status(status)

    def _report_live(self, request: CameraRequest, info: SourceInfo) -> None:
        """Report that frames come, unless the camera is likely to be lost again soon."""
        if not self._losses.is_unstable:
            self._report(request, "live", info)

    def _report_lost(self, request: CameraRequest, info: SourceInfo | None, error: str) -> None:
        """Report a source that fails; of a camera that is lost again and again only that it is."""
        if request is not self._request:
            return
        self._losses.add_loss()
        state = "lost" if info is not None and is_retried(request.source) else "failed"
        self._report(request, state, info, error=unstable_error(request.source) if self._losses.is_unstable else error)

    def _play(self, request: CameraRequest) -> None:
        """Open the source and read until it ends, fails, or the request changes; wait before the next attempt."""
        source = self._open(request)
        if source is None:
            self._wait_for_retry(request)
            return
        try:
            if self._is_still_requested(request, source.info):
                self._prepare_file(request, source)
                self._report_live(request, source.info)
                self._read_frames(request, source)
        except NoBrowserCamera:
            pass  # opening it again waits for the next frame
        except CameraUnavailable as error:
            self._report_lost(request, source.info, str(error))
            source.close()
            self._wait_for_retry(request)
        finally:
            source.close()

    def _open(self, request: CameraRequest) -> FrameSource | None:
        """Open the source; None if that fails, which is reported."""
        last_info = self._info
        keeps_webcam = request.source == "auto" and last_info is not None and last_info.kind == "webcam"
        self._opening += 1
        if last_info is None and not self._has_failed(request):
            self._report(request, "opening")
        try:
            settings = replace(self._settings, source="0" if keeps_webcam else request.source)
            with self._calls.limit_time(request, open_timeouts(source_kind(request.source), self._settings)):
                return self._open_unless_outdated(request, settings)
        except NoBrowserCamera:
            self._report(request, "waiting")
            return None
        except CameraUnavailable as error:
            self._report_lost(request, last_info, str(error))
            return None

    def _open_unless_outdated(self, request: CameraRequest, settings: Settings) -> FrameSource | None:
        if source_kind(request.source) != "stream":
            return self._open_source(settings)
        with self._stream_lock:
            return self._open_source(settings) if self._request is request else None

    def _is_still_requested(self, request: CameraRequest, info: SourceInfo) -> bool:
        """Store the info of an opened source; False if the request has changed meanwhile."""
        with self._changed:
            if self._request is request:
                self._info = info
            return self._request is request

    def _prepare_file(self, request: CameraRequest, source: FrameSource) -> None:
        """Wait for the first viewer, and go to the requested position; live sources and the demo do neither."""
        if source.info.live or not isinstance(source, SeekableSource) or self._settings.disable_pacing:
            return
        if not self.has_viewers:
            self._report(request, "waiting", source.info)
        with self._changed:
            self._changed.wait_for(lambda: self._has_viewers or self._request is not request)
        if request.start_s and source.info.duration_s is not None:
            with self._calls.limit_time(request, read_timeouts(source.info.kind, 0.0, self._settings)):
                source.seek(request.start_s)

    def _has_failed(self, request: CameraRequest) -> bool:
        """Whether this request has failed before; then a new attempt is not reported."""
        reported = self._reported
        return reported is not None and reported[0] is request and reported[1].state in ("failed", "waiting")

    def _read_frames(self, request: CameraRequest, source: FrameSource) -> None:
        info, disable_pacing = source.info, self._settings.disable_pacing
        live, throttle, skipped = info.live, IdleThrottle(), 0
        # The rate of a folder is a setting.
        playback_clock = PlaybackClock(self._clock, 1 / info.fps if info.kind == "folder" else LOST_AFTER_S)
        interval_s = 0.0
        while self._request is request:
            started_s = self._clock()
            due = disable_pacing or throttle.is_due(started_s, self.has_viewers)
            with self._calls.limit_time(request, read_timeouts(info.kind, interval_s, self._settings)):
                frame, time_s = read_or_skip(source, due)
            interval_s = self._clock() - started_s
            if time_s is None:
                self._end(request)
                return
            position_s = source.position_s if isinstance(source, SeekableSource) else None
            self._position_s = position_s or 0.0
            self._losses.add_frame()
            self._report_live(request, info)
            if not live and not disable_pacing:
                self._wait_for_change(request, playback_clock.wait_s(time_s))
                frame = frame and replace(frame, read_at_s=self._clock())
            if frame is None:
                skipped += 1
                continue
            read_ms = 0.0 if live else interval_s * 1000
            captured = CapturedFrame(frame, read_ms, self._opening, skipped, info.unrelated_frames, position_s)
            self._offer(request, captured, keeps_all=disable_pacing and not live)

    def _end(self, request: CameraRequest) -> None:
        """Pause a source that has ended, so that resuming plays it again from the start."""
        with self._changed:
            if self._request is request:
                self._position_s = 0.0
                self._request = replace(request, paused=True, ended=True, start_s=0.0)

    def _offer(self, request: CameraRequest, captured: CapturedFrame, keeps_all: bool) -> None:
        """Make the frame the newest one; with `keeps_all` wait until the previous one was taken."""
        with self._changed:
            if keeps_all:
                self._changed.wait_for(lambda: self._newest is None or self._request is not request)
            if self._request is request:
                self._newest = captured
                self._changed.notify_all()

    def _wait_for_retry(self, request: CameraRequest) -> None:
        """Wait until the source may be opened again, or the request changes."""
        if source_kind(request.source) != "browser":  # the call that opens it waits by itself
            self._wait_for_change(request, self._losses.retry_s if is_retried(request.source) else None)

    def _wait_for_change(self, request: CameraRequest, timeout_s: float | None) -> None:
        """Wait until the request changes, at most `timeout_s` (None: without limit)."""
        with self._changed:
            self._changed.wait_for(lambda: self._request is not request, timeout_s)
