"""The list of sessions, and one session: detail, name and tags, deletion."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import Conflict, NotFound

from app.sessions.catalog import change_session, find_sessions
from app.sessions.edits.texts import parse_name, parse_tags
from app.web.live.services import current_services
from app.web.routes.sessions.request_values import edit_session, flag_of_query, json_body

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/api/sessions")
def sessions() -> Response:
    """The summaries of all sessions, or of those that a search, a tag or a camera finds, and all tags."""
    services = current_services()
    wanted = [request.args.get(name, "") for name in ("search", "tag", "camera")]
    found, tags = services.disk_worker.call(find_sessions, services.store, *wanted)
    return jsonify(sessions=found, tags=tags)


@blueprint.get("/api/sessions/<int:session_id>")
def session(session_id: int) -> Response:
    """The detail of one session; with `figures=0` without what takes longer in a long session."""
    services = current_services()
    return jsonify(services.disk_worker.call(services.store.detail, session_id, flag_of_query("figures", True)))


@blueprint.patch("/api/sessions/<int:session_id>")
def change(session_id: int) -> Response:
    """Change the name or the tags of a session."""
    body = json_body(("name", "tags"))
    services = current_services()
    tags = parse_tags(body["tags"]) if "tags" in body else None
    if "name" in body:
        services.cameras.recorder_of(session_id).rename(session_id, parse_name(body["name"]))
    return jsonify(edit_session(session_id, lambda *session: change_session(*session, tags=tags)))


@blueprint.delete("/api/sessions/<int:session_id>")
def delete_session(session_id: int) -> tuple[str, int]:
    """Delete one session; 409 while it is running."""
    services = current_services()
    if any(running["id"] == session_id for running in services.cameras.running_sessions):
        raise Conflict(f"session {session_id} is running; stop it before deleting it")
    if not services.disk_worker.call(services.store.delete, session_id):
        raise NotFound(f"there is no session {session_id}; see the list of sessions")
    services.rows.forget()
    return "", 204


@blueprint.delete("/api/sessions")
def delete_sessions() -> tuple[str, int]:
    """Delete all sessions; 409 while one is running."""
    services = current_services()
    for running in services.cameras.running_sessions:
        raise Conflict(f"session {running['id']} is running; stop it before deleting all")
    services.disk_worker.call(services.store.delete_all)
    services.rows.forget()
    return "", 204
