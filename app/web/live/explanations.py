"""Requests for explanations: the vision process answers one at a time, at most one a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from app.errors import AppError
from app.wire import Message

# A request costs the vision process 75 runs of a network, beside its frames.
MIN_INTERVAL_S = 1.0
# It takes a fifth of a second, and several on a computer that is busy with other things: the frames go first.
TIMEOUT_S = 15.0


class ExplanationRefused(AppError, RuntimeError):
    """A face cannot be explained now."""


class Explanations:
    """Passes requests to the vision process and waits for the answers, which nothing keeps.

    Args:
        send: Sends a command to the vision process.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self, send: Callable[[str, Mapping[str, Any]], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._send, self._clock = send, clock
        self._lock = threading.Lock()
        self._requests, self._asked_at_s = 0, -MIN_INTERVAL_S
        self._is_waiting = False
        self._answered = threading.Event()
        self._answer: Message | None = None

    def receive(self, message: Message) -> None:
        """Hand an `explanation` message to the request that waits for it; one that came too late is dropped."""
        with self._lock:
            if self._is_waiting and message.body["request"] == self._requests:
                self._answer = message
                self._answered.set()

    def request(self, person: int, attribute: str, timeout_s: float = TIMEOUT_S) -> Message:
        """Explain what is read from a person.

        Raises:
            ExplanationRefused: another request runs or ended less than a second ago, the vision process refuses, or
                does not answer in time.
        """
        number = self._begin()
        try:
            self._send("explain", {"request": number, "person": person, "attribute": attribute})
            self._answered.wait(timeout_s)
        finally:
            answer = self._end()
        if answer is None:
            raise ExplanationRefused(f"the vision process gave no answer within {timeout_s:g} s; try again")
        if "error" in answer.body:
            raise ExplanationRefused(answer.body["error"])
        return answer

    def _begin(self) -> int:
        with self._lock:
            if self._is_waiting:
                raise ExplanationRefused("another explanation is being made; try again in a moment")
            if self._clock() - self._asked_at_s < MIN_INTERVAL_S:
                raise ExplanationRefused("one explanation a second is made; try again in a moment")
            self._requests, self._asked_at_s = self._requests + 1, self._clock()
            self._is_waiting, self._answer = True, None
            self._answered.clear()
            return self._requests

    def _end(self) -> Message | None:
        with self._lock:
            answer, self._answer, self._is_waiting = self._answer, None, False
            return answer
