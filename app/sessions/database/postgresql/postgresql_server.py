"""A PostgreSQL server as the database of sessions, which several servers may use at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from app.errors import SessionError, SettingsError
from app.sessions.database.postgresql.partitions import create_partitions, day_of, drop_days, new_id
from app.sessions.database.revisions.upgrade import read_version, refuse_newer, stamp, upgrade
from app.sessions.database.schema import RUNNING_CAMERAS, SCHEMA_VERSION, SESSIONS, create_missing_tables
from app.sessions.database.server_address import ServerAddress

# A node that has not said for so long that it still records is taken for dead. Nodes say it every third of this.
LEASE = timedelta(seconds=30)
# Key of the lock under which tables are created and migrated; any number that nothing else here uses.
SCHEMA_LOCK = 23_001
# How long a node waits for another one that migrates.
MIGRATION_TIMEOUT_S = 600
# Joins go from the few intervals of a temporary table to the rows of each by the index of its key. The server does not
# know how few they are and would compare all intervals with all rows. Compiling queries (`jit`) takes longer than most.
PLANNER = "-c enable_hashjoin=off -c enable_mergejoin=off -c jit=off"
# What libpq is told unless the URL says otherwise: to give up a server that does not answer before a call of
# `DiskWorker` does.
CONNECT_ARGUMENTS = {
    "connect_timeout": 3,  # seconds
    "tcp_user_timeout": 5000,  # milliseconds
    "keepalives_idle": 5,  # seconds
    "application_name": "live-face-analysis",
    "options": f"-c lock_timeout=2s {PLANNER}",
}
# SQLSTATE codes, PostgreSQL's documentation, appendix A.
LOCKED = ("55P03", "40001", "40P01")
UNDEFINED_TABLE = "42P01"


class PostgresqlServer:
    """A database on a server; see `Database`.

    Tables are created or migrated at the first use. While the server is away every use raises SessionError.

    Args:
        now: The current time.
        warn: Called with one-line warnings.
        repair: Called in the transaction that first opens the database.
    Raises:
        SettingsError: psycopg is not installed.
    """

    lease: timedelta | None = LEASE

    def __init__(
        self,
        address: ServerAddress,
        *,
        now: Callable[[], datetime],
        warn: Callable[[str], None],
        repair: Callable[[Connection], None],
    ) -> None:
        self.place = str(address)
        self._now, self._repair = now, repair
        self.engine = open_engine(address)
        self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self._is_open = False
        self._open_error: str | None = None
        try:
            self._open()
        except SessionError as error:
            warn(str(error))

    @property
    def notice(self) -> str | None:
        """Why the database cannot be used, in one line; None if it can."""
        return self._open_error

    @contextmanager
    def transaction(self, purpose: str, *, is_snapshot: bool = False) -> Iterator[Connection]:
        """A transaction; see `Database`."""
        self._open()
        try:
            with (self._snapshots if is_snapshot else self.engine).begin() as connection:
                yield connection
        except DBAPIError as error:
            raise SessionError(self._refusal(purpose, error)) from error

    def new_session_id(self, connection: Connection, now: datetime) -> int | None:
        """An id that begins with the day."""
        return new_id(connection, now)

    def prepare_rows(self, connection: Connection, session_id: int) -> None:
        """Create the partitions of the day of a session."""
        create_partitions(connection, day_of(session_id))

    def delete_rows(self, connection: Connection, session_ids: Collection[int]) -> None:
        """Drop the days of which no other session is left."""
        drop_days(connection, session_ids, self._now().astimezone(UTC).date())

    def purge(self, *, compact: bool) -> None:
        """Nothing: the server's autovacuum removes deleted rows."""

    def corrupt_copy_times(self) -> Sequence[datetime]:
        """None: the server keeps no copies."""
        return ()

    def remove_corrupt_copies(self, before: datetime | None) -> None:
        """Nothing: there are none."""

    def back_up(self) -> bool:
        """False: whoever runs the server backs it up (docs/scaling.md)."""
        return False

    def _open(self) -> None:
        """Create or migrate the tables, one node at a time."""
        if self._is_open:
            return
        try:
            with self.engine.begin() as connection:
                _prepare(connection)
                self._repair(connection)
        except DBAPIError as error:
            self._open_error = self._refusal("open the database", error)
            raise SessionError(self._open_error) from error
        except SessionError as error:
            self._open_error = str(error)
            raise
        self._is_open, self._open_error = True, None

    def _refusal(self, purpose: str, error: DBAPIError) -> str:
        """What failed and why in one line, with what to do."""
        state = getattr(error.orig, "sqlstate", None)
        if state in LOCKED:
            return f"cannot {purpose}: another server is changing the same; try again in a moment"
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == RUNNING_CAMERAS.name:
            return f"cannot {purpose}: another session of this camera is running; stop it first"
        if state == UNDEFINED_TABLE:
            self._is_open = False  # the database was replaced; the next use creates its tables
        reason = " ".join(str(error.orig).split())
        return f"cannot {purpose}: {self.place}: {reason}; check that PostgreSQL runs, --database and the password"


def open_engine(address: ServerAddress) -> Engine:
    """Connections to a server, which are opened when they are used; raises SettingsError without psycopg."""
    arguments = {name: value for name, value in CONNECT_ARGUMENTS.items() if name not in address.url.query}
    if address.password is not None:
        arguments["password"] = address.password
    try:
        # The pool finds out that the server was restarted by asking before each use.
        return create_engine(address.url, pool_pre_ping=True, connect_args=arguments)
    except ModuleNotFoundError:
        raise SettingsError("sessions in PostgreSQL need psycopg; run pip install '.[postgresql]'") from None


def _prepare(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{MIGRATION_TIMEOUT_S}s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SCHEMA_LOCK})
    if not inspect(connection).has_table(SESSIONS.name):
        create_missing_tables(connection)
        stamp(connection, SCHEMA_VERSION)
        return
    version = read_version(connection) or 0
    refuse_newer(version, "the database")
    upgrade(connection, version)
