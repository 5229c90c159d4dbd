"""Import of an exported session. It is received first and then saved part by part, so that recording goes on beside."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.errors import SessionError
from app.sessions.export.archive_reader import SessionArchive
from app.sessions.imports.archive_import import import_archive
from app.sessions.rows.records import utc_now
from app.settings import Settings
from app.web.live.services import current_services
from app.web.routes.uploads import receive_file

PATH = "/api/sessions/import"
# A form is longer than its file.
FORM_OVERHEAD_BYTES = 16 * 1024

blueprint = Blueprint("session_imports", __name__)


def upload_limits(settings: Settings) -> dict[str, int]:
    """Most bytes of a body by path, for the route that receives an archive."""
    return {PATH: _max_bytes(settings) + FORM_OVERHEAD_BYTES}


@blueprint.post(PATH)
def import_session() -> tuple[Response, int, dict[str, str]]:
    """Import an archive; answers with the summary of its session."""
    with tempfile.TemporaryDirectory(prefix="session-import-") as folder:
        path = Path(folder) / "session.zip"
        _receive(path)
        summary = _import(path)
    return jsonify(summary), 201, {"Location": f"/api/sessions/{summary['id']}"}


def _receive(path: Path) -> None:
    services = current_services()
    limit = upload_limits(services.settings)[PATH]
    try:
        with path.open("wb") as file:
            receive_file(request, limit, lambda block: services.jobs.run_blocking(file.write, block))
    except OSError as error:
        raise SessionError(f"cannot receive the archive ({error.strerror}); free some space and try again") from None


def _import(path: Path) -> dict[str, Any]:
    services = current_services()
    with SessionArchive(path, _max_bytes(services.settings)) as archive:
        return import_archive(
            archive,
            services.store,
            now=utc_now(),
            keep_days=services.settings.keep_days,
            call=services.disk_worker.call,
        )


def _max_bytes(settings: Settings) -> int:
    return settings.max_upload_mb * 1_000_000
