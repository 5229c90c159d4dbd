"""Tell that something has stopped, without blaming it for time in which we were stopped ourselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_STEP_S = 1.0
EXIT_CAMERA_HANGS = 75  # how the vision process ends where only its end lets go of the camera


class StallTimer:
    """Seconds since the last sign of life, as counted by whoever asks a few times a second.

    After a suspended night, or after this process was stopped and continued, the clock is far ahead; of that only
    one step counts, so that the other side has time to speak again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.broken()

    def broken(self) -> None:
        """A sign of life: counting begins anew."""
        self._counted_s, self._asked_at_s = 0.0, self._clock()

    def seconds(self) -> float:
        """How long it lasts."""
        now_s = self._clock()
        self._counted_s += min(max(0.0, now_s - self._asked_at_s), LONGEST_STEP_S)
        self._asked_at_s = now_s
        return self._counted_s


@dataclass(frozen=True, eq=False, slots=True)
class Timeouts:
    """How long a call into a device may take.

    Attributes:
        told_after_s: A person is told by then; None where waiting is no news.
        hangs_after_s: By then the call does not come back by itself.
    """

    told_after_s: float | None
    hangs_after_s: float
