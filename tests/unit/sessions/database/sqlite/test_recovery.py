"""What can be read of a damaged sessions file is recovered into a new one; the damaged one stays."""

import random
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from app.attributes.kinds import NumberAttribute
from app.sessions.database.sqlite.page_reader import INDEX_LEAF, PageReader
from app.sessions.rows.records import NewSession, Observation
from app.sessions.store import FILE_NAME, SessionStore
from tests.support.sessions import WallClock, make_record, session_attributes, write_version_1

NOISE = NumberAttribute(name="noise", title="Noise", position=1000)
ATTRIBUTES = session_attributes(("happy", "sad"), NOISE)
SECONDS = 6000
PAGE_BYTES = 4096
# Values of an observation before those of its attributes, the first of which is a text.
OBSERVATION_VALUES = 10


def record(store: SessionStore, name: str, seconds: int = SECONDS) -> int:
    session_id = store.start(NewSession(name, source="demo", demo=True, attributes=ATTRIBUTES))["id"]
    store.add(session_id, [make_record(time_s, person) for time_s in range(seconds) for person in (1, 2)])
    store.stop(session_id, seconds)
    return session_id


@pytest.fixture
def clock() -> WallClock:
    return WallClock()


@pytest.fixture(scope="module")
def recorded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    store = SessionStore(folder, now=WallClock())
    record(store, "first", 10)
    record(store, "second")
    return folder / FILE_NAME


@pytest.fixture
def recorded(recorded_file: Path, tmp_path: Path, clock: WallClock) -> SessionStore:
    """A file with two sessions, the second of which has 12,000 rows."""
    shutil.copy(recorded_file, tmp_path)
    return SessionStore(tmp_path, now=clock)


def damage(path: Path, start: float, length: int, seed: int = 7) -> None:
    """Overwrite bytes at a share of the file with random ones."""
    content = bytearray(path.read_bytes())
    at = int(len(content) * start)
    content[at : at + length] = random.Random(seed).randbytes(len(content[at : at + length]))
    path.write_bytes(content)


def truncate(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def rows(store: SessionStore, session_id: int) -> list[Observation]:
    return store.records(session_id)[1]


@pytest.mark.parametrize(
    ("fault", "least_share"),
    [
        (lambda path: damage(path, 0.5, 3 * PAGE_BYTES), 0.95),
        (lambda path: [damage(path, share, 600, seed) for seed, share in enumerate((0.2, 0.4, 0.6, 0.8))], 0.95),
        (lambda path: truncate(path, 0.6), 0.55),
        (lambda path: truncate(path, 0.7123), 0.65),
    ],
    ids=["random bytes in three pages", "random bytes in four places", "40 % cut off", "cut off within a page"],
)
def test_the_readable_rows_are_recovered(
    recorded: SessionStore, tmp_path: Path, clock: WallClock, fault: Callable[[Path], object], least_share: float
):
    intact = {session_id: rows(recorded, session_id) for session_id in (1, 2)}
    fault(tmp_path / FILE_NAME)
    damaged = (tmp_path / FILE_NAME).read_bytes()
    started_s = time.monotonic()
    again = SessionStore(tmp_path, now=clock)
    elapsed_s = time.monotonic() - started_s
    assert [session["name"] for session in again.sessions()] == ["second", "first"]
    recovered = {session_id: rows(again, session_id) for session_id in (1, 2)}
    for session_id, kept in recovered.items():
        known = {(row.track_id, row.time_ms): row for row in intact[session_id]}
        assert [row for row in kept if row != known.get((row.track_id, row.time_ms))] == []
    count, total = sum(map(len, recovered.values())), sum(map(len, intact.values()))
    print(f"measured: {count} of {total} rows recovered in {elapsed_s:.2f} s")
    assert least_share * total < count < total
    assert f"{count} rows of 2 sessions were recovered" in (again.notice or "")
    (kept_file,) = tmp_path.glob("*.corrupt-*")
    assert kept_file.read_bytes() == damaged
    assert again.start(NewSession(None, source=None, demo=False, attributes=ATTRIBUTES))["id"] == 3, (
        "ids are never reused"
    )


def test_what_is_lost_comes_from_the_backup_of_the_day(recorded: SessionStore, tmp_path: Path, clock: WallClock):
    intact = rows(recorded, 2)
    assert recorded.back_up()
    clock.now += timedelta(hours=1)
    newer = record(recorded, "after the backup", 5)
    damage(tmp_path / FILE_NAME, 0.3, 40 * PAGE_BYTES)
    again = SessionStore(tmp_path, now=clock)
    assert rows(again, 2) == intact
    assert len(rows(again, newer)) == 10
    assert "more come from the backup" in (again.notice or "")


def test_a_file_without_its_first_page_gives_its_rows(recorded: SessionStore, tmp_path: Path, clock: WallClock):
    """Without the schema, only columns that every file has are known: those of the app's own attributes."""
    (tmp_path / FILE_NAME).unlink()
    write_version_1(tmp_path / FILE_NAME, 2000)
    store = SessionStore(tmp_path, now=clock)
    (tmp_path / f"{FILE_NAME}.before-v5").unlink()
    intact = rows(store, 1)
    damage(tmp_path / FILE_NAME, 0, PAGE_BYTES)
    again = SessionStore(tmp_path, now=clock)
    assert rows(again, 1) == intact
    assert (again.session(1) or {})["name"] == "Trailer test"


def test_a_damaged_file_of_an_older_version_is_recovered_and_migrated(tmp_path: Path, clock: WallClock):
    write_version_1(tmp_path / FILE_NAME, 2000)
    damage(tmp_path / FILE_NAME, 0.5, PAGE_BYTES)
    store = SessionStore(tmp_path, now=clock)
    detail = store.detail(1)
    assert 3800 < detail["session"]["person_seconds"] < 4000
    assert detail["labels"] == ["happy", "sad"]
    assert detail["persons"][0]["sex"] == "female"
    assert detail["gaps"] == [{"start_s": 41, "end_s": 46}]


def test_committed_pages_of_the_journal_are_read(tmp_path: Path, clock: WallClock):
    store = SessionStore(tmp_path, now=clock)
    session_id = store.start(NewSession("killed", source=None, demo=False, attributes=ATTRIBUTES))["id"]
    store.add(session_id, [make_record(0)])
    killed = tmp_path / "killed"
    killed.mkdir()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as onlooker:  # keeps SQLite from emptying the journal
        onlooker.execute("SELECT count(*) FROM sessions").fetchall()
        store.add(session_id, [make_record(time_s) for time_s in range(1, 6)])
        shutil.copy(tmp_path / FILE_NAME, killed / FILE_NAME)
        shutil.copy(tmp_path / f"{FILE_NAME}-wal", killed / f"{FILE_NAME}-wal")
    assert times_on_pages(killed / FILE_NAME) == [0, 1, 2, 3, 4, 5]
    (killed / f"{FILE_NAME}-wal").unlink()
    assert times_on_pages(killed / FILE_NAME) == [0]


def times_on_pages(path: Path) -> list[int]:
    """The second of every observation that the pages of a file have; the sums have other lengths."""
    with PageReader(path) as reader:
        rows = [row for page in reader.rows(INDEX_LEAF) for row in page if row and len(row.values) > OBSERVATION_VALUES]
        return [row.values[2] // 1000 for row in rows if isinstance(row.values[10], str)]


def test_deleted_sessions_do_not_come_back(recorded: SessionStore, tmp_path: Path, clock: WallClock):
    kept = record(recorded, "third", 4000)
    assert recorded.back_up()
    assert recorded.delete(2)
    damage(tmp_path / FILE_NAME, 0.9, 2 * PAGE_BYTES)
    again = SessionStore(tmp_path, now=clock)
    assert "is corrupt" in (again.notice or "")
    assert [session["id"] for session in again.sessions()] == [kept, 1]


def test_a_recovery_that_fails_is_tried_again(
    recorded: SessionStore, tmp_path: Path, clock: WallClock, monkeypatch: pytest.MonkeyPatch
):
    damage(tmp_path / FILE_NAME, 0.5, PAGE_BYTES)
    content = (tmp_path / FILE_NAME).read_bytes()

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as full_disk:
        full_disk.setattr("app.sessions.database.sqlite.recovery._insert", refuse)
        assert "disk is full" in (SessionStore(tmp_path, now=clock).notice or "")
    assert (tmp_path / FILE_NAME).read_bytes() == content
    again = SessionStore(tmp_path, now=clock)
    assert len(rows(again, 2)) > 10_000
    assert {path.name for path in tmp_path.iterdir()} == {FILE_NAME, f"{FILE_NAME}.corrupt-20260131T140322"}


def test_random_content_gives_no_rows(tmp_path: Path, clock: WallClock):
    for seed in range(20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        header = b"SQLite format 3\x00\x10\x00\x02\x02\x00\x40\x20\x20"
        page_types = (0x0D, 0x0A, 0x02)
        noise = random.Random(seed)
        pages = [bytes([noise.choice(page_types)]) + noise.randbytes(PAGE_BYTES - 1) for _ in range(20)]
        (folder / FILE_NAME).write_bytes(header + noise.randbytes(PAGE_BYTES - len(header)) + b"".join(pages))
        store = SessionStore(folder, now=clock)
        if "newer version" not in (store.notice or ""):
            assert store.sessions() == []
            assert "0 rows of 0 sessions" in (store.notice or "")
