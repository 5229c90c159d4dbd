"""The examples of docs/sessions.md run as they stand."""

from __future__ import annotations

import doctest
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest

from app.attributes.estimate import ClassEstimate
from app.paths import PROJECT
from app.sessions.edits.markers import add_marker
from app.sessions.edits.people import name_person
from app.sessions.export.archive import write_archive
from app.sessions.rows.records import NewSession, Observation
from app.sessions.store import SessionStore
from tests.support.sessions import session_attributes

LABELS = ("happy", "neutral")
# Person, seconds seen, usual probability of happy, and that during the second trailer.
PEOPLE = [(1, 60, 0.3, 0.6), (2, 60, 0.2, 0.5), (3, 40, 0.2, 0.2)]
TRAILERS = {"Trailer 1": (5, 20), "Trailer 2": (30, 50)}


def write_session(folder: Path) -> None:
    start = datetime.fromisoformat("2026-01-31T14:03:20+00:00")
    store = SessionStore(folder, now=lambda: start)
    session_id = store.start(NewSession("Trailer test", source="0", demo=False, attributes=session_attributes(LABELS)))[
        "id"
    ]
    for person, seconds, usual, changed in PEOPLE:
        values = [changed if 30 <= time_s < 50 else usual for time_s in range(seconds)]
        rows = [
            Observation(
                person, 1000 * time_s, 30, {"emotion": ClassEstimate({"happy": one, "neutral": 1 - one}, "happy")}
            )
            for time_s, one in enumerate(values)
        ]
        store.add(session_id, rows)
    store.stop(session_id, 60)
    for name, (from_s, to_s) in TRAILERS.items():
        marker = {"name": name, "time": from_s, "end": to_s}
        store.edit(session_id, lambda *session, values=marker: add_marker(*session[:2], values, session[2], None))
    store.edit(session_id, lambda connection, _, now: name_person(connection, session_id, 1, "Anna", now))
    write_archive(folder / "trailer-test.zip", partial(store.read, session_id))


def test_the_examples_of_the_sessions_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_session(tmp_path)
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(str(PROJECT / "docs" / "sessions.md"), module_relative=False)
    assert failed == 0
    assert tried > 10
