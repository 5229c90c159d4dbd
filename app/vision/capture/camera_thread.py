"""The camera thread: opens the source, keeps only the newest picture, and says how the camera is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from app.domain import Frame
from app.errors import CameraUnavailable, CameraUnresponsive
from app.settings import Settings
from app.vision.capture.camera_status import CameraStatus
from app.vision.capture.frame_pacing import Pace, Pacer
from app.vision.capture.frame_source import Clock, FrameSource, SourceInfo, source_kind, source_name
from app.vision.capture.open_source import open_source
from app.vision.runtime.stall_timer import StallTimer, Timeouts

RETRY_S = 1.0
SILENT_S = 2.0  # a live source that sends nothing for so long counts as lost, though reading may go on for longer
OPENING_S = 30.0  # some webcams take 15 s to open
MORE_THAN_ITS_LIMIT_S = 2.0  # a library that overruns the limit it was given by so much hangs
ENDED_NOTICE = "The source has ended. Press resume to play it again."


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame, and how it came.

    Attributes:
        read_ms: Milliseconds that reading it took.
        opening: Changes with every opening of a source.
        left_out: How many pictures of this opening were passed over while nobody watched.
    """

    frame: Frame
    read_ms: float
    opening: int
    skipped_while_idle: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class _Wish:
    """What was last asked for; a new one replaces it, and is told from it by identity."""

    source: str
    paused: bool = False
    stopped: bool = False
    ended: bool = False


class Camera:
    """Reads a source in a thread of its own; whoever takes a picture gets the newest.

    A webcam or stream that fails or is lost is tried again every `RETRY_S`. A webcam that `auto` has found is
    never given up for the demo. A stream may hold its thread up for seconds: another thread then follows the next
    wish, and the first lets go of the stream and ends as soon as it can. Streams are opened one at a time, since
    OpenCV lets each wait for the one before, wanted or not.

    Attributes:
        watched: While it is False most pictures are passed over as they come, so that they cost little; no old one
            waits in the device.
    """

    def __init__(
        self,
        settings: Settings,
        on_status: Callable[[CameraStatus], None],
        paused: bool = False,
        open_source: Callable[[Settings], FrameSource] = open_source,
        clock: Clock = time.monotonic,
    ) -> None:
        self.watched = True
        self._settings, self._on_status, self._open_source, self._clock = settings, on_status, open_source, clock
        self._changed = threading.Condition()
        self._saying = threading.Lock()  # so that the last status said is the newest
        self._opening_stream = threading.Lock()
        self._silence = StallTimer(clock)
        self._waits: tuple[_Wish, Timeouts] | None = None  # while a call into the device has not come back
        self._said: tuple[_Wish, CameraStatus] | None = None
        self._wish = _Wish(settings.source, paused)
        self._newest: Picture | None = None
        self._info: SourceInfo | None = None  # of the source that the wish has opened so far
        self._opening = 0
        self._thread = self._new_thread()

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def take(self, timeout_s: float) -> Picture | None:
        """The newest picture that was not taken yet; None if none comes in time."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None, timeout_s)
            picture, self._newest = self._newest, None
            self._changed.notify_all()
            return picture

    def check(self) -> None:
        """Notice a device that keeps its thread waiting; to be called a few times a second.

        Raises:
            CameraHangs: it does not come back, and only the end of this process lets go of it.
        """
        if self._waits is None:
            return
        (wish, patience), info = self._waits, self._info
        if wish is not self._wish and source_kind(wish.source) == "stream":
            return  # another thread follows the new wish
        silent_s = self._silence.seconds()
        if patience.told_after_s is not None and info is not None and silent_s > patience.told_after_s:
            self._say(wish, "lost", info, error=f"{info.name} sends no frames; check its cable or network")
        if silent_s > patience.hangs_after_s:
            name = source_name(wish.source, source_kind(wish.source)) if info is None else info.name
            raise CameraUnresponsive(f"{name} has not responded for {silent_s:.0f} s; reopening it")

    def pause(self) -> None:
        """Release the camera."""
        self._ask(replace(self._wish, paused=True, ended=False))

    def resume(self) -> None:
        """Open the camera again."""
        if self._wish.paused:
            self._ask(replace(self._wish, paused=False, ended=False))

    def select(self, source: str) -> None:
        """Change to another source, and play it."""
        self._ask(_Wish(source), is_other=True)

    def close(self, timeout_s: float = 0.7) -> None:
        """Stop reading and release the camera."""
        self._ask(replace(self._wish, stopped=True))
        self._thread.join(timeout_s)

    def _ask(self, wish: _Wish, is_other: bool = False) -> None:
        with self._changed:
            before, self._wish, self._newest = self._wish, wish, None
            if is_other:
                self._info = None
            if source_kind(before.source) == "stream" and not before.paused and not wish.stopped:
                self._thread = self._new_thread()
                self._thread.start()
            self._changed.notify_all()

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name="camera", daemon=True)

    def _run(self) -> None:
        while wish := self._next_wish():
            if wish.paused:
                self._say(wish, "paused", self._info, notice=ENDED_NOTICE if wish.ended else None)
                self._wait(wish, None)
            else:
                self._play(wish)

    def _next_wish(self) -> _Wish | None:
        """What this thread is to do; None where it is to end."""
        with self._changed:
            mine = self._thread is threading.current_thread()
            return self._wish if mine and not self._wish.stopped else None

    def _say(self, wish: _Wish, state: str, info: SourceInfo | None = None, **words: str | None) -> None:
        """Tell the status unless it is old news."""
        status = CameraStatus(state, wish.source, info, **words)
        with self._saying:
            if self._wish is wish and (self._said is None or status != self._said[1]):
                self._said = wish, status
                self._on_status(status)

    def _play(self, wish: _Wish) -> None:
        """Open the source, and read until it ends, fails, or something else is asked for; then wait if need be."""
        source = self._opened(wish)
        if source is None:
            self._wait(wish, RETRY_S if _may_come_back(wish.source) else None)
            return
        try:
            if self._keeps(wish, source.info):
                self._say(wish, "live", source.info)
                self._read(wish, source)
        except CameraUnavailable as error:
            self._say(wish, "lost", self._info, error=str(error))
            source.close()
            self._wait(wish, RETRY_S)
        finally:
            source.close()

    def _opened(self, wish: _Wish) -> FrameSource | None:
        """The source, or None after saying why not."""
        was_open = self._info
        keeps_webcam = wish.source == "auto" and was_open is not None and was_open.kind == "webcam"
        self._opening += 1
        if was_open is None and not self._has_failed(wish):
            self._say(wish, "opening")
        try:
            settings = replace(self._settings, source="0" if keeps_webcam else wish.source)
            with self._patient(wish, self._patience_to_open(wish)):
                return self._open_if_wanted(wish, settings)
        except CameraUnavailable as error:
            self._say(wish, "failed" if was_open is None else "lost", was_open, error=str(error))
            return None

    def _open_if_wanted(self, wish: _Wish, settings: Settings) -> FrameSource | None:
        if source_kind(wish.source) != "stream":
            return self._open_source(settings)
        with self._opening_stream:
            return self._open_source(settings) if self._wish is wish else None

    def _patience_to_open(self, wish: _Wish) -> Timeouts:
        is_stream = source_kind(wish.source) == "stream"
        limit_s = 2 * self._settings.open_timeout_s + MORE_THAN_ITS_LIMIT_S if is_stream else OPENING_S
        return Timeouts(None, limit_s)

    def _patience_to_read(self, info: SourceInfo) -> Timeouts:
        two_pictures_s = 2 / info.fps
        limit_s = self._settings.read_timeout_s + MORE_THAN_ITS_LIMIT_S
        return Timeouts(max(SILENT_S, two_pictures_s) if info.live else None, max(limit_s, 2 * two_pictures_s))

    @contextmanager
    def _patient(self, wish: _Wish, patience: Timeouts) -> Iterator[None]:
        """Let `check` know how long the call within may take."""
        mine = (wish, patience)
        self._silence.broken()
        self._waits = mine
        try:
            yield
        finally:
            if self._waits is mine:
                self._waits = None

    def _keeps(self, wish: _Wish, info: SourceInfo) -> bool:
        """Note what has been opened; False where it is no longer wanted."""
        with self._changed:
            if self._wish is wish:
                self._info = info
            return self._wish is wish

    def _has_failed(self, wish: _Wish) -> bool:
        """Whether this is one more try, of which nobody needs to hear."""
        return self._said is not None and self._said[0] is wish and self._said[1].state == "failed"

    def _read(self, wish: _Wish, source: FrameSource) -> None:
        info, disable_pacing = source.info, self._settings.disable_pacing
        live, patience, pacer = info.live, self._patience_to_read(info), Pacer(self._clock)
        pace, skipped_while_idle = Pace(), 0
        while self._wish is wish:
            started_s = self._clock()
            due = disable_pacing or pace.is_due(started_s, self.watched)
            with self._patient(wish, patience):
                frame, time_s = _read_or_skipped(source, due)
            read_ms = (self._clock() - started_s) * 1000
            if time_s is None:
                self._end(wish)
                return
            if self._said is not None and self._said[1].state == "lost":
                self._say(wish, "live", info)
            if not live and not disable_pacing:
                self._wait(wish, pacer.wait_s(time_s))
                frame = frame and replace(frame, read_at_s=self._clock())
            if frame is None:
                skipped_while_idle += 1
                continue
            picture = Picture(frame, 0.0 if live else read_ms, self._opening, skipped_while_idle)
            self._offer(wish, picture, keeps_all=disable_pacing and not live)

    def _end(self, wish: _Wish) -> None:
        """A source that has ended rests as if it were paused, so that resuming plays it again."""
        with self._changed:
            if self._wish is wish:
                self._wish = replace(wish, paused=True, ended=True)

    def _offer(self, wish: _Wish, picture: Picture, keeps_all: bool) -> None:
        with self._changed:
            if keeps_all:
                self._changed.wait_for(lambda: self._newest is None or self._wish is not wish)
            if self._wish is wish:
                self._newest = picture
                self._changed.notify_all()

    def _wait(self, wish: _Wish, seconds: float | None) -> None:
        """Wait that long (None: for ever), or until something else is asked for."""
        with self._changed:
            self._changed.wait_for(lambda: self._wish is not wish, seconds)


def _read_or_skipped(source: FrameSource, due: bool) -> tuple[Frame | None, float | None]:
    """The next picture where it is due, and its time; no time at the end."""
    if not due:
        return None, source.skip()
    frame = source.read()
    return frame, None if frame is None else frame.time_s


def _may_come_back(source: str) -> bool:
    """Webcams are plugged in again and streams return; a file that cannot be read stays so."""
    return source_kind(source) in ("auto", "webcam", "stream")
