"""Detect that another thread, process or device has stalled, even if this process was suspended meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

Owner = TypeVar("Owner")

# Longest time that counts between two checks.
MAX_STEP_S = 1.0
# Exit code of the vision process if only its end releases a hanging camera; BSD's EX_TEMPFAIL.
EXIT_CAMERA_HANGS = 75


class StallTimer:
    """Time since the last sign of life, accumulated by checks a few times per second.

    After this process was suspended or stopped the clock is far ahead. Each check counts at most `MAX_STEP_S`, so that
    the other side has time to respond.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Record a sign of life."""
        self._elapsed_s, self._checked_at_s = 0.0, self._clock()

    def elapsed_s(self) -> float:
        """Seconds since the last sign of life, as far as they were checked."""
        now_s = self._clock()
        self._elapsed_s += min(max(0.0, now_s - self._checked_at_s), MAX_STEP_S)
        self._checked_at_s = now_s
        return self._elapsed_s


@dataclass(frozen=True, eq=False, slots=True)
class Timeouts:
    """Time limits of a call into a device.

    Attributes:
        report_after_s: After this time the delay is reported to viewers; None if it never is.
        hang_after_s: After this time the call is considered to hang.
    """

    report_after_s: float | None
    hang_after_s: float


class CallMonitor(Generic[Owner]):
    """Knows the call into a device that one thread is in, so that another one can tell that it hangs."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._stall_timer = StallTimer(clock)
        self._call: tuple[Owner, Timeouts] | None = None

    @contextmanager
    def limit_time(self, owner: Owner, timeouts: Timeouts) -> Iterator[None]:
        """Supervise the call in the `with` block, on behalf of `owner`."""
        call = (owner, timeouts)
        self._stall_timer.reset()
        self._call = call
        try:
            yield
        finally:
            if self._call is call:
                self._call = None

    def current(self) -> tuple[Owner, Timeouts, float] | None:
        """Owner and time limits of the current call, and the seconds that it takes so far; None without one."""
        call = self._call
        return call and (*call, self._stall_timer.elapsed_s())
