"""The same session in SQLite and in PostgreSQL: every figure, row and export is the same, also after edits."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.attributes.attribute_set import load_attributes
from app.bench.session_rates import random_rows
from app.errors import EditConflict, InvalidRequest
from app.sessions.analysis.aligned_curves import Alignment
from app.sessions.analysis.comparison import compare
from app.sessions.analysis.events import find_events
from app.sessions.analysis.figures import figures
from app.sessions.analysis.people_values import Group, Part
from app.sessions.analysis.selection import Filter, select_by
from app.sessions.analysis.suggestions import suggest_merges
from app.sessions.analysis.timeline import circumplex, timeline
from app.sessions.catalog import find_sessions
from app.sessions.edits import people
from app.sessions.edits.markers import add_marker
from app.sessions.export.archive import write_archive
from app.sessions.export.archive_reader import SessionArchive
from app.sessions.export.row_table import RowTable
from app.sessions.export.small_tables import READERS
from app.sessions.export.stored_tables import STORED_FILES
from app.sessions.imports.archive_import import import_archive
from app.sessions.queries import insert_gaps, insert_rows, select_gaps
from app.sessions.rows.records import Gap, NewSession, recorded_attributes
from app.sessions.rows.row_codec import RowCodec
from app.sessions.store import SessionStore
from app.settings import Settings
from tests.support.sessions import WallClock

# On a busy computer the many answers take minutes.
pytestmark = pytest.mark.timeout(600)

SECONDS = 400
RATE = 2
TRACKS = 9
MARKERS = (
    {"name": "Trailer", "time": 20.5, "end": 80.0},
    {"name": "Trailer", "time": 200.0, "end": 260.25},
    {"name": "Break", "time": 100.0, "end": 130.0, "excluded": True},
    {"name": "Start", "time": 3.25, "note": "a note"},
)
FILTERS = {
    "everything": Filter(with_excluded=True),
    "without the break": Filter(),
    "a span that cuts intervals": Filter(start_ms=13_370, end_ms=333_330),
    "three people": Filter(people=(1, 3, 8), start_ms=61_500),
    "spans of markers": Filter(markers=(1, 2)),
}

Read = Callable[..., Any]


class Recorded:
    """A session in one of the databases, whose answers have the id 0 instead of its own."""

    def __init__(self, store: SessionStore) -> None:
        self.store = store
        self.attributes = recorded_attributes(load_attributes(Settings().models))
        self.id = self._record()

    def _record(self) -> int:
        new = NewSession("Both", "0", demo=False, attributes=self.attributes, rate=RATE, camera="door")
        session_id: int = self.store.start(new)["id"]
        codec = RowCodec(self.attributes)

        def write(connection: Any, header: Any, _: Any) -> None:
            for track in range(TRACKS, 0, -1):  # people leave and come back: tracks overlap in part
                first, last = 40 * (track - 1) * RATE, min(SECONDS, 40 * (track + 2)) * RATE
                rows = list(random_rows(codec, session_id, track, SECONDS * RATE, 1000 // RATE))[first:last]
                insert_rows(connection, header, rows[::-1])
            insert_gaps(connection, session_id, [Gap(380, 390), Gap(5, 8)])

        self.store.edit(session_id, write)
        self.store.stop(session_id, SECONDS)
        for marker in MARKERS:
            self.store.edit(session_id, partial(self._add_marker, values=marker))
        return session_id

    @staticmethod
    def _add_marker(connection: Any, header: Any, now: Any, values: Any) -> None:
        add_marker(connection, header, values, now, None)

    def edit(self, function: Any, *arguments: Any) -> str:
        """Edit people; returns what it did, or why not."""
        try:
            edit = self.store.edit(self.id, lambda connection, _, now: function(connection, self.id, *arguments, now))
        except (InvalidRequest, EditConflict) as error:
            return str(error)
        return edit.summary

    def undo(self) -> str:
        return self.store.edit(self.id, lambda connection, *_: people.undo_edit(connection, self.id)).summary

    def answers(self) -> Iterator[tuple[str, Any]]:
        """Everything that the API says of the session, by name."""
        yield "summary", self._without_id(self.store.session(self.id))
        yield "detail", self._without_id(self.store.detail(self.id))
        yield "records", self.store.records(self.id)[1]
        yield "suggestions", self.store.read(self.id, suggest_merges)
        yield "found", self._without_id(find_sessions(self.store, "trailer", camera="door"))
        yield "gaps", self.store.read(self.id, lambda connection, *_: select_gaps(connection, self.id))
        for name, chosen in FILTERS.items():
            for what, read in self._filtered().items():
                yield f"{what} of {name}", self.store.read(self.id, partial(self._select, chosen=chosen, read=read))
        for table, rows in READERS.items():
            yield table, self.store.read(self.id, lambda connection, header, _, rows=rows: rows(connection, header))
        yield "comparison", self._comparison()

    def archive(self, folder: Path) -> dict[str, bytes]:
        """The files of an export."""
        path = folder / f"{type(self.store.database).__name__}.zip"
        write_archive(path, partial(self.store.read, self.id))
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def _filtered(self) -> dict[str, Read]:
        return {
            "figures": figures,
            "timeline": lambda connection, one: timeline(connection, one, (), points=150, with_curves=True),
            "long timeline": lambda connection, one: timeline(connection, one, (), points=7),
            "lanes of rows": lambda connection, one: timeline(connection, one, (), points=1000)["lanes"],
            "circumplex": lambda connection, one: circumplex(connection, one, points=500),
            "events": lambda connection, one: find_events(connection, one, 20),
            "rows": lambda connection, one: [row[1:] for row in RowTable(one).read_all(connection)],
        }

    @staticmethod
    def _select(connection: Any, header: Any, now: Any, *, chosen: Filter, read: Read) -> Any:
        return read(connection, select_by(connection, header, chosen, now))

    def _comparison(self) -> Any:
        first = Group("first", (Part(self.id, Filter(end_ms=180_000)),))
        second = Group("second", (Part(self.id, Filter(start_ms=180_000)),))

        def read(part: Part, function: Read) -> Any:
            return self.store.read(part.session_id, partial(self._select, chosen=part.filter, read=function))

        return compare([first, second], Alignment("Trailer", 5000, 20_000, 1000), read)

    def _without_id(self, answer: Any) -> Any:
        return json.loads(json.dumps(answer).replace(f'"id": {self.id}, "name": "Both"', '"id": 0, "name": "Both"'))


@pytest.fixture(scope="module")
def both(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Recorded, Recorded]]:
    server.create_database("both")
    folder = tmp_path_factory.mktemp("sqlite")
    yield (
        Recorded(SessionStore(folder, now=WallClock())),
        Recorded(SessionStore(server.address("both"), now=WallClock())),
    )
    server.drop_database("both")


def differences(first: Recorded, second: Recorded) -> list[str]:
    """The names of the answers that differ."""
    pairs = zip(first.answers(), second.answers(), strict=True)
    found = [(name, one, other) for (name, one), (_, other) in pairs]
    assert len(found) > 40
    return [name for name, one, other in found if one != other]


def test_every_answer_is_the_same_also_after_edits_and_undo(both: tuple[Recorded, Recorded]):
    first, second = both
    assert len(first.store.records(first.id)[1]) > 1500
    assert differences(first, second) == []
    edits = (
        (people.name_person, 2, "Anna"),
        (people.merge_people, [1, 4, 2]),
        (people.split_person, 1, 130_000),
        (people.split_person, 7, 300_250),
        (people.remove_person, 5),
        (people.merge_people, [3, 3]),
    )
    for function, *arguments in edits:
        assert first.edit(function, *arguments) == second.edit(function, *arguments)
    assert differences(first, second) == []
    for _ in edits[:-1]:
        assert first.undo() == second.undo()
    assert differences(first, second) == []


def test_exports_are_the_same_and_go_from_one_database_to_the_other(both: tuple[Recorded, Recorded], tmp_path: Path):
    first, second = both
    files, others = first.archive(tmp_path), second.archive(tmp_path)
    assert files.keys() == others.keys()
    for name in files:
        assert files[name] == others[name].replace(str(second.id).encode(), str(first.id).encode()), name
    for source, target in ((first, second), (second, first)):
        with SessionArchive(tmp_path / f"{type(source.store.database).__name__}.zip") as archive:
            imported = import_archive(archive, target.store, now=target.store.records(target.id)[0].started_at)
        copy = tmp_path / f"copy-of-{imported['id']}.zip"
        write_archive(copy, partial(target.store.read, imported["id"]))
        with zipfile.ZipFile(copy) as archive:
            assert {name: archive.read(name) for name in STORED_FILES} == {name: files[name] for name in STORED_FILES}
