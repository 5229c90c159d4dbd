"""Which person each track shows: a list of segments in time, which edits change while the rows stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from sqlalchemy import Connection, delete, insert, select

from app.sessions.database.schema import PEOPLE, SEGMENTS


@dataclass(frozen=True, slots=True)
class Segment:
    """A person during a part of a track, from `start_ms` to before `end_ms`.

    Attributes:
        end_ms: None up to the end of the track.
        person_id: None for a person who was removed.
    """

    track_id: int
    start_ms: int
    end_ms: int | None
    person_id: int | None


def select_segments(connection: Connection, session_id: int) -> list[Segment]:
    """A session's segments, ordered by track and time."""
    query = select(SEGMENTS).where(SEGMENTS.c.session_id == session_id)
    rows = connection.execute(query.order_by(SEGMENTS.c.track_id, SEGMENTS.c.start_ms)).all()
    ends = [
        following.start_ms if following is not None and following.track_id == row.track_id else None
        for row, following in zip_longest(rows, rows[1:])
    ]
    return [Segment(row.track_id, row.start_ms, end, row.person_id) for row, end in zip(rows, ends, strict=True)]


def replace_segments(
    connection: Connection, session_id: int, track_ids: Iterable[int], segments: Sequence[Segment]
) -> None:
    """Replace the segments of these tracks."""
    for track_id in set(track_ids):
        of_track = (SEGMENTS.c.session_id == session_id) & (SEGMENTS.c.track_id == track_id)
        connection.execute(delete(SEGMENTS).where(of_track))
    rows = [
        {"session_id": session_id, "track_id": one.track_id, "start_ms": one.start_ms, "person_id": one.person_id}
        for one in segments
    ]
    if rows:
        connection.execute(insert(SEGMENTS), rows)


def insert_tracks(connection: Connection, session_id: int, track_ids: Iterable[int]) -> None:
    """Let each track that has no segment be a person of its own, with its number if no other person has it."""
    wanted = set(track_ids)
    known = select(SEGMENTS.c.track_id).where(SEGMENTS.c.session_id == session_id, SEGMENTS.c.track_id.in_(wanted))
    new = sorted(wanted - set(connection.execute(known).scalars()))
    if not new:
        return
    taken = person_ids(connection, session_id)
    rows = []
    for track_id in new:
        person_id = track_id if track_id not in taken else max(taken) + 1
        taken.add(person_id)
        rows.append({"session_id": session_id, "track_id": track_id, "start_ms": 0, "person_id": person_id})
    connection.execute(insert(SEGMENTS), rows)


def person_ids(connection: Connection, session_id: int) -> set[int]:
    """The numbers of all people of a session, without those that were removed."""
    query = select(SEGMENTS.c.person_id).distinct().where(SEGMENTS.c.session_id == session_id)
    return {one for one in connection.execute(query).scalars() if one is not None}


def select_names(connection: Connection, session_id: int) -> dict[int, str]:
    """The names of a session's people by number."""
    rows = connection.execute(select(PEOPLE).where(PEOPLE.c.session_id == session_id))
    return {row.person_id: row.name for row in rows}
