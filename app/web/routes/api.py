"""The JSON interface (docs/api.md)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify
from werkzeug.exceptions import Conflict, HTTPException, NotFound, ServiceUnavailable

from app.errors import AppError, SessionError, TooManyViews, UnknownView
from app.model_cards import cards_for_people
from app.sessions import export
from app.sessions.records import PersonSecond, SessionHead
from app.web.live.services import HEALTHY_STATES, current_services

CAMERAS_WAIT_S = 2.0
STATUS_OF = {UnknownView: 400, TooManyViews: 503, SessionError: 503}

blueprint = Blueprint("api", __name__)


@blueprint.get("/healthz")
def healthz() -> tuple[Response, int]:
    health = current_services().health()
    return jsonify(health), 200 if health["status"] in HEALTHY_STATES else 503


@blueprint.get("/api/status")
def status() -> Response:
    return jsonify({**current_services().status(), "stats": current_services().stats()})


@blueprint.get("/api/cameras")
def cameras() -> Response:
    found = current_services().cameras.ask(CAMERAS_WAIT_S)
    if found is None:
        raise ServiceUnavailable(f"the vision process listed no cameras within {CAMERAS_WAIT_S:g} s; try again")
    return jsonify(cameras=found)


@blueprint.get("/api/models")
def models() -> Response:
    services = current_services()
    return jsonify(models=services.disk_worker.call(cards_for_people, Path(services.settings.models)))


@blueprint.get("/api/sessions")
def sessions() -> Response:
    services = current_services()
    return jsonify(sessions=services.disk_worker.call(services.store.sessions))


@blueprint.get("/api/sessions/<int:session_id>")
def session(session_id: int) -> Response:
    services = current_services()
    detail = services.disk_worker.call(services.store.detail, session_id)
    return jsonify(detail or _missing(session_id))


@blueprint.delete("/api/sessions/<int:session_id>")
def delete_session(session_id: int) -> tuple[str, int]:
    services = current_services()
    current = services.recorder.current
    if current and current["id"] == session_id:
        raise Conflict(f"session {session_id} is running; stop it before deleting it")
    if not services.disk_worker.call(services.store.delete, session_id):
        _missing(session_id)
    return "", 204


@blueprint.delete("/api/sessions")
def delete_sessions() -> tuple[str, int]:
    services = current_services()
    current = services.recorder.current
    if current:
        raise Conflict(f"session {current['id']} is running; stop it before deleting all")
    services.disk_worker.call(services.store.delete_all)
    return "", 204


@blueprint.get("/api/sessions/<int:session_id>/export.csv")
def export_csv(session_id: int) -> Response:
    head, _, records = _records(session_id)
    services = current_services()
    text = services.disk_worker.call(export.to_csv, head, records)
    return _download(Response(text, mimetype="text/csv"), session_id, "csv")


@blueprint.get("/api/sessions/<int:session_id>/export.json")
def export_json(session_id: int) -> Response:
    head, summary, records = _records(session_id)
    services = current_services()
    rows = services.disk_worker.call(export.rows, head, records)
    return _download(jsonify(session=summary, rows=rows), session_id, "json")


def register_errors(app: Flask) -> None:
    """Every error is one line of JSON."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(AppError, _app_error)


def _http_error(error: HTTPException) -> tuple[Response, int] | HTTPException:
    if error.code is None or error.code < 400:  # a redirect
        return error
    return jsonify(error=error.description or error.name), error.code


def _app_error(error: AppError) -> tuple[Response, int]:
    return jsonify(error=str(error)), STATUS_OF.get(type(error), 500)


def _records(session_id: int) -> tuple[SessionHead, dict[str, Any], Sequence[PersonSecond]]:
    services = current_services()
    return services.disk_worker.call(services.store.records, session_id) or _missing(session_id)


def _missing(session_id: int) -> Any:
    raise NotFound(f"there is no session {session_id}; see the list of sessions")


def _download(response: Response, session_id: int, ending: str) -> Response:
    response.headers["Content-Disposition"] = f"attachment; filename=session-{session_id}.{ending}"
    return response
