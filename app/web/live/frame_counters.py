"""Counters of the frames received since the server started."""

from __future__ import annotations

from app.domain import FrameResult


class FrameCounters:
    """Counts frame results in the order in which they arrive.

    Attributes:
        frames: Analysed frames.
        dropped: Frames that the source delivered but that were skipped because a newer one was available. Frames
            skipped while nobody was watching do not count.
        stages: Total seconds and number of measurements by pipeline stage.
    """

    def __init__(self) -> None:
        self.frames, self.dropped = 0, 0
        self.stages: dict[str, tuple[float, int]] = {}
        self._last_index: int | None = None

    def add(self, result: FrameResult) -> None:
        """Count one result. An index that is not higher than the last one means that the source restarted."""
        self.frames += 1
        if self._last_index is not None and result.index > self._last_index:
            self.dropped += max(0, result.index - self._last_index - 1 - result.skipped_while_idle)
        self._last_index = result.index
        for stage, duration_ms in result.stages_ms.items():
            seconds, count = self.stages.get(stage, (0.0, 0))
            self.stages[stage] = seconds + duration_ms / 1000, count + 1
