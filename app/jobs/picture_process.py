"""Analyse single pictures in a process of their own, which starts with the first picture and ends when none come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from app.errors import AppError, UnreadableMedia
from app.jobs.child_process import ChildProcess
from app.settings import Settings
from app.wire import Message, pack_message, read_message

MODULE = "app.analysis.service.picture_worker"
# Limits of a picture; also stated in docs/api.md.
MAX_PICTURE_BYTES = 20 * 1024 * 1024
MAX_PICTURE_MEGAPIXELS = 50.0
# Pictures in progress, of which one is analysed and the others are received or wait. Each is held in memory.
MAX_PICTURES = 4
# A picture of 50 megapixels takes 2 s on a busy core; the models are loaded before, perhaps from a slow disk.
PICTURE_TIMEOUT_S = 30.0


class AnalysisBusy(AppError, RuntimeError):
    """More is to be analysed than is accepted at a time."""


class AnalysisFailed(AppError, RuntimeError):
    """The process that analyses cannot do its work."""


class PictureProcess:
    """Analyses one picture at a time. May be used from several threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        timeout_s: float = PICTURE_TIMEOUT_S,
        start: Callable[..., ChildProcess] = ChildProcess,
    ) -> None:
        self._settings, self._timeout_s, self._start = settings, timeout_s, start
        self._places = threading.BoundedSemaphore(MAX_PICTURES)
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the places, from before a picture is received until it is analysed.

        Raises:
            AnalysisBusy: all are taken.
        """
        if not self._places.acquire(blocking=False):
            raise AnalysisBusy(f"{MAX_PICTURES} pictures are being analysed; try again in a moment")
        try:
            yield
        finally:
            self._places.release()

    def analyze(self, content: bytes, name: str | None) -> Mapping[str, Any]:
        """The record of a picture, as `python -m app analyze` writes it.

        Args:
            content: The bytes of an image file.
            name: For `path` of the record.
        Raises:
            UnreadableMedia: the picture cannot be read, or the process ended or did not answer because of it.
            AnalysisFailed: the process cannot be started, or the models cannot be loaded.
        """
        request = pack_message(Message("picture", {"name": name}, [content]))
        with self._lock:
            answer = self._exchange(request)
            if answer is None and self._has_idled_out():
                answer = self._exchange(request)
            return self._result(answer)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _exchange(self, request: bytes) -> Message | None:
        """Send a request and wait for the answer; None if the process ends meanwhile."""
        if self._process is None:
            try:
                self._process = self._start(MODULE, self._settings)
            except OSError as error:
                raise AnalysisFailed(f"the analysis cannot be started ({error.strerror}); try again later") from None
        connection = self._process.connection
        connection.settimeout(self._timeout_s)
        try:
            connection.sendall(request)
            return read_message(connection)
        except TimeoutError:
            self.close()
            raise UnreadableMedia(
                f"the picture takes longer than {self._timeout_s:g} s; send a smaller one", "too slow"
            ) from None
        except OSError:
            return None

    def _has_idled_out(self) -> bool:
        """Whether the process has ended by itself since no pictures came; then it is started again."""
        if self._process is None:
            return False
        self._process.wait()
        if self._process.poll() != 0:
            return False
        self.close()
        return True

    def _result(self, answer: Message | None) -> Mapping[str, Any]:
        if answer is None:
            reason = self._process.exit_reason if self._process else "it was stopped"
            self.close()
            raise UnreadableMedia(f"the process that read the picture ended ({reason}); send another one", "crash")
        if answer.type == "record":
            return answer.body
        if answer.type == "unreadable":
            raise UnreadableMedia(answer.body["error"])
        self.close()
        raise AnalysisFailed(answer.body["error"])
