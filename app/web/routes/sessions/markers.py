"""Markers of a session. After every change all pages get the event `markers`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from app.sessions.catalog import change_session
from app.sessions.edits import markers
from app.sessions.edits.texts import parse_marker_names
from app.web.live.services import current_services
from app.web.routes.sessions.request_values import edit_session, json_body, read_session

blueprint = Blueprint("session_markers", __name__)


@blueprint.get("/api/sessions/<int:session_id>/markers")
def list_markers(session_id: int) -> Response:
    """The markers, ordered by time."""
    found = read_session(session_id, lambda connection, header, _: markers.select_markers(connection, header.id))
    return jsonify(markers=[marker.to_dict() for marker in found])


@blueprint.post("/api/sessions/<int:session_id>/markers")
def add_marker(session_id: int) -> tuple[Response, int]:
    """Add a marker."""
    return jsonify(set_marker(session_id, json_body(markers.FIELDS))), 201


@blueprint.patch("/api/sessions/<int:session_id>/markers/<int:marker_id>")
def change_marker(session_id: int, marker_id: int) -> Response:
    """Change a marker."""
    return jsonify(edit_marker(session_id, marker_id, json_body(markers.FIELDS)))


@blueprint.delete("/api/sessions/<int:session_id>/markers/<int:marker_id>")
def delete_marker(session_id: int, marker_id: int) -> tuple[str, int]:
    """Delete a marker."""
    _change(session_id, lambda connection, header, _: markers.delete_marker(connection, header, marker_id))
    return "", 204


@blueprint.put("/api/sessions/<int:session_id>/marker-names")
def name_markers(session_id: int) -> Response:
    """Set the names of markers by key."""
    names = parse_marker_names(json_body(tuple("123456789")))
    edit_session(session_id, lambda *session: change_session(*session, marker_names=names))
    cameras = current_services().cameras
    cameras.recorder_of(session_id).name_markers(session_id, names)
    cameras.emit_status()  # pages know the names of the running session from it
    return jsonify(marker_names=names)


def set_marker(session_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Add a marker with these fields, by default now; returns it as in docs/api.md."""
    services = current_services()
    now_ms = services.cameras.recorder_of(session_id).elapsed_ms(session_id)
    marker: dict[str, Any] = _change(
        session_id,
        lambda connection, header, now: markers.add_marker(connection, header, values, now, now_ms).to_dict(),
    )
    services.notifications.add_marker(session_id, marker)
    return marker


def edit_marker(session_id: int, marker_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """Change these fields of a marker; returns it as in docs/api.md."""
    now_ms = current_services().cameras.recorder_of(session_id).elapsed_ms(session_id)
    marker: dict[str, Any] = _change(
        session_id,
        lambda connection, header, now: markers.change_marker(
            connection, header, marker_id, values, now, now_ms
        ).to_dict(),
    )
    return marker


def _change(session_id: int, change: Callable[[Any, Any, Any], Any]) -> Any:
    """Change markers and send the new list to all pages."""

    def apply(connection: Any, header: Any, now: Any) -> tuple[Any, list[dict[str, Any]]]:
        result = change(connection, header, now)
        return result, [marker.to_dict() for marker in markers.select_markers(connection, header.id)]

    result, changed = edit_session(session_id, apply)
    current_services().emit("markers", {"session": session_id, "markers": changed})
    return result
