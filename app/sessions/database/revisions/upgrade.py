"""Apply the revisions that a database lacks, in the transaction of its connection."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from app.errors import SessionError
from app.sessions.database.schema import SCHEMA_VERSION, VERSIONS

# Earlier versions were never on a server; files of them are migrated by `sqlite.migrations` first.
BASELINE = 4


def read_version(connection: Connection) -> int | None:
    """The version that the database has by its own account; None if it does not say."""
    version = connection.execute(select(VERSIONS.c.version_num)).scalar()
    return None if version is None else int(version)


def stamp(connection: Connection, version: int) -> None:
    """Note the version of the tables."""
    connection.execute(delete(VERSIONS))
    connection.execute(insert(VERSIONS).values(version_num=str(version)))


def refuse_newer(version: int, what: str) -> None:
    """Raise SessionError for a version of a newer app."""
    if version > SCHEMA_VERSION:
        raise SessionError(f"{what} has a newer version ({version}); update the app or give another one")


def upgrade(connection: Connection, version: int) -> None:
    """Bring tables of a version, `BASELINE` or newer, to the newest one."""
    if version >= SCHEMA_VERSION:
        return
    from alembic import command  # takes a tenth of a second, and is rarely needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "app.sessions.database:revisions")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
