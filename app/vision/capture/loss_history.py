"""Tell a camera that was lost once from one that is lost again and again."""

from __future__ import annotations

from collections import deque

from app.vision.capture.frame_source import Clock

# Time between two attempts to open a webcam or stream.
RETRY_S = 1.0
# A camera lost so often within the window is unstable: neither each loss nor each return is reported any more.
MAX_LOSSES = 3
LOSS_WINDOW_S = 60.0
# Time between two attempts while it is unstable; doubled after each further loss up to the limit.
FIRST_UNSTABLE_RETRY_S = 5.0
MAX_UNSTABLE_RETRY_S = 30.0
# It is stable again once it has sent frames for this long.
STEADY_S = 10.0


class LossHistory:
    """The losses of a camera, and what follows from them.

    Attributes:
        is_unstable: Whether the camera was lost `MAX_LOSSES` times within `LOSS_WINDOW_S`, and has not been steady
            since.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lost_at_s: deque[float] = deque(maxlen=MAX_LOSSES)
        self._steady_from_s: float | None = None  # None until the first frame after a loss
        self._unstable_retry_s = FIRST_UNSTABLE_RETRY_S
        self.is_unstable = False

    @property
    def retry_s(self) -> float:
        """Time until the next attempt to open it."""
        return self._unstable_retry_s if self.is_unstable else RETRY_S

    def add_frame(self) -> None:
        """Record that a frame has come."""
        now_s = self._clock()
        if self._steady_from_s is None:
            self._steady_from_s = now_s
        elif self.is_unstable and now_s - self._steady_from_s >= STEADY_S:
            self._lost_at_s.clear()
            self._unstable_retry_s = FIRST_UNSTABLE_RETRY_S
            self.is_unstable = False

    def add_loss(self) -> None:
        """Record that frames no longer come; counts once until the next frame."""
        if self._steady_from_s is None:
            return
        self._steady_from_s = None
        self._lost_at_s.append(self._clock())
        if self.is_unstable:
            self._unstable_retry_s = min(MAX_UNSTABLE_RETRY_S, 2 * self._unstable_retry_s)
        else:
            losses_s = self._lost_at_s
            self.is_unstable = len(losses_s) == MAX_LOSSES and losses_s[-1] - losses_s[0] <= LOSS_WINDOW_S
