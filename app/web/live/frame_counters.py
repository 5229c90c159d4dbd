"""What is counted of the frames since the server started."""

from __future__ import annotations

from app.domain import FrameResult


class FrameCounters:
    """Counts results in the order in which they come.

    Attributes:
        frames: Analysed pictures.
        dropped: Pictures that the camera gave and that were passed over, since a newer one was there; those that nobody
            was watching are none.
        stages: Seconds spent and times counted, by stage.
    """

    def __init__(self) -> None:
        self.frames, self.dropped = 0, 0
        self.stages: dict[str, tuple[float, int]] = {}
        self._last_index: int | None = None

    def add(self, result: FrameResult) -> None:
        """Count one result; an index that is no higher than the last is a new beginning."""
        self.frames += 1
        if self._last_index is not None and result.index > self._last_index:
            self.dropped += max(0, result.index - self._last_index - 1 - result.skipped_while_idle)
        self._last_index = result.index
        for stage, ms in result.stages_ms.items():
            seconds, times = self.stages.get(stage, (0.0, 0))
            self.stages[stage] = seconds + ms / 1000, times + 1
