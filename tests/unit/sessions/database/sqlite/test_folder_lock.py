"""One server per folder of sessions."""

import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app.errors import SessionError
from app.sessions.database.sqlite.folder_lock import FolderLock

HOLD = """
import sys, time
from pathlib import Path
from app.sessions.database.sqlite.folder_lock import FolderLock
lock = FolderLock(Path(sys.argv[1]), "a server")
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_holder_is_told_who_the_first_is(tmp_path: Path):
    with closing(FolderLock(tmp_path, "http://127.0.0.1:5000 (process 4711)")):
        for _ in range(2):
            with pytest.raises(
                SessionError, match=r"in use by http://127.0.0.1:5000 \(process 4711\); .*--data"
            ) as said:
                FolderLock(tmp_path, "another")
            assert "\n" not in str(said.value)
    FolderLock(tmp_path, "another").close()


def test_a_killed_holder_leaves_no_lock(tmp_path: Path):
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(SessionError, match="in use by a server"):
            FolderLock(tmp_path, "another")
        os.kill(holder.pid, signal.SIGKILL)
    FolderLock(tmp_path, "another").close()


def test_a_folder_that_cannot_be_written_is_not_locked(tmp_path: Path):
    (tmp_path / "data").write_text("a file where the folder should be")
    FolderLock(tmp_path / "data", "a server").close()
    FolderLock(tmp_path / "data", "another").close()
