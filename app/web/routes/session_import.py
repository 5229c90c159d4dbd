"""Import of an exported session. It is received first and then saved part by part, so that recording goes on beside."""

from __future__ import annotations

import tempfile
from typing import IO, Any

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
    with tempfile.TemporaryFile() as file:  # it has no name, so that nothing of it is left if the server is killed
        _receive(file)
        summary = _import(file)
    return jsonify(summary), 201, {"Location": f"/api/sessions/{summary['id']}"}


def _receive(file: IO[bytes]) -> None:
    services = current_services()
    limit = upload_limits(services.settings)[PATH]
    try:
        receive_file(request, limit, lambda block: services.jobs.run_blocking(file.write, block))
    except OSError as error:
        raise SessionError(f"cannot receive the archive ({error.strerror}); free some space and try again") from None


def _import(file: IO[bytes]) -> dict[str, Any]:
    services = current_services()
    with SessionArchive(file, _max_bytes(services.settings)) as archive:
        return import_archive(
            archive,
            services.store,
            now=utc_now(),
            keep_days=services.settings.keep_days,
            call=services.disk_worker.call,
        )


def _max_bytes(settings: Settings) -> int:
    return settings.max_upload_mb * 1_000_000
