"""A child process that answers one message at a time; it starts with the first one and ends when none come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.errors import AppError
from app.processes.child_process import ChildProcess, start_analysis
from app.settings import Settings
from app.wire import Message, pack_message, read_message


class AnalysisBusy(AppError, RuntimeError):
    """More is to be analysed than is accepted at a time."""


class AnalysisFailed(AppError, RuntimeError):
    """The process that analyses cannot do its work."""


class AnswerLate(AppError, RuntimeError):
    """The process did not answer in time, and was ended."""


class ProcessEnded(AppError, RuntimeError):
    """The process ended instead of answering; the message is the reason."""


class Places:
    """Lets a number of requests be in progress and refuses further ones at once.

    Args:
        refusal: The line that refuses a further request.
    """

    def __init__(self, count: int, refusal: str) -> None:
        self._free, self._refusal = threading.BoundedSemaphore(count), refusal

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold one of the places.

        Raises:
            AnalysisBusy: all are taken.
        """
        if not self._free.acquire(blocking=False):
            raise AnalysisBusy(self._refusal)
        try:
            yield
        finally:
            self._free.release()


class RequestProcess:
    """Sends requests to a process and waits for the answers. May be used from several threads.

    Args:
        module: As in `start_analysis`.
        settings: As in `start_analysis`.
        timeout_s: Longest time for an answer.
    """

    def __init__(
        self, module: str, settings: Settings, timeout_s: float, start: Callable[..., ChildProcess] = start_analysis
    ) -> None:
        self._module, self._settings, self._start = module, settings, start
        self.timeout_s = timeout_s
        self._lock = threading.Lock()
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        """Process id; None while there is no process."""
        return self._process.pid if self._process else None

    def request(self, message: Message) -> Message:
        """The answer to a message.

        Raises:
            AnalysisFailed: the process cannot be started.
            AnswerLate, ProcessEnded: there was no answer.
        """
        content = pack_message(message)
        with self._lock:
            answer = self._exchange(content)
            if answer is None and self._has_idled_out():
                answer = self._exchange(content)
            if answer is None:
                reason = self._process.exit_reason if self._process else "it was stopped"
                self.close()
                raise ProcessEnded(reason)
            return answer

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def _exchange(self, content: bytes) -> Message | None:
        """Send a request and wait for the answer; None if the process ends meanwhile."""
        if self._process is None:
            try:
                self._process = self._start(self._module, self._settings)
            except OSError as error:
                raise AnalysisFailed(f"the analysis cannot be started ({error.strerror}); try again later") from None
        connection = self._process.connection
        connection.settimeout(self.timeout_s)
        try:
            connection.sendall(content)
            return read_message(connection)
        except TimeoutError:
            self.close()
            raise AnswerLate(f"no answer came within {self.timeout_s:g} s") from None
        except OSError:
            return None

    def _has_idled_out(self) -> bool:
        """Whether the process has ended by itself since no requests came; then it is started again."""
        if self._process is None:
            return False
        self._process.wait()
        if self._process.poll() != 0:
            return False
        self.close()
        return True
