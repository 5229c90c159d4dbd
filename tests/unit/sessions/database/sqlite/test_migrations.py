"""Files of older versions are migrated after a copy of them; those of newer versions are left alone."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.attributes.kinds import BinaryAttribute, ClassAttribute
from app.errors import SessionError
from app.sessions.database.schema import SCHEMA_VERSION
from app.sessions.rows.records import NewSession, Observation
from app.sessions.store import FILE_NAME, SessionStore
from tests.support.sessions import make_record, session_attributes, write_version_1

BEFORE = f"{FILE_NAME}.before-v5"
GLASSES = ClassAttribute(name="glasses", title="Glasses", position=1000, labels=("none", "with glasses"))
BEARD = BinaryAttribute(name="beard", title="Beard", position=1001, labels=("no", "a beard"), positive="a beard")


def hashes(folder: Path) -> dict[str, str]:
    """The hash of every file in a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def columns(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(observations)")]


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("lacking", [(), ("mask",), ("race", "mask")])
def test_an_older_file_gives_the_same_json_as_before(tmp_path: Path, version: int, lacking: tuple[str, ...]):
    write_version_1(tmp_path / FILE_NAME, lacking=lacking, version=version)
    detail = SessionStore(tmp_path).detail(1)
    labels = {"races": {"asian": 6}, "masks": {"none": 6}} | {f"{name}s": {} for name in lacking}
    assert {key: detail[key] for key in ("labels", "mean", "races", "masks", "gaps")} == {
        "labels": ["happy", "sad"],
        "mean": {"happy": 0.8, "sad": 0.2},
        **labels,
        "gaps": [{"start_s": 41, "end_s": 46}],
    }
    assert detail["session"] == {
        "id": 1,
        "name": "Trailer test",
        "started_at": "2026-01-31T14:03:22.125+00:00",
        "ended_at": "2026-01-31T14:05:02.125+00:00",
        "running": False,
        "interrupted": False,
        "source": "0",
        "demo": False,
        "duration_s": 100.0,
        "persons": 2,
        "person_seconds": 6,
        "dominant": "happy",
        "histogram": {"happy": 6, "sad": 0},
        "rate": 1,
        "tags": [],
        "camera": None,
        "markers": 0,
    }
    assert detail["persons"][0] == {
        "id": 1,
        "name": None,
        "tracks": [1],
        "first_s": 0.0,
        "last_s": 2.0,
        "share": 0.03,
        "facing_share": None,
        "age_low": None,
        "age_high": None,
        "first_seen_at": "2026-01-31T14:03:22.125+00:00",
        "last_seen_at": "2026-01-31T14:03:24.125+00:00",
        "person_seconds": 3,
        "dominant": "happy",
        "histogram": {"happy": 3, "sad": 0},
        "mean": {"happy": 0.8, "sad": 0.2},
        "age_years": 34.1,
        "p_female": 0.9,
        "sex": "female",
        **{key: {label: count // 2 for label, count in counts.items()} for key, counts in labels.items()},
    }


def test_the_file_before_the_migration_is_kept_beside_it(tmp_path: Path):
    write_version_1(tmp_path / FILE_NAME)
    SessionStore(tmp_path)
    with closing(sqlite3.connect(tmp_path / BEFORE)) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT labels FROM sessions").fetchone() == ('["happy", "sad"]',)
        assert copy.execute("SELECT count(*) FROM person_seconds").fetchone() == (6,)
    again = hashes(tmp_path)[BEFORE]
    SessionStore(tmp_path)
    assert hashes(tmp_path)[BEFORE] == again, "only a migration makes a copy"


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_version_1(tmp_path / FILE_NAME)

    def refuse(*_: Any) -> None:
        raise sqlite3.OperationalError("the disk is full")

    with monkeypatch.context() as full_disk:
        full_disk.setattr("app.sessions.database.sqlite.migrations.create_missing_tables", refuse)
        assert "full" in (SessionStore(tmp_path).notice or "")
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT labels FROM sessions").fetchone() == ('["happy", "sad"]',)
    assert (SessionStore(tmp_path).session(1) or {})["person_seconds"] == 6


def test_a_file_of_version_3_gets_the_column_of_cameras(tmp_path: Path):
    before = SessionStore(tmp_path)
    started = before.start(NewSession("Door", source="0", demo=False, attributes=session_attributes(("happy", "sad"))))
    before.stop(started["id"], 1.0)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("ALTER TABLE sessions DROP COLUMN camera")
        connection.execute("PRAGMA user_version=3")
        connection.commit()
    (session,) = SessionStore(tmp_path).sessions()
    assert (session["name"], session["camera"]) == ("Door", None)


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_newer_file_is_refused_with_one_line_and_not_a_byte_is_changed(tmp_path: Path, mode: str):
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}")
        connection.execute("CREATE TABLE sessions (id INTEGER PRIMARY KEY, what TEXT)")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
        connection.commit()
    before = hashes(tmp_path)
    newer = SessionStore(tmp_path)
    for _ in range(2):
        with pytest.raises(SessionError, match=f"newer version \\({SCHEMA_VERSION + 1}\\)") as refused:
            newer.sessions()
        assert "\n" not in str(refused.value)
    assert hashes(tmp_path) == before


def test_a_newer_version_that_only_the_journal_knows_is_refused_too(tmp_path: Path):
    SessionStore(tmp_path)
    writer = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    writer.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    killed = tmp_path / "killed"  # the files as a killed server leaves them
    killed.mkdir()
    for name in (FILE_NAME, f"{FILE_NAME}-wal"):
        (killed / name).write_bytes((tmp_path / name).read_bytes())
    writer.close()
    before = hashes(killed)
    assert "newer version" in (SessionStore(killed).notice or "")
    assert hashes(killed) == before


def test_a_new_attribute_gets_its_columns_with_the_first_session_that_has_it(tmp_path: Path):
    write_version_1(tmp_path / FILE_NAME)
    store = SessionStore(tmp_path)
    store.start(NewSession("old models", source=None, demo=False, attributes=session_attributes(("happy", "sad"))))
    assert "glasses" not in columns(tmp_path / FILE_NAME)
    attributes = session_attributes(("happy", "sad"), GLASSES, BEARD)
    session_id = store.start(NewSession("new models", source=None, demo=False, attributes=attributes))["id"]
    assert columns(tmp_path / FILE_NAME)[-2:] == ["glasses", "p_a beard"]
    record = make_record(0, glasses="with glasses")
    record = Observation(1, 0, 30, {**record.estimates, "beard": BEARD.from_positive(0.75)})
    store.add(session_id, [record])
    stored = SessionStore(tmp_path).records(session_id)  # as an app that has no such model any more
    assert stored[1] == [record]
    assert list(stored[0].attributes)[-1].describe() == BEARD.describe()


def test_columns_of_recorded_attributes_are_kept_apart_by_type(tmp_path: Path):
    store = SessionStore(tmp_path)
    attributes = session_attributes(())
    session_id = store.start(NewSession(None, source=None, demo=False, attributes=attributes))["id"]
    estimates = {"age": NumberEstimate(30.0), "mask": ClassEstimate(label="none")}
    store.add(session_id, [Observation(1, 0, 30, estimates)])
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM observations").fetchone())
    assert {name: value for name, value in row.items() if value is not None} == {
        **{"session_id": 1, "track_id": 1, "time_ms": 0, "duration_ms": 1000, "frames": 30},
        **{"age_years": 300, "mask": "none"},
    }


def test_descriptions_are_stored_with_each_session(tmp_path: Path):
    store = SessionStore(tmp_path)
    attributes: AttributeSet = session_attributes(("happy", "sad"), GLASSES)
    store.start(NewSession(None, source=None, demo=False, attributes=attributes))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        (text,) = connection.execute("SELECT attributes FROM sessions").fetchone()
    stored: list[Mapping[str, Any]] = json.loads(text)
    assert stored == attributes.describe()
