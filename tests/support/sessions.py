"""Sessions as the app stores them, and files as older versions of it wrote them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.attributes.attribute import Attribute
from app.attributes.attribute_set import AttributeSet, own_attributes
from app.attributes.estimate import ClassEstimate, Estimate, NumberEstimate
from app.sessions.rows.records import Observation

START = datetime(2026, 1, 31, 14, 3, 22, 125000, tzinfo=UTC)

# The tables of version 1, as that version created them.
VERSION_1 = """
CREATE TABLE sessions (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, started_at TEXT NOT NULL,
    ended_at TEXT, source TEXT, demo BOOLEAN NOT NULL, labels JSON NOT NULL);
CREATE TABLE person_seconds (session_id INTEGER NOT NULL, person_id INTEGER NOT NULL, time_s INTEGER NOT NULL,
    frames INTEGER NOT NULL, dominant TEXT, probabilities JSON, age_years FLOAT, p_female FLOAT, race TEXT, mask TEXT,
    PRIMARY KEY (session_id, person_id, time_s), FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE)
    WITHOUT ROWID;
CREATE TABLE gaps (session_id INTEGER NOT NULL, start_s INTEGER NOT NULL, end_s INTEGER NOT NULL,
    PRIMARY KEY (session_id, start_s), FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE)
    WITHOUT ROWID;
"""


class WallClock:
    """A time of day that the test advances."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def session_attributes(labels: Sequence[str], *others: Attribute) -> AttributeSet:
    """The predicted attributes of the app, with these labels of the main statistics, and others."""
    own = (one for one in own_attributes() if one.derive is None)
    attributes = (*(replace(one, labels=tuple(labels)) if one.is_headline else one for one in own), *others)
    return AttributeSet(attributes, frozenset(one.name for one in attributes))


def make_record(
    time_s: float,
    track_id: int = 1,
    happy: float = 0.8,
    *,
    frames: int = 30,
    age_years: float | None = 34.1,
    p_female: float | None = 0.9,
    labels: tuple[str, str] = ("happy", "sad"),
    duration_ms: int = 1000,
    **class_labels: str,
) -> Observation:
    """A record of two labels; `class_labels` are those of further attributes."""
    probabilities = dict(zip(labels, (happy, round(1 - happy, 4)), strict=True))
    estimates: dict[str, Estimate] = {"emotion": ClassEstimate(probabilities, labels[0 if happy >= 0.5 else 1])}
    if age_years is not None:
        estimates["age"] = NumberEstimate(age_years)
    if p_female is not None:
        estimates["sex"] = ClassEstimate({"male": 1 - p_female, "female": p_female})
    estimates |= {name: ClassEstimate(label=label) for name, label in class_labels.items()}
    return Observation(track_id, round(1000 * time_s), frames, estimates, duration_ms)


def write_version_1(path: Path, seconds: int = 3, *, lacking: Sequence[str] = (), version: int = 1) -> None:
    """Write a sessions file of version 1 (or 0) with one session of two persons, without the `lacking` columns."""
    values = (
        (1, person, time_s, 30, "happy", json.dumps([0.8, 0.2]), 34.1, 0.9, "asian", "none")
        for person in (1, 2)
        for time_s in range(seconds)
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("PRAGMA journal_mode=WAL;" + VERSION_1 + f"PRAGMA user_version={version};")
        started, ended = "2026-01-31T14:03:22.125+00:00", "2026-01-31T14:05:02.125+00:00"
        row = (1, "Trailer test", started, ended, "0", 0, json.dumps(["happy", "sad"]))
        connection.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        connection.executemany(f"INSERT INTO person_seconds VALUES ({', '.join('?' * 10)})", values)
        connection.execute("INSERT INTO gaps VALUES (1, 41, 46)")
        connection.commit()
        for column in lacking:
            connection.execute(f"ALTER TABLE person_seconds DROP COLUMN {column}")
