"""Sessions with everything that can be known of one, their archives, and what a file of sessions holds of them."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from app.attributes.kinds import ClassAttribute
from app.sessions.catalog import change_session
from app.sessions.edits.markers import add_marker
from app.sessions.edits.people import merge_people, name_person, remove_person, split_person
from app.sessions.export.archive import write_archive
from app.sessions.rows.records import Gap, NewSession, SessionHeader
from app.sessions.store import SessionStore
from tests.support.sessions import make_record, session_attributes

GLASSES = ClassAttribute(name="glasses", title="Glasses", position=1000, labels=("none", "glasses"))
LABELS = ("happy", "=sad")
SECONDS = 40
# Tables of a session, with what is new after an import.
TABLES = {
    **{name: ("session_id",) for name in ("observations", "sums", "label_sums", "gaps", "segments", "people")},
    **{name: ("id", "session_id") for name in ("markers", "edits")},
    "sessions": ("id",),
}


def write_full_session(store: SessionStore, name: str = "=Trailer test") -> int:
    """A session of five tracks, merged, split, named and removed, with markers, gaps and tags; returns its id."""
    attributes = session_attributes(LABELS, GLASSES)
    session_id: int = store.start(
        NewSession(name, source="0", demo=False, attributes=attributes, rate=2, marker_names={"1": "Film"})
    )["id"]
    rows = [
        make_record(time_s / 2, track, happy=(track + time_s) % 7 / 7, labels=LABELS, duration_ms=500, mask="none")
        for time_s in range(2 * SECONDS)
        for track in range(1, 6)
        if time_s // 10 != track
    ]
    store.add(session_id, [*rows, Gap(12, 15)])
    store.stop(session_id, SECONDS)
    store.edit(session_id, _annotate)
    return session_id


def _annotate(connection: Connection, header: SessionHeader, now: Any) -> None:
    change_session(connection, header, now, tags=["pilot", "+1"])
    add_marker(connection, header, {"key": 1, "time": 3.5, "end": 9, "note": "two\nlines"}, now, None)
    add_marker(connection, header, {"name": "'=Pause", "time": 20, "end": 22, "excluded": True}, now, None)
    add_marker(connection, header, {"name": "NA", "time": 30}, now, None)
    name_person(connection, header.id, 1, "=Anna", now)
    merge_people(connection, header.id, [1, 3], now)
    split_person(connection, header.id, 2, 15_000, now)
    remove_person(connection, header.id, 4, now)


def export_session(store: SessionStore, session_id: int, path: Path) -> Path:
    """Write the archive of a session; returns its path."""
    write_archive(path, partial(store.read, session_id))
    return path


def stored_content(folder: Path, session_id: int) -> dict[str, list[dict[str, Any]]]:
    """Everything that a file holds of a session, without its numbers there."""
    with closing(sqlite3.connect(folder / "sessions.sqlite3")) as connection:
        connection.row_factory = sqlite3.Row
        return {name: _rows(connection, name, own, session_id) for name, own in TABLES.items()}


def _rows(connection: sqlite3.Connection, table: str, own: tuple[str, ...], session_id: int) -> list[dict[str, Any]]:
    key = "id" if table == "sessions" else "session_id"
    rows = connection.execute(f"SELECT * FROM {table} WHERE {key} = ?", (session_id,))
    return [{name: row[name] for name in row.keys() if name not in own} for row in rows]  # noqa: SIM118


def rewrite(path: Path, changes: Mapping[str, bytes | None]) -> Path:
    """Write the archive again with other files; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()} | changes
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def change_lines(path: Path, name: str, change: Any) -> Path:
    """Write the archive again with the values of one stored table changed by `change(lines)`."""
    with zipfile.ZipFile(path) as archive:
        lines = [json.loads(line) for line in archive.read(name).splitlines()]
    change(lines)
    return rewrite(path, {name: b"".join(json.dumps(line).encode() + b"\n" for line in lines)})


def change_header(path: Path, without: Sequence[str] = (), **session: Any) -> Path:
    """Write the archive again with other values of its session, or of its header with a leading `_`, or with fewer."""
    with zipfile.ZipFile(path) as archive:
        header = json.loads(archive.read("stored/session.json"))
    header |= {key[1:]: value for key, value in session.items() if key.startswith("_")}
    header["session"] |= {key: value for key, value in session.items() if not key.startswith("_")}
    header["session"] = {key: value for key, value in header["session"].items() if key not in without}
    return rewrite(path, {"stored/session.json": json.dumps(header).encode()})
