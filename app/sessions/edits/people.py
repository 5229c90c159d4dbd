"""Name, merge, split and remove the people of a session, and take such edits back, the newest first.

An edit replaces segments and names; what it replaced is kept with it, so that undo restores every row's person exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from app.errors import EditConflict, InvalidRequest, UnknownItem
from app.sessions.database.schema import EDITS, OBSERVATIONS, PEOPLE
from app.sessions.edits.segments import Segment, replace_segments, select_names, select_segments
from app.sessions.rows.records import to_iso, to_seconds


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit that can be taken back: what it did in one line."""

    id: int
    edited_at: datetime
    kind: str
    summary: str

    def to_dict(self) -> dict[str, Any]:
        """The `edit` of docs/api.md."""
        return {"id": self.id, "at": to_iso(self.edited_at), "kind": self.kind, "text": self.summary}


def select_edits(connection: Connection, session_id: int) -> list[Edit]:
    """The edits of a session, the newest first."""
    query = select(EDITS).where(EDITS.c.session_id == session_id).order_by(EDITS.c.id.desc())
    return [
        Edit(row.id, datetime.fromisoformat(row.edited_at), row.kind, row.summary) for row in connection.execute(query)
    ]


def name_person(connection: Connection, session_id: int, person_id: int, name: str | None, now: datetime) -> Edit:
    """Give a person a name, or take it away; raises UnknownItem."""
    _segments_of(select_segments(connection, session_id), person_id)
    text = f"named person {person_id} {name}" if name else f"removed the name of person {person_id}"
    edit = _log(connection, session_id, "rename", text, (), {person_id}, now)
    _set_names(connection, session_id, {person_id: name})
    return edit


def merge_people(connection: Connection, session_id: int, people: Sequence[int], now: datetime) -> Edit:
    """Let several people be the first of them, who keeps the name or gets the first name of the others.

    Raises:
        InvalidRequest: fewer than two people, or one of them twice.
        UnknownItem: one of them does not exist.
    """
    if len(people) < 2:
        raise InvalidRequest("a merge needs two people; choose another one")
    twice = next((one for one in people if people.count(one) > 1), None)
    if twice is not None:
        raise InvalidRequest(f"person {twice} cannot be merged with itself; choose two people")
    into, *others = people
    segments, names = select_segments(connection, session_id), select_names(connection, session_id)
    _segments_of(segments, into)
    moved = [segment for other in others for segment in _segments_of(segments, other)]
    text = f"merged {_list_people(others)} into {into}"
    edit = _log(connection, session_id, "merge", text, moved, people, now)
    _replace(connection, session_id, segments, {one: replace(one, person_id=into) for one in moved})
    name = next((names[one] for one in people if one in names), None)
    _set_names(connection, session_id, {**dict.fromkeys(others), into: name})
    return edit


def split_person(connection: Connection, session_id: int, person_id: int, time_ms: int, now: datetime) -> Edit:
    """Let what a person shows from a time on be a new person.

    Raises:
        InvalidRequest: the person is not seen both before and after the time.
    """
    segments = select_segments(connection, session_id)
    own = _segments_of(segments, person_id)
    first_ms, last_ms = seen_times(connection, session_id, own)
    if not first_ms < time_ms <= last_ms:
        seen = f"{to_seconds(first_ms):g} to {to_seconds(last_ms):g} s"
        raise InvalidRequest(
            f"person {person_id} cannot be split at {to_seconds(time_ms):g} s; choose a time within {seen}"
        )
    new = 1 + max(max(one.track_id, one.person_id or 0) for one in segments)
    cut = [one for one in own if seen_times(connection, session_id, [one])[1] >= time_ms]
    text = f"split person {person_id} at {to_seconds(time_ms):g} s; the rest is person {new}"
    edit = _log(connection, session_id, "split", text, cut, (), now)
    parts: list[Segment] = []
    for one in cut:
        if one.start_ms < time_ms:
            parts.append(replace(one, end_ms=time_ms))
        parts.append(replace(one, start_ms=max(one.start_ms, time_ms), person_id=new))
    tracks = {one.track_id for one in cut}
    kept = [one for one in segments if one.track_id in tracks and one not in cut]
    replace_segments(connection, session_id, tracks, [*kept, *parts])
    return edit


def remove_person(connection: Connection, session_id: int, person_id: int, now: datetime) -> Edit:
    """Leave a person out of all figures and exports; the rows stay."""
    segments = select_segments(connection, session_id)
    own = _segments_of(segments, person_id)
    edit = _log(connection, session_id, "remove", f"removed person {person_id}", own, {person_id}, now)
    _replace(connection, session_id, segments, {one: replace(one, person_id=None) for one in own})
    _set_names(connection, session_id, {person_id: None})
    return edit


def undo_edit(connection: Connection, session_id: int) -> Edit:
    """Take the newest edit back; raises EditConflict if there is none."""
    newest = next(iter(select_edits(connection, session_id)), None)
    if newest is None:
        raise EditConflict(f"session {session_id} has no edit to undo")
    before = json.loads(connection.execute(select(EDITS.c.before).where(EDITS.c.id == newest.id)).scalar_one())
    segments = [Segment(track_id, start_ms, None, person_id) for track_id, start_ms, person_id in before["segments"]]
    replace_segments(connection, session_id, {one.track_id for one in segments}, segments)
    _set_names(connection, session_id, {int(person_id): name for person_id, name in before["names"].items()})
    connection.execute(delete(EDITS).where(EDITS.c.id == newest.id))
    return newest


def seen_times(connection: Connection, session_id: int, segments: Iterable[Segment]) -> tuple[int, int]:
    """The times of the first and the last row of these segments, in milliseconds; (0, 0) without rows."""
    times = OBSERVATIONS.c.time_ms
    found: list[int] = []
    for one in segments:
        query = select(func.min(times), func.max(times)).where(
            OBSERVATIONS.c.session_id == session_id, OBSERVATIONS.c.track_id == one.track_id, times >= one.start_ms
        )
        row = connection.execute(query if one.end_ms is None else query.where(times < one.end_ms)).one()
        found += [time for time in row if time is not None]
    return (min(found), max(found)) if found else (0, 0)


def _segments_of(segments: Iterable[Segment], person_id: int) -> list[Segment]:
    own = [one for one in segments if one.person_id == person_id]
    if not own:
        raise UnknownItem(f"there is no person {person_id} in this session; reload the page")
    return own


def _list_people(people: Sequence[int]) -> str:
    *rest, last = map(str, people)
    return f"people {', '.join(rest)} and {last}" if rest else f"person {last}"


def _replace(
    connection: Connection, session_id: int, segments: Iterable[Segment], changed: Mapping[Segment, Segment]
) -> None:
    tracks = {one.track_id for one in changed}
    of_tracks = [changed.get(one, one) for one in segments if one.track_id in tracks]
    replace_segments(connection, session_id, tracks, of_tracks)


def _log(
    connection: Connection,
    session_id: int,
    kind: str,
    summary: str,
    changed: Iterable[Segment],
    named: Iterable[int],
    now: datetime,
) -> Edit:
    """Store an edit, with what it is going to replace: all segments of the changed tracks, and names."""
    tracks = {one.track_id for one in changed}
    names = select_names(connection, session_id)
    before = {
        "segments": [
            (one.track_id, one.start_ms, one.person_id)
            for one in select_segments(connection, session_id)
            if one.track_id in tracks
        ],
        "names": {person_id: names.get(person_id) for person_id in named},
    }
    values = {"session_id": session_id, "edited_at": to_iso(now), "kind": kind, "summary": summary}
    statement = insert(EDITS).values(**values, before=json.dumps(before))
    (edit_id,) = connection.execute(statement).inserted_primary_key or (0,)
    return Edit(edit_id, now, kind, summary)


def _set_names(connection: Connection, session_id: int, names: Mapping[int, str | None]) -> None:
    for person_id, name in names.items():
        of_person = (PEOPLE.c.session_id == session_id) & (PEOPLE.c.person_id == person_id)
        connection.execute(delete(PEOPLE).where(of_person))
        if name is not None:
            connection.execute(insert(PEOPLE).values(session_id=session_id, person_id=person_id, name=name))
