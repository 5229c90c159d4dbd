"""Downloads of a session. The file is written part by part, so that recording goes on beside it."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, send_file
from werkzeug.exceptions import NotFound

from app.errors import InvalidRequest, SessionError
from app.sessions.analysis.selection import Filter, select_by
from app.sessions.analysis.summaries import summarize
from app.sessions.export.archive import write_archive
from app.sessions.export.documents import table_writer
from app.sessions.export.file_names import file_name
from app.sessions.export.row_table import RowTable
from app.web.live.services import current_services
from app.web.routes.sessions.request_values import filter_of_query, read_session

CONTENT_TYPES = {
    "csv": "text/csv",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}

blueprint = Blueprint("session_exports", __name__)


@blueprint.get("/api/sessions/<int:session_id>/export.<extension>")
def export(session_id: int, extension: str) -> Response:
    """The selected rows in one of the forms, or the whole session as an archive."""
    if extension not in CONTENT_TYPES:
        raise NotFound(f"there is no export as {extension!r}; choose one of {', '.join(CONTENT_TYPES)}")
    chosen = filter_of_query()
    summary = read_session(session_id, lambda connection, header, now: summarize(connection, [header], now)[0])
    with tempfile.TemporaryDirectory(prefix="session-export-") as folder:
        path = Path(folder) / f"rows.{extension}"
        try:
            if extension == "zip":
                _write_archive(session_id, chosen, path)
            else:
                write_table(session_id, chosen, extension, path, summary)
            file = path.open("rb")
        except OSError as error:
            raise SessionError(f"cannot write the export ({error.strerror}); free some space and try again") from None
    name = file_name(summary["name"], session_id, extension)
    return send_file(file, CONTENT_TYPES[extension], as_attachment=True, download_name=name)


def _write_archive(session_id: int, chosen: Filter, path: Path) -> None:
    if chosen != Filter():
        raise InvalidRequest("an archive holds the whole session; remove people, from, to, markers and excluded")
    write_archive(path, partial(read_session, session_id))


def write_table(session_id: int, chosen: Filter, extension: str, path: Path, summary: dict[str, Any]) -> RowTable:
    """Write the table of the selected rows to a file; returns the table."""
    worker = current_services().disk_worker
    table = read_session(
        session_id, lambda connection, header, now: RowTable(select_by(connection, header, chosen, now))
    )
    writer = worker.call(table_writer, extension, path, table, summary)
    for start_ms, end_ms in table.windows():
        read_session(
            session_id,
            lambda connection, _header, _now, a=start_ms, b=end_ms: writer.write(table.read(connection, a, b)),
        )
    worker.call(writer.close)
    return table
