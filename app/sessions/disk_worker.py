"""One thread that does everything that waits for the disk, in order."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, TypeVar

from app.errors import SessionError

Result = TypeVar("Result")
RunBlocking = Callable[..., Any]

log = logging.getLogger(__name__)


def call_now(function: Callable[..., Result], *args: Any) -> Result:
    """The plain `run_blocking`: the worker's own thread waits."""
    return function(*args)


class DiskWorker:
    """Runs calls one after the other; under green threads `run_blocking` takes them to a real one.

    Only one call runs at a time, so the locks inside SQLAlchemy (green once patched) are never contended
    between real threads, which would deadlock.
    """

    def __init__(self, run_blocking: RunBlocking = call_now, *, timeout_s: float = 7.0) -> None:
        self._run_blocking = run_blocking
        self._timeout_s = timeout_s
        self._jobs: queue.Queue[tuple[Callable[..., Any], tuple[Any, ...], Future[Any]] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._work, name="sessions", daemon=True)
        self._closed = False
        self._thread.start()

    def post(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Run later; returns at once."""
        future: Future[Any] = Future()
        if self._closed:
            future.set_exception(SessionError("the server is stopping; start it again"))
        else:
            self._jobs.put((function, args, future))
        return future

    def call(self, function: Callable[..., Result], *args: Any) -> Result:
        """Run and wait for the result.

        Raises:
            SessionError: the disk does not answer in time; whatever `function` raises.
        """
        return self.wait(self.post(function, *args))

    def wait(self, future: Future[Result]) -> Result:
        """Wait for what was posted; raises as `call` does."""
        try:
            return future.result(self._timeout_s)
        except FutureTimeout:
            message = f"the disk did not answer within {self._timeout_s:g} s; check it and try again"
            raise SessionError(message) from None

    def set_timeout(self, timeout_s: float) -> None:
        """Wait no longer than this from now on, as when the server is ending."""
        self._timeout_s = timeout_s

    def close(self) -> None:
        """Finish what is queued, then end the thread; may be called twice."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        self._thread.join(self._timeout_s)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            function, args, future = job
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._run_blocking(function, *args))
            except Exception as error:  # handed to whoever waits for the result
                future.set_exception(error)
