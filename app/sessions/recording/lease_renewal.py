"""Say regularly that this node still records, where several nodes share a database."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta

from app.errors import SessionError
from app.sessions.disk_worker import DiskWorker
from app.sessions.store import SessionStore

# Two renewals may be late before the lease ends.
RENEWALS_A_LEASE = 3

log = logging.getLogger(__name__)


class LeaseRenewal:
    """Renews the leases of the running sessions until closed, and ends sessions whose node has died.

    Does nothing for a store that only one server can write.

    Args:
        running: The ids of the sessions that this node records.
    """

    def __init__(self, store: SessionStore, worker: DiskWorker, running: Callable[[], Iterable[int]]) -> None:
        self._store, self._worker, self._running = store, worker, running
        self._closing = threading.Event()
        if store.database.lease is not None:
            interval = store.database.lease / RENEWALS_A_LEASE
            threading.Thread(target=self._run, args=(interval,), name="leases", daemon=True).start()

    def close(self) -> None:
        """Stop. May be called twice."""
        self._closing.set()

    def _run(self, interval: timedelta) -> None:
        while not self._closing.wait(interval.total_seconds()):
            for session_id in self._running():
                self._try(self._store.renew, session_id)
            self._try(self._store.close_abandoned)

    def _try(self, task: Callable[..., object], *args: int) -> None:
        try:
            self._worker.call(task, *args)
        except SessionError as error:
            log.warning("cannot renew the lease of a session, trying again: %s", error)
