"""The list of sessions: search, tags and names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, union

from app.sessions import queries
from app.sessions.analysis.summaries import summarize
from app.sessions.database.schema import MARKERS, PEOPLE
from app.sessions.rows.records import SessionHeader
from app.sessions.store import SessionStore


def find_sessions(
    store: SessionStore, search: str = "", tag: str = "", camera: str = ""
) -> tuple[list[dict[str, Any]], list[str]]:
    """The summaries of the sessions found, newest first, and the tags of all sessions in alphabetical order.

    Args:
        search: Words of which each stands in the name, a tag, the name of the camera, a marker or a person; any case.
        tag: A tag that the session has.
        camera: Name of the camera of the session.
    """
    return store.read_all(lambda connection, headers, now: _find(connection, headers, now, search, tag, camera))


def change_session(
    connection: Connection,
    header: SessionHeader,
    now: datetime,
    *,
    tags: Sequence[str] | None = None,
    marker_names: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Change the tags or the names of markers; returns the summary."""
    values = {}
    if tags is not None:
        values["tags"] = json.dumps(list(tags))
    if marker_names is not None:
        values["marker_names"] = json.dumps(marker_names)
    if values:
        connection.execute(queries.update_session(header.id).values(values))
    changed = queries.select_header(connection, header.id) or header
    return summarize(connection, [changed], now)[0]


def _find(
    connection: Connection, headers: Sequence[SessionHeader], now: datetime, search: str, tag: str, camera: str
) -> tuple[list[dict[str, Any]], list[str]]:
    words = search.casefold().split()
    texts = _texts(connection) if words else {}
    found = [
        header
        for header in headers
        if (not tag or tag in header.tags)
        and (not camera or camera == header.camera)
        and all(
            word in "\n".join((header.name, header.camera or "", *header.tags, *texts.get(header.id, ()))).casefold()
            for word in words
        )
    ]
    tags = {tag for header in headers for tag in header.tags}
    return summarize(connection, found, now), sorted(tags, key=str.casefold)


def _texts(connection: Connection) -> dict[int, list[str]]:
    """The names of markers and people, by session."""
    names = union(
        select(MARKERS.c.session_id, MARKERS.c.name),
        select(PEOPLE.c.session_id, PEOPLE.c.name),
    )
    texts: dict[int, list[str]] = {}
    for session_id, name in connection.execute(names):
        texts.setdefault(session_id, []).append(name)
    return texts
