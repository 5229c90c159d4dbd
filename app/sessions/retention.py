"""Back up the sessions file daily and delete sessions after the configured number of days."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.store import SessionStore

# Sessions are kept for whole days, so that an hour of delay does not matter.
CHECK_INTERVAL_S = 3600.0

log = logging.getLogger(__name__)


class Retention:
    """Backs up the file and deletes old sessions at startup and then at an interval, until closed.

    Args:
        keep_days: Age at which sessions are deleted, counted from their end; 0 keeps them forever.
        interval_s: Seconds between two checks.
    """

    def __init__(
        self, store: SessionStore, worker: DiskWorker, keep_days: int, *, interval_s: float = CHECK_INTERVAL_S
    ) -> None:
        self._store, self._worker = store, worker
        self._keep_for = timedelta(days=keep_days)
        self._interval_s = interval_s
        self._closing = threading.Event()
        threading.Thread(target=self._run, name="retention", daemon=True).start()

    def close(self) -> None:
        """Stop. May be called twice."""
        self._closing.set()

    def _run(self) -> None:
        while not self._closing.is_set():
            if self._keep_for:
                self._try(self._delete_overdue, f"delete sessions older than {self._keep_for.days} days")
            self._try(self._back_up, "back up the sessions")
            self._closing.wait(self._interval_s)

    def _try(self, task: Callable[[], None], purpose: str) -> None:
        try:
            task()
        except SessionError as error:
            log.warning("could not %s, retrying: %s", purpose, error)

    def _delete_overdue(self) -> None:
        ended = self._worker.call(self._store.delete_overdue, self._keep_for)
        if ended:
            log.info(
                "deleted %d sessions older than %d days, which ended from %s to %s",
                *(len(ended), self._keep_for.days, f"{ended[0]:%Y-%m-%d %H:%M}", f"{ended[-1]:%Y-%m-%d %H:%M} UTC"),
            )

    def _back_up(self) -> None:
        if self._worker.call(self._store.back_up):
            log.info("backed up the sessions")
