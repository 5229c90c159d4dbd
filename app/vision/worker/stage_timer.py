"""Time that each stage of a frame takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Clock = Callable[[], float]


class StageTimer:
    """Sums up the duration of each stage in `elapsed_ms`."""

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        self._clock = clock
        self.elapsed_ms: dict[str, float] = {}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the duration of the `with` block to a stage."""
        started_s = self._clock()
        yield
        self.elapsed_ms[stage] = self.elapsed_ms.get(stage, 0.0) + (self._clock() - started_s) * 1000
