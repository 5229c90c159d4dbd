"""A session as a pandas data frame, for analyses in Python (docs/sessions.md)."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.errors import InvalidRequest, UnknownItem
from app.paths import data_folder
from app.sessions import queries
from app.sessions.analysis.selection import Filter, select_by
from app.sessions.database.server_address import parse_address
from app.sessions.database.sqlite import read_only
from app.sessions.database.sqlite.database_file import FILE_NAME
from app.sessions.export.archive_reader import SessionArchive, refuse_damage
from app.sessions.export.columns import TABLE_COLUMNS, columns_of_table
from app.sessions.export.data_frame import frame_of_csv, frame_of_rows, import_pandas
from app.sessions.export.row_table import RowTable
from app.sessions.export.small_tables import READERS
from app.sessions.rows.records import utc_now
from app.settings import Settings

if TYPE_CHECKING:
    import pandas

TABLES = ("rows", *TABLE_COLUMNS)


def open_session(
    session: int | str | Path, table: str = "rows", *, data: str | Path | None = None, database: str | None = None
) -> pandas.DataFrame:
    """A table of a session.

    Args:
        session: Number of a session on this computer or in a database, or the path of an exported ZIP archive.
        table: `rows` (one a person and interval), `people`, `markers`, `gaps` or `edits`.
        data: Folder of the sessions file, as `--data`; by default that of `python -m app`.
        database: URL of a PostgreSQL server, as `--database`, with the password in the same variables; by default that
            of the environment, unless `data` is given.
    Raises:
        SettingsError: pandas or the driver is not installed, or the URL is no such one or has a password.
        InvalidRequest: there is no such table.
        UnknownItem, SessionError: there is no such session, or it cannot be read.
        UnreadableArchive: the file is no exported session.
    """
    import_pandas()
    if table not in TABLES:
        raise InvalidRequest(f"there is no table {table!r}; the tables are {', '.join(TABLES)}")
    if isinstance(session, int):
        return _open_stored(session, table, data, database)
    return _open_archive(Path(session), table)


def _open_place(data: str | Path | None, database: str | None) -> tuple[str, AbstractContextManager[Connection]]:
    """Where sessions are, and a connection to it."""
    settings = Settings.from_env(os.environ)
    url = database or (None if data else settings.database)
    if url is None:
        path = data_folder(data or settings.data) / FILE_NAME
        return str(path), read_only.read_only_connection(path)
    # Its driver is not needed where sessions are in a file.
    from app.sessions.database.postgresql.read_only import read_only_connection

    address = parse_address(url, os.environ)
    return str(address), read_only_connection(address)


def _open_stored(session_id: int, table: str, data: str | Path | None, database: str | None) -> pandas.DataFrame:
    place, opened = _open_place(data, database)
    with opened as connection:
        header = queries.select_header(connection, session_id)
        if header is None:
            raise UnknownItem(f"there is no session {session_id} in {place}; see the list of sessions")
        columns = columns_of_table(table, header.attributes)
        if table != "rows":
            return frame_of_rows(READERS[table](connection, header), columns)
        rows = RowTable(select_by(connection, header, Filter(), utc_now()))
        return frame_of_rows(rows.read_all(connection), columns)


def _open_archive(path: Path, table: str) -> pandas.DataFrame:
    with SessionArchive(path) as archive, archive.open(f"{table}.csv") as file, refuse_damage():
        return frame_of_csv(file, columns_of_table(table, archive.attributes))
