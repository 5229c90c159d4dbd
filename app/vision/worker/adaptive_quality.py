"""Notice when the work on pictures no longer fits into their time, and when there is room again."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_S = 1.0
# Shares of its time that the work takes: from the first on pictures are lost, below the second there is room for more.
FULL, ROOMY = 0.9, 0.55
# So many windows in a row decide; one alone may be a computer that was asleep.
FULL_WINDOWS, ROOMY_WINDOWS = 2, 5
# More detail that proves too much within so many windows is tried again after twice the time, up to a limit.
TRIAL_WINDOWS, MOST_ROOMY_WINDOWS = 10, 80
LONGEST_S = 2.0  # of a step or a wait counts


@dataclass(frozen=True, slots=True)
class Detail:
    """How closely faces are looked at.

    Attributes:
        size: Share of the size in which faces are looked for.
        wait: How many times as long as usual the models wait between two readings of a face.
    """

    size: float = 1.0
    wait: float = 1.0


DETAILS = (Detail(), Detail(0.8, 1.5), Detail(0.65, 2.0), Detail(0.5, 3.0))


class Load:
    """Chooses how many steps to take back from full detail, by what share of the time is spent on work.

    Attributes:
        level: Index into `DETAILS`.
    """

    def __init__(self) -> None:
        self.level = 0
        self._ended_s: float | None = None
        self._worked_s, self._passed_s = 0.0, 0.0
        self._full, self._roomy = 0, 0  # windows in a row
        self._patience, self._trial = ROOMY_WINDOWS, 0  # windows until more is tried, and for which it is on trial

    def has_changed(self, started_s: float, ended_s: float) -> bool:
        """Count the work on one picture, on a clock that only runs forward; whether `level` is now another."""
        waited_s = 0.0 if self._ended_s is None else min(LONGEST_S, started_s - self._ended_s)
        worked_s = min(LONGEST_S, ended_s - started_s)
        self._ended_s = ended_s
        self._worked_s += worked_s
        self._passed_s += waited_s + worked_s
        if self._passed_s < WINDOW_S:
            return False
        share, self._worked_s, self._passed_s = self._worked_s / self._passed_s, 0.0, 0.0
        return self._decides(share)

    def _decides(self, share: float) -> bool:
        self._full = self._full + 1 if share > FULL else 0
        self._roomy = self._roomy + 1 if share < ROOMY else 0
        before = self.level
        if self._full >= FULL_WINDOWS and self.level < len(DETAILS) - 1:
            self._take_back()
        elif self._roomy >= self._patience and self.level > 0:
            self.level, self._roomy, self._trial = self.level - 1, 0, TRIAL_WINDOWS
        elif self._trial:
            self._go_on_trying()
        return self.level != before

    def _take_back(self) -> None:
        """Do less; who did more only just now waits longer before the next time."""
        if self._trial:
            self._patience = min(MOST_ROOMY_WINDOWS, 2 * self._patience)
        self.level, self._full, self._trial = self.level + 1, 0, 0

    def _go_on_trying(self) -> None:
        self._trial -= 1
        if not self._trial:
            self._patience = ROOMY_WINDOWS
