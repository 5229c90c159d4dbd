"""Rows by day: the id of a session begins with the day on which it was created, and ids part the tables of rows.

So the partition of a row follows from its key, which is the same as in SQLite; every query of a session reads the
partition of one day, and retention drops whole days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection, select, text

from app.sessions.database.schema import IDS_A_DAY, LABEL_SUMS, OBSERVATIONS, SESSION_NUMBERS, SESSIONS, SUMS

PARTITIONED = (OBSERVATIONS, SUMS, LABEL_SUMS)
# Key of the lock under which partitions are created and dropped; any number that nothing else here uses.
PARTITION_LOCK = 23_002


def new_id(connection: Connection, now: datetime) -> int:
    """The id of a session that is created now. Ids are never used twice, nor by two nodes."""
    day = now.astimezone(UTC).date()
    create_partitions(connection, day)
    number: int = connection.execute(select(SESSION_NUMBERS.next_value())).scalar_one()
    return first_id(day) + number


def first_id(day: date) -> int:
    """The lowest id of a day."""
    return int(f"{day:%Y%m%d}") * IDS_A_DAY


def day_of(session_id: int) -> date:
    """The day of an id."""
    return datetime.strptime(str(session_id // IDS_A_DAY), "%Y%m%d").replace(tzinfo=UTC).date()


def create_partitions(connection: Connection, day: date) -> None:
    """Create the partitions of a day and of the next, so that nobody has to wait for them at midnight."""
    wanted = {day, day + timedelta(days=1)}
    if wanted <= set(_days(connection)):
        return
    _lock(connection)
    for one in sorted(wanted - set(_days(connection))):  # another node may have created them meanwhile
        for table in PARTITIONED:
            bounds = f"FROM ({first_id(one)}) TO ({first_id(one + timedelta(days=1))})"
            create = f"CREATE TABLE {_name(table.name, one)} PARTITION OF {table.name}"
            connection.execute(text(f"{create} FOR VALUES {bounds}"))


def drop_days(connection: Connection, deleted: Collection[int], today: date) -> None:
    """Drop the partitions of days before today that keep no session besides those that are about to be deleted."""
    for day in list(_days(connection)):
        if day >= today:
            continue
        of_day = select(SESSIONS.c.id).where(SESSIONS.c.id.between(first_id(day), first_id(day) + IDS_A_DAY - 1))
        if set(connection.execute(of_day).scalars()) <= set(deleted):
            _lock(connection)
            for table in PARTITIONED:
                connection.execute(text(f"DROP TABLE IF EXISTS {_name(table.name, day)}"))


def _days(connection: Connection) -> Iterator[date]:
    names = text(
        "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'observations'::regclass"
    )
    for name in connection.execute(names).scalars():
        yield datetime.strptime(name.removeprefix(f"{OBSERVATIONS.name}_"), "%Y%m%d").replace(tzinfo=UTC).date()


def _name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def _lock(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": PARTITION_LOCK})
