"""Whatever the umask, only the owner can read the folder and the files of the sessions."""

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.sessions.database.sqlite.folder_lock import FolderLock
from app.sessions.rows.records import NewSession
from app.sessions.store import FILE_NAME, SessionStore
from tests.support.sessions import make_record, session_attributes, write_version_1

ATTRIBUTES = session_attributes(("happy", "sad"))


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


def use(folder: Path) -> None:
    """Create all files that the app writes."""
    with closing(FolderLock(folder, "a test")):
        store = SessionStore(folder)
        session_id = store.start(NewSession("x", source=None, demo=False, attributes=ATTRIBUTES))["id"]
        store.add(session_id, [make_record(0)])
        assert store.back_up()


@pytest.mark.usefixtures("umask")
def test_a_new_folder_and_its_files_are_private(tmp_path: Path):
    use(tmp_path / "new" / "instance")
    assert modes(tmp_path / "new") == {
        "new": 0o700,
        "instance": 0o700,
        "sessions.lock": 0o600,
        FILE_NAME: 0o600,
        f"{FILE_NAME}.backup": 0o600,
    }


@pytest.mark.usefixtures("umask")
def test_copies_of_migrations_and_corrupt_files_and_journals_are_private(tmp_path: Path):
    write_version_1(tmp_path / FILE_NAME)
    (tmp_path / FILE_NAME).chmod(0o644)
    store = SessionStore(tmp_path)
    (tmp_path / FILE_NAME).write_bytes(b"this is no database " * 50)
    store = SessionStore(tmp_path)
    with store.database.open_engine().connect() as connection:  # its journals exist while it is open
        connection.exec_driver_sql("INSERT INTO retention VALUES (1, 'x', NULL, NULL)")
        found = modes(tmp_path)
    del found[tmp_path.name]
    assert {name.partition("corrupt-")[0] for name in found} == {
        *(FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"),
        *(f"{FILE_NAME}.before-v5", f"{FILE_NAME}."),
    }
    assert set(found.values()) == {0o600}


def test_a_folder_that_exists_keeps_its_rights(tmp_path: Path):
    tmp_path.chmod(0o755)
    use(tmp_path)
    assert modes(tmp_path)[tmp_path.name] == 0o755
