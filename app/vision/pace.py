"""Which pictures are analysed: all while somebody wants to know, a few while nobody does."""

from __future__ import annotations

IDLE_S = 0.5  # twice a second, so that the state is known and whoever comes finds people where they are
LINGER_S = 2.0  # who loads a page anew, or takes a snapshot every second, finds the same people
EARLY_S = 0.002  # time stamps are not exact


class Pace:
    """Follows the source's time."""

    def __init__(self) -> None:
        self._rests_from_s = 0.0
        self._next_s = 0.0

    def is_due(self, now_s: float, wanted: bool) -> bool:
        """Whether to analyse this picture; whoever is told so does.

        Args:
            wanted: Whether anybody asks for pictures or numbers.
        """
        if wanted:
            self._rests_from_s = now_s + LINGER_S
        due = now_s < self._rests_from_s or now_s >= self._next_s - EARLY_S
        if due:
            self._next_s = now_s + IDLE_S
        return due

    def forget(self) -> None:
        """Begin a new source, whose time begins anew."""
        self._rests_from_s = self._next_s = 0.0
