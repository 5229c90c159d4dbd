"""Delete sessions once they are older than promised."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.records import utc_now
from app.sessions.store import SessionStore

EVERY_S = 3600.0

log = logging.getLogger(__name__)


class Retention:
    """Deletes at the start and every hour from then on, until closed.

    Args:
        keep_days: So many days after its end a session is deleted; 0 keeps all.
    """

    def __init__(
        self,
        store: SessionStore,
        worker: DiskWorker,
        keep_days: int,
        *,
        now: Callable[[], datetime] = utc_now,
        every_s: float = EVERY_S,
    ) -> None:
        self._store, self._worker = store, worker
        self._keep = timedelta(days=keep_days)
        self._now, self._every_s = now, every_s
        self._closing = threading.Event()
        if keep_days:
            threading.Thread(target=self._work, name="retention", daemon=True).start()

    def close(self) -> None:
        """Delete no more; may be called twice."""
        self._closing.set()

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                count = self._worker.call(self._store.delete_ended_before, self._now() - self._keep)
            except SessionError as error:
                log.warning("sessions older than %d days stay for now: %s", self._keep.days, error)
            else:
                if count:
                    log.info("deleted %d sessions older than %d days", count, self._keep.days)
            self._closing.wait(self._every_s)
