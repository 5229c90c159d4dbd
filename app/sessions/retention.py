"""Delete sessions after the configured number of days."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.records import utc_now
from app.sessions.store import SessionStore

# Sessions are kept for whole days, so that an hour of delay does not matter.
CHECK_INTERVAL_S = 3600.0

log = logging.getLogger(__name__)


class Retention:
    """Deletes old sessions at startup and then at an interval, until closed.

    Args:
        keep_days: Age at which sessions are deleted, counted from their end; 0 keeps them forever.
        now: The current time.
        interval_s: Seconds between two checks.
    """

    def __init__(
        self,
        store: SessionStore,
        worker: DiskWorker,
        keep_days: int,
        *,
        now: Callable[[], datetime] = utc_now,
        interval_s: float = CHECK_INTERVAL_S,
    ) -> None:
        self._store, self._worker = store, worker
        self._keep_for = timedelta(days=keep_days)
        self._now, self._interval_s = now, interval_s
        self._closing = threading.Event()
        if keep_days:
            threading.Thread(target=self._run, name="retention", daemon=True).start()

    def close(self) -> None:
        """Stop deleting. May be called twice."""
        self._closing.set()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                count = self._worker.call(self._store.delete_ended_before, self._now() - self._keep_for)
            except SessionError as error:
                log.warning("could not delete sessions older than %d days, retrying: %s", self._keep_for.days, error)
            else:
                if count:
                    log.info("deleted %d sessions older than %d days", count, self._keep_for.days)
            self._closing.wait(self._interval_s)
