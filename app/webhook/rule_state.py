"""Follow one rule from frame to frame: when it begins to apply, and when it ends."""

from __future__ import annotations

from enum import StrEnum

from app.webhook.rules import Rule

# A rule goes on while its condition fails for no longer: a face is missed, or a false one found, for a frame or two.
GRACE_S = 1.0
# Without frames for longer (the source is paused or lost) nothing is known of the time between.
MAX_FRAME_INTERVAL_S = 3.0


class Change(StrEnum):
    """What a frame changed."""

    HIT = "hit"
    OVER = "over"


class RuleState:
    """A rule applies once its condition has held for `hold_s`, until it fails for longer than `GRACE_S`."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._applies = False
        self._since_s: float | None = None  # when the condition began to hold
        self._held_at_s = self._seen_at_s = 0.0

    def update(self, value: float | None, time_s: float) -> Change | None:
        """Note the value of a frame; returns what it changed.

        Args:
            time_s: When the frame was captured; later than the last one.
        """
        if time_s - self._seen_at_s > MAX_FRAME_INTERVAL_S and not self._applies:
            self._since_s = None
        self._seen_at_s = time_s
        if self.rule.holds(value, self._since_s is not None):
            return self._hold(time_s)
        return self._fail(time_s)

    def _hold(self, time_s: float) -> Change | None:
        self._held_at_s = time_s
        if self._since_s is None:
            self._since_s = time_s
        if self._applies or time_s - self._since_s < self.rule.hold_s:
            return None
        self._applies = True
        return Change.HIT

    def _fail(self, time_s: float) -> Change | None:
        if self._since_s is None or time_s - self._held_at_s <= GRACE_S:
            return None
        self._since_s, applied, self._applies = None, self._applies, False
        return Change.OVER if applied else None
