"""Check what an archive holds, since anybody may have written it. A ValueError says in a few words what is wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Integer, Table

from app.attributes.attribute import ColumnType
from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import UNSURE
from app.sessions.database.schema import OBSERVATIONS, SUMS, columns_of, sum_columns
from app.sessions.edits.markers import MAX_MARKERS
from app.sessions.edits.texts import parse_marker_names, parse_name, parse_note, parse_tags
from app.sessions.export.archive_reader import SessionArchive, refuse_damage
from app.sessions.export.stored_tables import OBSERVATIONS_FILE, column_names, file_of, observation_names
from app.sessions.rows.records import RATES

MAX_RATE = RATES[-1]
MAX_SOURCE_CHARACTERS = 1000
MAX_COLUMN_CHARACTERS = 100
# A year; charts and exports take steps through the time of a session.
MAX_TIME_MS = 366 * 86_400_000
# Of times, exclusive: other time zones and the length of a session have room on both sides.
MIN_YEAR, MAX_YEAR = 1970, 3000
# Sums of ten million such numbers are exact in SQLite.
MAX_NUMBER = 2**31
EDIT_KINDS = ("rename", "merge", "split", "remove")
FIXED_INTEGERS = 4  # track, time, duration and frames, which every row has


def check_header(session: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `sessions` that an archive gives, with times as `datetime` in UTC; raises ValueError."""
    started_at, ended_at = _time(session["started_at"]), session["ended_at"] and _time(session["ended_at"])
    if ended_at and not 0 <= (ended_at - started_at).total_seconds() * 1000 <= MAX_TIME_MS:
        raise ValueError("its session ends before it starts, or after a year")
    rate, demo = session["rate"], session["demo"]
    interrupted = session.get("interrupted", False)  # older archives lack it
    if type(rate) not in (int, float) or not 0 < rate <= MAX_RATE:
        raise ValueError(f"its rate is no number up to {MAX_RATE}")
    texts = {name: session[name] for name in ("source", "camera")}
    for name, text in texts.items():
        if text is not None and not (isinstance(text, str) and len(text) <= MAX_SOURCE_CHARACTERS):
            raise ValueError(f"its {name} is no text, or too long")
    flags = {"demo": demo, "interrupted": interrupted}
    if odd := next((name for name, value in flags.items() if type(value) is not bool), None):
        raise ValueError(f"{odd} is neither true nor false")
    return {
        **{"name": parse_name(session["name"]), "started_at": started_at, "ended_at": ended_at},
        **texts,
        **flags,
        "rate": rate,
        "tags": json.dumps(parse_tags(session["tags"])),
        "marker_names": json.dumps(parse_marker_names(session["marker_names"])),
    }


def check_attributes(attributes: AttributeSet) -> None:
    """Refuse names of columns that the tables cannot have; raises ValueError."""
    names = [column.name for column in columns_of(attributes)]
    bad = next((name for name in names if not name.isprintable() or len(name) > MAX_COLUMN_CHARACTERS), None)
    if bad is not None:
        raise ValueError(f"{bad[:20]!r} cannot be the name of a column")
    for table, added in ((OBSERVATIONS, names), (SUMS, sum_columns(attributes))):
        counts = Counter(name.lower() for name in (*(column.name for column in table.c), *added))
        twice = next((name for name, count in counts.items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"two columns are named {twice!r}")


def check_observations(archive: SessionArchive) -> Iterator[dict[str, Any]]:
    """The stored rows of an archive by column, ordered by track and time; raises UnreadableArchive."""
    names = observation_names(archive.attributes)
    labels = _allowed_labels(archive.attributes, names)
    last = (0, -1)
    for values in archive.rows(OBSERVATIONS_FILE, names):
        with refuse_damage():
            _check_observation(values, labels)
            if not last < (last := (values[0], values[1])):
                raise ValueError(f"the rows of {OBSERVATIONS_FILE} are not in order, or one is there twice")
        yield dict(zip(names, values, strict=True))


def check_small_rows(table: Table, rows: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """The rows of a small table by column; raises UnreadableArchive."""
    columns = [table.c[name] for name in column_names(table)]
    keys = [column.name for column in columns if column.primary_key]
    seen: set[tuple[Any, ...]] = set()
    for number, values in enumerate(rows):
        with refuse_damage():
            if not all(map(_fits, columns, values)):
                raise ValueError(f"a value of {file_of(table)} has the wrong type")
            row = dict(zip(column_names(table), values, strict=True))
            key = tuple(row[name] for name in keys)
            if keys and key in seen:
                raise ValueError(f"a row of {file_of(table)} is there twice")
            seen.add(key)
            if table.name == "markers" and number >= MAX_MARKERS:
                raise ValueError(f"it has more than {MAX_MARKERS} markers")
            ROW_CHECKS[table.name](row)
        yield row


def _allowed_labels(attributes: AttributeSet, names: Sequence[str]) -> list[frozenset[str] | None]:
    """By column after the fixed integers: the texts that it may hold, or None for numbers."""
    labels: dict[str, frozenset[str]] = {}
    for attribute in attributes:
        for column in attribute.columns:
            if column.type is ColumnType.TEXT:
                labels[column.name] = frozenset((*attribute.labels, UNSURE))
    return [labels.get(name) for name in names[FIXED_INTEGERS:]]


def _check_observation(values: Sequence[Any], labels: Sequence[frozenset[str] | None]) -> None:
    track_id, time_ms, duration_ms, frames = values[:FIXED_INTEGERS]
    if any(type(value) is not int for value in values[:FIXED_INTEGERS]):
        raise ValueError(f"a row of {OBSERVATIONS_FILE} lacks its track, time, duration or frames")
    if not (0 < track_id < MAX_NUMBER and 0 <= time_ms < MAX_TIME_MS and 0 < frames < MAX_NUMBER):
        raise ValueError(f"track {track_id} has a row outside of a session")
    if not 0 < duration_ms <= MAX_TIME_MS:
        raise ValueError(f"a row of track {track_id} has no duration")
    for value, allowed in zip(values[FIXED_INTEGERS:], labels, strict=True):
        if value is None:
            continue
        if allowed is not None:
            if value not in allowed:
                raise ValueError(f"{value!r:.40} is no label of its attribute")
        elif type(value) is not int or not -MAX_NUMBER <= value <= MAX_NUMBER:
            raise ValueError(f"{value!r:.40} is no stored number")


def _fits(column: Column[Any], value: Any) -> bool:
    """Whether a value has the type of a column."""
    if value is None:
        return bool(column.nullable)
    if isinstance(column.type, Boolean):
        return type(value) is bool
    if isinstance(column.type, Integer):
        return type(value) is int and 0 <= value < MAX_TIME_MS
    return isinstance(value, str)


def _check_segment(row: Mapping[str, Any]) -> None:
    if row["person_id"] == 0 or row["track_id"] == 0:
        raise ValueError("people and tracks are numbered from 1")


def _check_person(row: Mapping[str, Any]) -> None:
    parse_name(row["name"])


def _check_marker(row: Mapping[str, Any]) -> None:
    name, end_ms = parse_name(row["name"]), row["end_ms"]
    parse_note(row["note"])
    _time(row["created_at"])
    if row["key"] is not None and not 1 <= row["key"] <= 9:
        raise ValueError(f"the key of marker {name!r} is not 1 to 9")
    if end_ms is None and row["excluded"]:
        raise ValueError(f"marker {name!r} is a point and cannot be left out")
    if end_ms is not None and end_ms <= row["start_ms"]:
        raise ValueError(f"the span of marker {name!r} is reversed or empty")


def _check_edit(row: Mapping[str, Any]) -> None:
    _time(row["edited_at"])
    if row["kind"] not in EDIT_KINDS or not row["summary"].isprintable():
        raise ValueError(f"{row['kind']!r:.40} is no edit")
    before = json.loads(row["before"])
    for track_id, start_ms, person_id in before["segments"]:
        if not all(type(one) is int and 0 <= one < MAX_TIME_MS for one in (track_id, start_ms, person_id or 0)):
            raise ValueError("an edit has a segment without numbers")
    for person_id, name in before["names"].items():
        int(person_id)
        if name is not None:
            parse_name(name)


def _check_gap(row: Mapping[str, Any]) -> None:
    if row["end_s"] <= row["start_s"]:
        raise ValueError("a gap is reversed or empty")


ROW_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "segments": _check_segment,
    "people": _check_person,
    "markers": _check_marker,
    "edits": _check_edit,
    "gaps": _check_gap,
}


def _time(value: Any) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None or not MIN_YEAR < time.year < MAX_YEAR:
        raise ValueError(f"{value!r:.40} has no time zone, or is no time of a session")
    return time.astimezone(UTC)
