"""Edits of the people of a session, and taking them back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from app.errors import InvalidRequest
from app.sessions.edits import people
from app.sessions.edits.markers import parse_time_ms
from app.sessions.edits.texts import parse_name
from app.web.routes.sessions.request_values import edit_session, json_body

blueprint = Blueprint("session_people", __name__)


@blueprint.patch("/api/sessions/<int:session_id>/people/<int:person_id>")
def name_person(session_id: int, person_id: int) -> Response:
    """Name a person."""
    name = json_body(("name",)).get("name")
    text = None if name is None else parse_name(name)
    return _edit(session_id, lambda connection, now: people.name_person(connection, session_id, person_id, text, now))


@blueprint.post("/api/sessions/<int:session_id>/people/merge")
def merge_people(session_id: int) -> Response:
    """Let several people be the first of them."""
    numbers = json_body(("people",)).get("people")
    if not isinstance(numbers, list) or any(type(number) is not int for number in numbers):
        raise InvalidRequest("people is a list of the numbers of people; correct it")
    return _edit(session_id, lambda connection, now: people.merge_people(connection, session_id, numbers, now))


@blueprint.post("/api/sessions/<int:session_id>/people/<int:person_id>/split")
def split_person(session_id: int, person_id: int) -> Response:
    """Let what a person shows from a time on be a new person."""
    time_ms = parse_time_ms(json_body(("time",)).get("time"), "time")
    return _edit(
        session_id, lambda connection, now: people.split_person(connection, session_id, person_id, time_ms, now)
    )


@blueprint.delete("/api/sessions/<int:session_id>/people/<int:person_id>")
def remove_person(session_id: int, person_id: int) -> Response:
    """Leave a person out."""
    return _edit(session_id, lambda connection, now: people.remove_person(connection, session_id, person_id, now))


@blueprint.post("/api/sessions/<int:session_id>/undo")
def undo(session_id: int) -> Response:
    """Take the newest edit back."""
    return _edit(session_id, lambda connection, _: people.undo_edit(connection, session_id))


def _edit(session_id: int, change: Callable[[Any, Any], people.Edit]) -> Response:
    """The `edited` of docs/api.md."""

    def apply(connection: Any, _: Any, now: Any) -> dict[str, Any]:
        edit = change(connection, now)
        edits = people.select_edits(connection, session_id)
        return {"edit": edit.to_dict(), "edits": [one.to_dict() for one in edits]}

    return jsonify(edit_session(session_id, apply))
