"""Give up waiting for a call that takes too long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class TimeLimit:
    """Runs calls in threads of their own and waits for each only so long.

    A thread cannot be ended from outside: a call that is given up goes on until it returns.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._given_up: list[threading.Thread] = []

    @property
    def blocked_calls(self) -> int:
        """Number of calls that were given up and still have not returned."""
        self._given_up = [thread for thread in self._given_up if thread.is_alive()]
        return len(self._given_up)

    def call(self, function: Callable[[], T]) -> T:
        """The result of the function, or what it raises.

        Raises:
            TimeoutError: it has not returned in time.
        """
        future: Future[T] = Future()
        thread = threading.Thread(target=_run, args=(function, future), daemon=True)
        thread.start()
        try:
            return future.result(self._timeout_s)
        except TimeoutError:
            if thread.is_alive():
                self._given_up.append(thread)
            raise


def _run(function: Callable[[], Any], future: Future[Any]) -> None:
    try:
        future.set_result(function())
    except Exception as error:  # raised again where the result is waited for
        future.set_exception(error)
