"""The manifest beside an output: which files are done, and where their rows are."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.errors import SettingsError

FORMAT_VERSION = "1"
# Rows of one transaction while the files are listed.
PLAN_BATCH = 1000
# Ready rows are read in pages, since a cursor must not stay open while rows are written.
PAGE = 500

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,   -- bytes, since a name need not be text
    size INTEGER NOT NULL,       -- bytes, 0 if unknown
    version TEXT NOT NULL,       -- time of the last change, or what a server tells
    settings TEXT NOT NULL,      -- hash of models and settings
    run INTEGER NOT NULL,        -- number of the last run that named the file
    done INTEGER NOT NULL DEFAULT 0,
    retry INTEGER NOT NULL DEFAULT 0,
    pictures INTEGER NOT NULL DEFAULT 0,
    faces INTEGER NOT NULL DEFAULT 0,
    people TEXT NOT NULL DEFAULT '{}',
    reason TEXT
);
CREATE INDEX IF NOT EXISTS pending ON files (run, done, id);
CREATE TABLE IF NOT EXISTS chunks (file INTEGER NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_by_file ON chunks (file);
CREATE INDEX IF NOT EXISTS chunks_by_start ON chunks (start);
"""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file to analyse, with what tells whether it has changed."""

    path: str
    size: int
    version: str


@dataclass(slots=True)
class Outcome:
    """What became of a file.

    Attributes:
        pictures: Pictures or video frames that were analysed.
        faces: Faces in all of them.
        people: Number of people by the label of the headline attribute.
        reason: Why it could not be read, in a few words; None if it was.
        retry: Whether the next run is to try again.
    """

    pictures: int = 0
    faces: int = 0
    people: Mapping[str, int] = field(default_factory=dict)
    reason: str | None = None
    retry: bool = False


class Manifest:
    """A SQLite file. One run at a time may have it open; every method is a transaction, or part of `commit`."""

    def __init__(self, path: Path) -> None:
        """Open or create it.

        Raises:
            SettingsError: another run has it open, or it cannot be read.
        """
        self.path = path
        try:
            self._db = sqlite3.connect(path, timeout=0, isolation_level=None)
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("BEGIN EXCLUSIVE")
            for statement in SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            remedy = "wait for the other run" if "locked" in str(error) else "choose another --out"
            raise SettingsError(f"cannot open the manifest {str(path)!r} ({error}); {remedy}") from None
        except sqlite3.DatabaseError as error:
            raise SettingsError(
                f"{str(path)!r} is no manifest ({error}); delete it and the output, or choose another --out"
            ) from None
        if self.get("format", FORMAT_VERSION) != FORMAT_VERSION:
            raise SettingsError(f"{str(path)!r} is of another version; delete it and the output")
        self._db.execute("BEGIN")
        self.put("format", FORMAT_VERSION)

    def get(self, key: str, default: str) -> str:
        """A value of the table `meta`."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else default

    def put(self, key: str, value: str) -> None:
        """Set a value of the table `meta`."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def commit(self) -> None:
        """Make all changes so far permanent."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    def roll_back(self) -> None:
        """Undo all changes since the last commit."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Allow another run; changes since the last commit are undone."""
        self._db.close()

    def clear(self) -> None:
        """Forget all files."""
        self._db.execute("DELETE FROM files")
        self._db.execute("DELETE FROM chunks")

    def plan(self, files: Iterable[PlannedFile], settings: str) -> None:
        """Start a run: name its files. Those that are new, changed or failed for a passing reason are pending.

        Args:
            settings: Hash of models and settings. With another one than before, all files are pending, and those that
                this run does not name are forgotten.
        """
        run = self.run + 1
        self.put("run", str(run))
        for number, file in enumerate(files, 1):
            self._db.execute(
                "INSERT INTO files (path, size, version, settings, run) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (path) DO UPDATE SET run = excluded.run, "
                "done = done AND NOT retry AND size = excluded.size AND version = excluded.version "
                "AND settings = excluded.settings, "
                "size = excluded.size, version = excluded.version, settings = excluded.settings",
                (os.fsencode(file.path), file.size, file.version, settings, run),
            )
            if number % PLAN_BATCH == 0:
                self.commit()
        self._db.execute("DELETE FROM files WHERE settings != ? OR (run != ? AND NOT done)", (settings, run))
        self._db.execute("DELETE FROM chunks WHERE file NOT IN (SELECT id FROM files WHERE done)")
        self.commit()

    @property
    def run(self) -> int:
        """Number of the present run."""
        return int(self.get("run", "0"))

    def counts(self) -> tuple[int, int, int]:
        """Of the files that this run names: all, those that are done, and those of them that could not be read."""
        total, done, unreadable = self._db.execute(
            "SELECT count(*), coalesce(sum(done), 0), coalesce(sum(done AND reason IS NOT NULL), 0) "
            "FROM files WHERE run = ?",
            (self.run,),
        ).fetchone()
        return total, done, unreadable

    def pending(self) -> Iterator[tuple[int, str]]:
        """Id and path of the files that are to be analysed, in the order in which they were named first."""
        last = 0
        while True:
            page = self._db.execute(
                "SELECT id, path FROM files WHERE run = ? AND NOT done AND id > ? ORDER BY id LIMIT ?",
                (self.run, last, PAGE),
            ).fetchall()
            if not page:
                return
            last = page[-1][0]
            yield from ((id, os.fsdecode(path)) for id, path in page)

    def add_chunk(self, file: int, start: int, stop: int) -> None:
        """Record that rows of a file are at these bytes of the output."""
        self._db.execute("INSERT INTO chunks VALUES (?, ?, ?)", (file, start, stop))

    def finish(self, file: int, outcome: Outcome) -> None:
        """Record that all rows of a file are written."""
        self._db.execute(
            "UPDATE files SET done = 1, retry = ?, pictures = ?, faces = ?, people = ?, reason = ? WHERE id = ?",
            (outcome.retry, outcome.pictures, outcome.faces, json.dumps(outcome.people), outcome.reason, file),
        )

    def chunks(self) -> Iterator[tuple[int, int, int]]:
        """Row id, start and stop of all chunks in the order of the output; chunks already read may be moved."""
        last = -1
        while True:
            page = self._db.execute(
                "SELECT rowid, start, stop FROM chunks WHERE start > ? ORDER BY start LIMIT ?", (last, PAGE)
            ).fetchall()
            if not page:
                return
            last = page[-1][1]
            yield from page

    def chunk_bytes(self) -> int:
        """Sum of the sizes of all chunks."""
        return int(self._db.execute("SELECT coalesce(sum(stop - start), 0) FROM chunks").fetchone()[0])

    def move_chunk(self, row_id: int, start: int, stop: int) -> None:
        """Set start and stop of a chunk."""
        self._db.execute("UPDATE chunks SET start = ?, stop = ? WHERE rowid = ?", (start, stop, row_id))

    def finished(self) -> Iterator[Mapping[str, Any]]:
        """What became of the finished files of this run, for the summary."""
        rows = self._db.execute(
            "SELECT count(*), sum(pictures), sum(faces), people, reason FROM files WHERE run = ? AND done "
            "GROUP BY people, reason",
            (self.run,),
        )
        for count, pictures, faces, people, reason in rows:
            yield {"files": count, "pictures": pictures, "faces": faces, "people": json.loads(people), "reason": reason}


def manifest_path(output: Path) -> Path:
    """The manifest of an output."""
    return output.with_name(output.name + ".manifest")


def local_version(path: str) -> tuple[int, str]:
    """Size in bytes and time of the last change in nanoseconds of a local file; (0, "") without one."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, ""
    return status.st_size, str(status.st_mtime_ns)
