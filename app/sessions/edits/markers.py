"""Markers of a session: points and spans of time with a name, a note and a key; figures may leave spans out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from app.errors import InvalidRequest, UnknownItem
from app.sessions.database.schema import MARKERS
from app.sessions.edits.texts import parse_name, parse_note
from app.sessions.rows.records import SessionHeader, to_iso, to_seconds

# More than a program sets in hours, few enough to draw.
MAX_MARKERS = 5000
FIELDS = ("name", "note", "time", "end", "key", "excluded")
# As the end of a marker: the present time of the running session.
NOW = "now"


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker; a point has no end.

    Attributes:
        start_ms: Milliseconds since the session started.
        key: The key on the keyboard that sets it, 1 to 9; None without one.
        excluded: Whether figures leave the span out.
    """

    id: int
    start_ms: int
    end_ms: int | None
    name: str
    note: str
    key: int | None
    excluded: bool
    created_at: datetime

    def to_dict(self) -> dict[str, Any]:
        """The `marker` of docs/api.md."""
        return {
            "id": self.id,
            "name": self.name,
            "note": self.note,
            "start_s": to_seconds(self.start_ms),
            "end_s": None if self.end_ms is None else to_seconds(self.end_ms),
            "at": to_iso(self.created_at),
            "key": self.key,
            "excluded": self.excluded,
        }


def select_markers(connection: Connection, session_id: int) -> list[Marker]:
    """A session's markers, ordered by time."""
    query = select(MARKERS).where(MARKERS.c.session_id == session_id).order_by(MARKERS.c.start_ms, MARKERS.c.id)
    return [
        Marker(
            *(row.id, row.start_ms, row.end_ms, row.name, row.note, row.key, row.excluded),
            datetime.fromisoformat(row.created_at),
        )
        for row in connection.execute(query)
    ]


def count_markers(connection: Connection, session_ids: Sequence[int]) -> dict[int, int]:
    """The number of markers by session."""
    query = select(MARKERS.c.session_id, func.count()).where(MARKERS.c.session_id.in_(session_ids))
    return {session_id: count for session_id, count in connection.execute(query.group_by(MARKERS.c.session_id))}


def add_marker(
    connection: Connection, header: SessionHeader, values: Mapping[str, Any], now: datetime, now_ms: int | None
) -> Marker:
    """Add a marker with these `FIELDS`.

    Args:
        now_ms: Time in the session at which a marker without `time` is set; None if the session is not running.
    Raises:
        InvalidRequest: a field is malformed, the marker lies outside the session, or its span overlaps another one.
    """
    existing = select_markers(connection, header.id)
    if len(existing) >= MAX_MARKERS:
        raise InvalidRequest(f"session {header.id} has {MAX_MARKERS} markers already; delete some")
    key = _parse_key(values.get("key"))
    named = header.marker_names.get(str(key), f"Marker {key}") if key else "Marker"
    marker = Marker(0, 0, None, parse_name(values.get("name") or named), "", key, False, now)
    if values.get("time") is None and now_ms is None:
        raise InvalidRequest(f"session {header.id} is not running; give the time of the marker")
    marker = _change(marker, {"time": None, **values}, now_ms)
    _check(marker, existing, header, now, now_ms)
    return replace(marker, id=insert_marker(connection, header.id, marker))


def add_and_list(
    connection: Connection, header: SessionHeader, now: datetime, values: Mapping[str, Any], now_ms: int | None
) -> list[dict[str, Any]]:
    """Add a marker as `add_marker` does; returns all markers of the session as in docs/api.md."""
    add_marker(connection, header, values, now, now_ms)
    return [marker.to_dict() for marker in select_markers(connection, header.id)]


def insert_marker(connection: Connection, session_id: int, marker: Marker) -> int:
    """Store a marker; returns its id."""
    values = {**asdict(marker), "created_at": to_iso(marker.created_at), "session_id": session_id}
    del values["id"]
    (marker_id,) = connection.execute(insert(MARKERS).values(values)).inserted_primary_key or (0,)
    return int(marker_id)


def change_marker(
    connection: Connection,
    header: SessionHeader,
    marker_id: int,
    values: Mapping[str, Any],
    now: datetime,
    now_ms: int | None = None,
) -> Marker:
    """Change the given `FIELDS` of a marker; `now_ms` as for `add_marker`, raises as it does, and UnknownItem."""
    existing = select_markers(connection, header.id)
    marker = _change(find_marker(existing, marker_id), values, now_ms)
    _check(marker, [one for one in existing if one.id != marker_id], header, now, now_ms)
    fields = {name: value for name, value in asdict(marker).items() if name not in ("id", "created_at")}
    connection.execute(update(MARKERS).where(MARKERS.c.id == marker_id).values(fields))
    return marker


def delete_marker(connection: Connection, header: SessionHeader, marker_id: int) -> None:
    """Delete a marker; raises UnknownItem if there is none."""
    find_marker(select_markers(connection, header.id), marker_id)
    connection.execute(delete(MARKERS).where(MARKERS.c.id == marker_id))


def find_marker(markers: Sequence[Marker], marker_id: int) -> Marker:
    """The marker with this id; raises UnknownItem if there is none."""
    for marker in markers:
        if marker.id == marker_id:
            return marker
    raise UnknownItem(f"there is no marker {marker_id} in this session; reload the page")


def parse_time_ms(value: Any, what: str) -> int:
    """Milliseconds of a time in seconds.

    Raises:
        InvalidRequest: it is no finite number, or negative.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e9:
        raise InvalidRequest(f"{what} is a number of seconds since the session started, 0 or more; correct it")
    return round(value * 1000)


def _change(marker: Marker, values: Mapping[str, Any], now_ms: int | None) -> Marker:
    """The marker with other values of the given fields."""
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise InvalidRequest(f"unknown field {', '.join(sorted(unknown))}; the fields are {', '.join(FIELDS)}")
    changes: dict[str, Any] = {}
    if values.get("name") is not None:
        changes["name"] = parse_name(values["name"])
    if values.get("note") is not None:
        changes["note"] = parse_note(values["note"])
    if "time" in values:
        time = values["time"]
        changes["start_ms"] = now_ms if time is None and now_ms is not None else parse_time_ms(time, "time")
    if "end" in values:
        changes["end_ms"] = _parse_end_ms(values["end"], now_ms)
    if "key" in values:
        changes["key"] = _parse_key(values["key"])
    if "excluded" in values:
        changes["excluded"] = _parse_flag(values["excluded"])
    return replace(marker, **changes)


def _parse_end_ms(end: Any, now_ms: int | None) -> int | None:
    if end == NOW and now_ms is None:
        raise InvalidRequest("the session of this marker is not running; give the time of its end")
    return now_ms if end == NOW else None if end is None else parse_time_ms(end, "end")


def _check(marker: Marker, others: Sequence[Marker], header: SessionHeader, now: datetime, now_ms: int | None) -> None:
    last_ms = max(header.duration_ms(now), now_ms or 0)
    end_ms = marker.start_ms if marker.end_ms is None else marker.end_ms
    if marker.end_ms is not None and marker.end_ms <= marker.start_ms:
        times = f"{to_seconds(marker.start_ms):g} to {to_seconds(marker.end_ms):g} s"
        raise InvalidRequest(f"the span of marker {marker.name!r} is reversed or empty ({times}); exchange its ends")
    if end_ms > last_ms:
        time, last = to_seconds(end_ms), to_seconds(last_ms)
        raise InvalidRequest(f"marker {marker.name!r} at {time:g} s lies outside the session, 0 to {last:g} s; move it")
    if marker.excluded and marker.end_ms is None:
        raise InvalidRequest(f"marker {marker.name!r} is a point; give it an end to leave its span out")
    for other in others:
        if _overlap(marker, other) and (other.name == marker.name or (marker.excluded and other.excluded)):
            span = f"{to_seconds(other.start_ms):g} to {to_seconds(other.end_ms or 0):g} s"
            raise InvalidRequest(f"the span of marker {marker.name!r} overlaps {other.name!r} ({span}); shorten one")


def _overlap(first: Marker, second: Marker) -> bool:
    if first.end_ms is None or second.end_ms is None:
        return False
    return first.start_ms < second.end_ms and second.start_ms < first.end_ms


def _parse_key(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 9):
        raise InvalidRequest("the key of a marker is an integer from 1 to 9, or null; correct it")
    return value


def _parse_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidRequest("excluded is true or false; correct it")
    return value
