"""The comparison of groups of sessions, people and spans."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify

from app.errors import InvalidRequest
from app.sessions.analysis.aligned_curves import MAX_STEPS, Alignment
from app.sessions.analysis.comparison import MAX_GROUPS, compare
from app.sessions.analysis.people_values import Group, Part
from app.sessions.analysis.selection import select_by
from app.sessions.edits.texts import parse_name
from app.web.routes.sessions.request_values import json_body, parse_filter, read_session

PART_KEYS = ("session", "people", "from", "to", "markers", "excluded")
MAX_PARTS = 100
# Around a marker, to either side.
MAX_ALIGNED_S = 600
DEFAULT_STEP_S = 1

blueprint = Blueprint("session_comparison", __name__)


@blueprint.post("/api/compare")
def comparison() -> Response:
    """Means, differences with intervals, and curves of two to six groups."""
    body = json_body(("groups", "align"))
    groups = body.get("groups")
    if not isinstance(groups, list) or not 2 <= len(groups) <= MAX_GROUPS:
        raise InvalidRequest(f"groups is a list of 2 to {MAX_GROUPS} groups; correct it")
    parsed = [_parse_group(group) for group in groups]
    alignment = None if body.get("align") is None else _parse_alignment(body["align"])
    return jsonify(compare(parsed, alignment, _read))


def _read(part: Part, function: Callable[[Any, Any], Any]) -> Any:
    return read_session(
        part.session_id,
        lambda connection, header, now: function(connection, select_by(connection, header, part.filter, now)),
    )


def _parse_group(value: Any) -> Group:
    parts = value.get("parts") if isinstance(value, Mapping) else None
    if not isinstance(parts, list) or not 1 <= len(parts) <= MAX_PARTS:
        raise InvalidRequest(f"a group has a name and 1 to {MAX_PARTS} parts; correct it")
    return Group(parse_name(value.get("name")), [_parse_part(part) for part in parts])


def _parse_part(value: Any) -> Part:
    if not isinstance(value, Mapping) or value.keys() - set(PART_KEYS):
        raise InvalidRequest(f"a part has some of the keys {', '.join(PART_KEYS)}; correct it")
    if type(value.get("session")) is not int:
        raise InvalidRequest("session is the number of a session; correct it")
    return Part(value["session"], parse_filter(value))


def _parse_alignment(value: Any) -> Alignment:
    if not isinstance(value, Mapping) or value.keys() - {"name", "before", "after", "step"}:
        raise InvalidRequest("align has a name, before, after and step; correct it")
    before_s, after_s, step_s = (value.get(key, DEFAULT_STEP_S) for key in ("before", "after", "step"))
    for key, number in (("before", before_s), ("after", after_s), ("step", step_s)):
        if type(number) not in (int, float) or not 0 <= number <= MAX_ALIGNED_S:
            raise InvalidRequest(f"{key} is a number of seconds from 0 to {MAX_ALIGNED_S}; correct it")
    if not step_s or not 1 <= (before_s + after_s) / step_s <= MAX_STEPS:
        raise InvalidRequest(f"before and after have at most {MAX_STEPS} steps together, and one at least; correct it")
    name = parse_name(value.get("name"))
    return Alignment(name, *(round(1000 * number) for number in (before_s, after_s, step_s)))
