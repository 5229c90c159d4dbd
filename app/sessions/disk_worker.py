"""One thread that runs all disk access in order."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from app.errors import SessionError

# Allows for three waits for another program's lock (`sqlite.engine.LOCK_TIMEOUT_S` each).
CALL_TIMEOUT_S = 7.0

Result = TypeVar("Result")
RunBlocking = Callable[..., Any]

log = logging.getLogger(__name__)


def run_directly(function: Callable[..., Result], *args: Any) -> Result:
    """The `run_blocking` of operating-system threads: the worker's own thread waits."""
    return function(*args)


class DiskWorker:
    """Runs calls one after the other. With green threads `run_blocking` moves them to an operating-system thread.

    Only one call runs at a time. Locks inside SQLAlchemy are green once patched, and contention between
    operating-system threads on a green lock would deadlock.
    """

    def __init__(self, run_blocking: RunBlocking = run_directly, *, timeout_s: float = CALL_TIMEOUT_S) -> None:
        self._run_blocking = run_blocking
        self._timeout_s = timeout_s
        self._jobs: queue.Queue[tuple[Callable[..., Any], tuple[Any, ...], Future[Any]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="sessions", daemon=True)
        self._closed = False
        self._thread.start()

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Queue a call and return at once."""
        future: Future[Any] = Future()
        if self._closed:
            future.set_exception(SessionError("the server is stopping; start it again"))
        else:
            self._jobs.put((function, args, future))
        return future

    def call(self, function: Callable[..., Result], *args: Any) -> Result:
        """Queue a call and wait for its result.

        Raises:
            SessionError: the disk does not respond in time; also whatever `function` raises.
        """
        return self.wait(self.submit(function, *args))

    def wait(self, future: Future[Result]) -> Result:
        """Wait for the result of `submit`; raises as `call` does."""
        try:
            return future.result(self._timeout_s)
        except FutureTimeout:
            message = f"the disk did not respond within {self._timeout_s:g} s; check it and try again"
            raise SessionError(message) from None

    def set_timeout(self, timeout_s: float) -> None:
        """Change the timeout, for example while the server shuts down."""
        self._timeout_s = timeout_s

    def close(self) -> None:
        """Finish the queued calls, then end the thread. May be called twice."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        self._thread.join(self._timeout_s)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, args, future = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._run_blocking(function, *args))
            except Exception as error:  # raised again by whoever waits for the result
                future.set_exception(error)
