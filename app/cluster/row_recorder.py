"""The command `recorder`: saves the rows of all cameras' sessions. Several share the work."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import ResponseError

from app import logs
from app.attributes.attribute_set import AttributeSet
from app.cluster.commands import send_command
from app.cluster.connection import RedisLoop, open_redis
from app.cluster.keys import ROWS, ROWS_GROUP
from app.cluster.row_messages import unpack_entries
from app.errors import SessionError
from app.sessions.open_store import open_store
from app.sessions.rows.records import SessionEntry
from app.settings import Settings

# Entries of the stream, a second of one session each, that are written in one go.
MAX_BATCH = 200
BLOCK_MS = 1000
# Entries that another recorder has read and not confirmed for so long are taken over: it has ended, or its database is
# away. Rows that both write are written once.
CLAIM_AFTER_MS = 5000
CLAIM_INTERVAL_S = 2.0
# Pauses while the database is away: doubled from the first to the last.
FIRST_PAUSE_S, MAX_PAUSE_S = 0.2, 2.0
# Recorders that have gone with nothing to confirm are forgotten after so long.
FORGET_AFTER_MS = 3_600_000
NAME_BYTES = 4

log = logging.getLogger(__name__)


class RowStore(Protocol):
    """What a recorder needs of a `SessionStore`."""

    def add(self, session_id: int, entries: Sequence[SessionEntry]) -> None:
        """Save rows and gaps; those that exist are not changed."""

    def attributes(self, session_id: int) -> AttributeSet | None:
        """What a session keeps; None if it does not exist."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of the stream."""

    id: bytes
    camera: str
    batch: str
    session_id: int
    rows: Sequence[SessionEntry]


def run_recorder(settings: Settings, environ: Mapping[str, str]) -> None:
    """Save rows until Ctrl-C or SIGTERM.

    Raises:
        SettingsError: the URL of Redis is missing or malformed.
    """
    logs.configure(settings.log_level, settings.log_json)
    redis, store = open_redis(settings, environ), open_store(settings, environ)
    recorder = RowRecorder(redis, store)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: recorder.stop())
    recorder.run()


class RowRecorder:
    """Reads rows, saves them, and confirms them to their camera.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, redis: Redis, store: RowStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis, self._store, self._clock = redis, store, clock
        self._name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(NAME_BYTES)}"
        self._closing = threading.Event()
        self._next_claim_at_s = clock()
        self._failures = 0

    def run(self) -> None:
        """Save rows until `stop`."""
        log.info("recorder %s: started", self._name)
        RedisLoop("recorder", self._closing).run(self.step)

    def stop(self) -> None:
        """End `run`. May be called by a signal."""
        self._closing.set()

    def step(self) -> None:
        """Wait for rows, save and confirm them.

        Raises:
            RedisError: Redis does not answer. What is not confirmed is read again, by this or another recorder.
        """
        try:
            entries = self._claim() or self._read()
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            self._create_group()
            return
        if entries:
            self._save(entries)

    def _create_group(self) -> None:
        """Create the group, from the first row on; also after Redis has lost it."""
        try:
            self._redis.xgroup_create(ROWS, ROWS_GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):  # another recorder was faster
                raise

    def _read(self) -> list[Any]:
        found: Any = self._redis.xreadgroup(ROWS_GROUP, self._name, {ROWS: ">"}, count=MAX_BATCH, block=BLOCK_MS)
        return found[0][1] if found else []

    def _claim(self) -> list[Any]:
        """Entries that a recorder has left, from time to time."""
        if self._clock() < self._next_claim_at_s:
            return []
        self._next_claim_at_s = self._clock() + CLAIM_INTERVAL_S
        claimed: Any = self._redis.xautoclaim(ROWS, ROWS_GROUP, self._name, CLAIM_AFTER_MS, count=MAX_BATCH)
        entries = [entry for entry in claimed[1] if entry[1]]
        if entries:
            log.info("recorder %s: %d entries taken over", self._name, len(entries))
        else:
            self._forget_recorders()
        return entries

    def _forget_recorders(self) -> None:
        consumers: Any = self._redis.xinfo_consumers(ROWS, ROWS_GROUP)
        for consumer in consumers:
            if consumer["pending"] == 0 and consumer["idle"] > FORGET_AFTER_MS:
                self._redis.xgroup_delconsumer(ROWS, ROWS_GROUP, consumer["name"])

    def _save(self, found: Sequence[Any]) -> None:
        """Save entries session by session, and confirm each session's after its transaction."""
        entries = sorted((entry for entry in map(self._parse, found) if entry), key=lambda entry: entry.session_id)
        for session_id, group in groupby(entries, key=lambda entry: entry.session_id):
            of_session = list(group)
            if self._write(session_id, [row for entry in of_session for row in entry.rows]):
                self._confirm(of_session)

    def _parse(self, found: Any) -> _Entry | None:
        """An entry; a damaged one is removed."""
        id, fields = found
        try:
            camera, batch = fields[b"camera"].decode(), fields[b"batch"].decode()
            return _Entry(id, camera, batch, int(fields[b"session"]), unpack_entries(fields[b"rows"]))
        except (KeyError, TypeError, ValueError) as error:
            log.error("dropped a malformed entry of rows: %s: %s", type(error).__name__, error)
            self._redis.xack(ROWS, ROWS_GROUP, id)
            self._redis.xdel(ROWS, id)
            return None

    def _write(self, session_id: int, rows: Sequence[SessionEntry]) -> bool:
        """Save rows; False after a pause if the database is away. Rows of a deleted session are dropped."""
        try:
            if self._store.attributes(session_id) is None:
                log.warning("session %d was deleted; its rows are dropped", session_id)
            else:
                self._store.add(session_id, rows)
        except SessionError as error:
            if self._failures == 0:
                log.warning("rows are kept in Redis until they can be saved: %s", error)
            self._closing.wait(min(MAX_PAUSE_S, FIRST_PAUSE_S * 2**self._failures))
            self._failures = min(self._failures + 1, 10)
            self._next_claim_at_s = self._clock()  # what was not saved is read by claiming it
            return False
        if self._failures:
            log.info("rows are saved again")
            self._failures = 0
        return True

    def _confirm(self, entries: Sequence[_Entry]) -> None:
        """Remove saved entries from the stream, and tell their cameras."""
        ids = [entry.id for entry in entries]
        with self._redis.pipeline(transaction=True) as pipeline:
            pipeline.xack(ROWS, ROWS_GROUP, *ids)
            pipeline.xdel(ROWS, *ids)
            for entry in entries:
                send_command(pipeline, entry.camera, "saved", {"batch": entry.batch})
            pipeline.execute()
