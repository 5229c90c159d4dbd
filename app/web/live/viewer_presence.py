"""Tell the vision process whether anybody wants its numbers, so that it may rest while nobody does."""

from __future__ import annotations

import threading
from collections.abc import Callable


class ViewerPresence:
    """Passes on every change; who watches pictures is told by the hub.

    Args:
        is_wanted: Whether a page is open or a session runs.
        tell: Hears so, or the contrary.
    """

    def __init__(self, is_wanted: Callable[[], bool], tell: Callable[[bool], None]) -> None:
        self._is_wanted, self._tell = is_wanted, tell
        self._telling = threading.Lock()
        self._told: bool | None = None

    def update(self) -> None:
        """See whether something has changed; one at a time, so that the last word is the newest."""
        with self._telling:
            wanted = self._is_wanted()
            if wanted != self._told:
                self._told = wanted
                self._tell(wanted)
