"""Edits of people change who a row belongs to, never the row; undo restores every row's person."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from app.errors import EditConflict, InvalidRequest, SessionError, UnknownItem
from app.sessions.analysis.selection import EVERYTHING, select_by
from app.sessions.edits import people
from app.sessions.edits.markers import add_marker, change_marker, select_markers
from app.sessions.export.row_table import RowTable
from app.sessions.rows.records import NewSession
from app.sessions.store import SessionStore
from tests.support.sessions import WallClock, make_record, session_attributes


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    """Three tracks in 100 s, one after the other but for the third."""
    store = SessionStore(tmp_path, now=WallClock())
    attributes = session_attributes(("happy", "sad"))
    session_id = store.start(NewSession(None, source="0", demo=False, attributes=attributes))["id"]
    spans = {1: (0, 40), 2: (50, 90), 3: (0, 100)}
    store.add(session_id, [make_record(time, track) for track, span in spans.items() for time in range(*span)])
    store.stop(session_id, 100)
    return store


def rows(store: SessionStore) -> list[list[Any]]:
    """Every row with its person and that person's name."""
    return store.read(
        1,
        lambda connection, header, now: list(
            RowTable(select_by(connection, header, EVERYTHING, now)).read_all(connection)
        ),
    )


def edit(store: SessionStore, function: Any, *args: Any) -> people.Edit:
    return store.edit(1, lambda connection, _, now: function(connection, 1, *args, now))


def undo(store: SessionStore) -> people.Edit:
    return store.edit(1, lambda connection, *_: people.undo_edit(connection, 1))


def person_counts(store: SessionStore) -> dict[int, int]:
    numbers = [row[1] for row in rows(store)]
    return {number: numbers.count(number) for number in sorted(set(numbers))}


def test_undo_restores_every_row(store: SessionStore):
    states = [rows(store)]
    steps = [
        (people.name_person, 2, "Anna"),
        (people.merge_people, [1, 2]),
        (people.split_person, 1, 20_000),
        (people.split_person, 3, 55_500),
        (people.remove_person, 3),
        (people.name_person, 1, None),
    ]
    for function, *args in steps:
        edit(store, function, *args)
        states.append(rows(store))
    assert [len(state) for state in states] == [180, 180, 180, 180, 180, 124, 124]
    for state in reversed(states[:-1]):
        undo(store)
        assert rows(store) == state
    with pytest.raises(EditConflict, match="no edit to undo"):
        undo(store)


def test_a_disk_that_is_full_in_the_middle_of_a_merge_leaves_everything_as_it_was(store: SessionStore):
    tracks = range(10, 1010)
    store.add(1, [make_record(99, track) for track in tracks])
    before, engine = rows(store), store.database.open_engine()

    def allow_two_more_pages(connection: sqlite3.Connection, _: Any) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 2}")

    event.listen(engine, "connect", allow_two_more_pages)
    with pytest.raises(SessionError, match="^cannot change the session: .* full; check the disk and --data$"):
        edit(store, people.merge_people, list(tracks))
    assert rows(store) == before
    assert store.read(1, lambda connection, *_: people.select_edits(connection, 1)) == []
    event.remove(engine, "connect", allow_two_more_pages)
    edit(store, people.merge_people, list(tracks))
    assert person_counts(store)[10] == len(tracks)
    undo(store)
    assert rows(store) == before


def test_merge_split_and_remove_change_the_figures(store: SessionStore):
    assert edit(store, people.merge_people, [1, 2]).summary == "merged person 2 into 1"
    assert person_counts(store) == {1: 80, 3: 100}
    edit(store, people.split_person, 1, 60_000)
    assert person_counts(store) == {1: 50, 3: 100, 4: 30}
    edit(store, people.remove_person, 3)
    summary = store.session(1) or {}
    assert (summary["persons"], summary["person_seconds"]) == (2, 80)
    assert [person["tracks"] for person in store.detail(1)["persons"]] == [[1, 2], [2]]
    assert {row.track_id for row in store.records(1)[1]} == {1, 2, 3}, "rows keep their first id"


@pytest.mark.parametrize(
    ("function", "args", "error", "message"),
    [
        (people.merge_people, ([2, 2],), InvalidRequest, "person 2 cannot be merged with itself"),
        (people.merge_people, ([2],), InvalidRequest, "needs two people"),
        (people.merge_people, ([1, 9],), UnknownItem, "no person 9"),
        (people.split_person, (2, 10_000), InvalidRequest, "choose a time within 50 to 89 s"),
        (people.remove_person, (7,), UnknownItem, "no person 7"),
    ],
)
def test_an_edit_that_makes_no_sense_changes_nothing(
    store: SessionStore, function: Any, args: tuple[Any, ...], error: type[Exception], message: str
):
    before = rows(store)
    with pytest.raises(error, match=message):
        edit(store, function, *args)
    assert rows(store) == before
    assert store.detail(1)["edits"] == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"time": 20, "end": 10}, "reversed"),
        ({"time": 101}, "outside the session, 0 to 100 s"),
        ({"time": -1}, "0 or more"),
        ({"name": "film", "time": 25, "end": 35}, r"overlaps 'film' \(10 to 30 s\)"),
        ({"name": "break", "time": 5, "end": 20, "excluded": True}, "overlaps 'pause'"),
        ({"time": 5, "excluded": True}, "is a point"),
        ({"time": None}, "is not running"),
        ({"time": 5, "key": 10}, "from 1 to 9"),
        ({"time": 5, "colour": "red"}, "unknown field colour"),
    ],
)
def test_markers_that_make_no_sense_are_refused(store: SessionStore, values: dict[str, Any], message: str):
    def mark(**fields: Any) -> Any:
        return store.edit(1, lambda connection, header, now: add_marker(connection, header, fields, now, None))

    film = mark(name="film", time=10, end=30)
    mark(name="pause", time=12, end=14, excluded=True)
    with pytest.raises(InvalidRequest, match=message):
        mark(**values)
    moved = store.edit(
        1, lambda connection, header, now: change_marker(connection, header, film.id, {"end": None, "note": "x"}, now)
    )
    assert (moved.end_ms, moved.note) == (None, "x")
    assert len(store.read(1, lambda connection, *_: select_markers(connection, 1))) == 2
