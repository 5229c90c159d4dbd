"""Report to the vision process whether anyone uses its results, so that it can idle while nobody does."""

from __future__ import annotations

import threading
from collections.abc import Callable


class ViewerPresence:
    """Reports changes of whether per-frame results are wanted. Video viewers are counted by the broadcaster.

    Args:
        are_results_wanted: True while a page is open or a session is running.
        report: Called with the new value at each change.
    """

    def __init__(self, are_results_wanted: Callable[[], bool], report: Callable[[bool], None]) -> None:
        self._are_results_wanted, self._report = are_results_wanted, report
        self._report_lock = threading.Lock()
        self._last_reported: bool | None = None

    def update(self) -> None:
        """Report the state if it has changed. Serialised, so that the last report is the newest state."""
        with self._report_lock:
            wanted = self._are_results_wanted()
            if wanted != self._last_reported:
                self._last_reported = wanted
                self._report(wanted)
