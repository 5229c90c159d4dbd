"""Figures of one session under a filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from app.sessions.analysis.events import find_events
from app.sessions.analysis.figures import figures as compute_figures
from app.sessions.analysis.selection import select_by
from app.sessions.analysis.suggestions import suggest_merges
from app.sessions.analysis.timeline import circumplex as compute_circumplex
from app.sessions.analysis.timeline import lanes as compute_lanes
from app.sessions.analysis.timeline import timeline as compute_timeline
from app.sessions.queries import select_gaps
from app.web.routes.sessions.request_values import (
    filter_of_query,
    flag_of_query,
    integer_of_query,
    read_session,
)

# What a chart draws at most; more points than a screen has columns are of no use.
DEFAULT_POINTS, MAX_POINTS = 400, 5400
DEFAULT_PLANE_POINTS = 2000
DEFAULT_EVENTS, MAX_EVENTS = 20, 200

blueprint = Blueprint("session_figures", __name__)


@blueprint.get("/api/sessions/<int:session_id>/figures")
def figures(session_id: int) -> Response:
    """Totals and people."""
    return _of_selection(session_id, compute_figures)


@blueprint.get("/api/sessions/<int:session_id>/timeline")
def timeline(session_id: int) -> Response:
    """Means over time at a zoom level, a lane a person, and on request a curve a person."""
    chosen, points = filter_of_query(), integer_of_query("points", DEFAULT_POINTS, (1, MAX_POINTS))
    parts = {"with_curves": flag_of_query("curves", False), "with_lanes": flag_of_query("lanes", True)}

    def read(connection: Any, header: Any, now: Any) -> dict[str, Any]:
        selection, gaps = select_by(connection, header, chosen, now), select_gaps(connection, header.id)
        return compute_timeline(connection, selection, gaps, points=points, **parts)

    return jsonify(read_session(session_id, read))


@blueprint.get("/api/sessions/<int:session_id>/lanes")
def lanes(session_id: int) -> Response:
    """The lanes of the timeline alone."""
    points = integer_of_query("points", DEFAULT_POINTS, (1, MAX_POINTS))
    return _of_selection(session_id, compute_lanes, points=points)


@blueprint.get("/api/sessions/<int:session_id>/circumplex")
def circumplex(session_id: int) -> Response:
    """Valence and arousal over time."""
    points = integer_of_query("points", DEFAULT_PLANE_POINTS, (1, MAX_POINTS))
    return _of_selection(session_id, compute_circumplex, points=points)


@blueprint.get("/api/sessions/<int:session_id>/events")
def events(session_id: int) -> Response:
    """The strongest and longest changes."""
    return _of_selection(session_id, find_events, limit=integer_of_query("limit", DEFAULT_EVENTS, (1, MAX_EVENTS)))


@blueprint.get("/api/sessions/<int:session_id>/people/suggestions")
def suggestions(session_id: int) -> Response:
    """People who may be one person."""
    return jsonify(suggestions=read_session(session_id, suggest_merges))


def _of_selection(session_id: int, compute: Callable[..., Any], **options: int) -> Response:
    """The answer of `compute`, given a connection and what the filter of the request selects."""
    chosen = filter_of_query()

    def read(connection: Any, header: Any, now: Any) -> Any:
        return compute(connection, select_by(connection, header, chosen, now), **options)

    return jsonify(read_session(session_id, read))
