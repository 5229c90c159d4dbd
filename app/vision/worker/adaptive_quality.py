"""Reduce the work per frame when the computer cannot keep up, and restore it when there is room again."""

from __future__ import annotations

from dataclasses import dataclass

# Load is the share of time spent on work, averaged over this window.
WINDOW_S = 1.0
# Above this load frames are dropped; below the second one there is room for a higher quality.
OVERLOAD = 0.9
SPARE_LOAD = 0.55
# Windows in a row that trigger a change; a single one may come from a computer that was suspended.
OVERLOADED_WINDOWS = 2
SPARE_WINDOWS = 5
# A higher quality is on trial for this many windows. If it fails, the next trial waits twice as long, up to the limit.
TRIAL_WINDOWS = 10
MAX_SPARE_WINDOWS = 80
# Longer steps and pauses count only up to this: the process may have been stopped meanwhile.
MAX_COUNTED_S = 2.0


@dataclass(frozen=True, slots=True)
class QualityLevel:
    """Amount of work per frame.

    Attributes:
        detection_scale: Factor on the detector's input size.
        interval_factor: Factor on the time between two model runs on a face.
    """

    detection_scale: float = 1.0
    interval_factor: float = 1.0


QUALITY_LEVELS = (QualityLevel(), QualityLevel(0.8, 1.5), QualityLevel(0.65, 2.0), QualityLevel(0.5, 3.0))


class AdaptiveQuality:
    """Selects a quality level from the measured load.

    Attributes:
        level: Index into `QUALITY_LEVELS`; 0 is full quality.
    """

    def __init__(self) -> None:
        self.level = 0
        self._start_over()

    def _start_over(self) -> None:
        """Forget what was measured."""
        self._ended_s: float | None = None
        self._busy_s = 0.0
        self._elapsed_s = 0.0
        self._overloaded = 0  # windows in a row
        self._spare = 0
        self._spare_wanted = SPARE_WINDOWS  # windows in a row before a higher quality is tried
        self._trial = 0  # windows left of the current trial

    def update(self, started_s: float, ended_s: float) -> bool:
        """Add the time spent on one frame, from a monotonic clock; return whether `level` has changed."""
        idle_s = 0.0 if self._ended_s is None else min(MAX_COUNTED_S, started_s - self._ended_s)
        busy_s = min(MAX_COUNTED_S, ended_s - started_s)
        self._ended_s = ended_s
        self._busy_s += busy_s
        self._elapsed_s += idle_s + busy_s
        if self._elapsed_s < WINDOW_S:
            return False
        load, self._busy_s, self._elapsed_s = self._busy_s / self._elapsed_s, 0.0, 0.0
        return self._select_level(load)

    def restore(self) -> bool:
        """Go back to full quality, for pictures that may take their time; return whether `level` has changed."""
        before, self.level = self.level, 0
        self._start_over()
        return before != 0

    def _select_level(self, load: float) -> bool:
        self._overloaded = self._overloaded + 1 if load > OVERLOAD else 0
        self._spare = self._spare + 1 if load < SPARE_LOAD else 0
        before = self.level
        if self._overloaded >= OVERLOADED_WINDOWS and self.level < len(QUALITY_LEVELS) - 1:
            self._reduce()
        elif self._spare >= self._spare_wanted and self.level > 0:
            self.level, self._spare, self._trial = self.level - 1, 0, TRIAL_WINDOWS
        elif self._trial:
            self._continue_trial()
        return self.level != before

    def _reduce(self) -> None:
        """Lower the quality; if a trial failed, wait longer before the next one."""
        if self._trial:
            self._spare_wanted = min(MAX_SPARE_WINDOWS, 2 * self._spare_wanted)
        self.level, self._overloaded, self._trial = self.level + 1, 0, 0

    def _continue_trial(self) -> None:
        self._trial -= 1
        if not self._trial:
            self._spare_wanted = SPARE_WINDOWS
