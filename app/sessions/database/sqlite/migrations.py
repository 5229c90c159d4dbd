"""Bring sessions files of the versions before 4 to it. Later changes are `revisions`, which PostgreSQL shares."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.schema import CreateColumn

from app.attributes.attribute_set import AttributeSet, own_attributes
from app.attributes.stored_attribute import attributes_to_text
from app.sessions.database.schema import SESSIONS, create_missing_tables
from app.sessions.database.sqlite.version_2_rows import convert_person_seconds


def migrate(connection: Connection, version: int) -> None:
    """Apply the steps from a version on, in the transaction of the connection."""
    for target, step in MIGRATIONS.items():
        if version < target:
            step(connection)


def describe_attributes(connection: Connection) -> None:
    """Version 2: sessions keep the descriptions of their attributes instead of the labels of one.

    Versions 0 and 1 kept the app's own attributes. Files older than some of them lack their columns.
    """
    connection.execute(text("ALTER TABLE sessions RENAME COLUMN labels TO attributes"))
    for id, labels in connection.execute(text("SELECT id, attributes FROM sessions")).all():
        values = {"id": id, "attributes": descriptions_from_labels(labels)}
        connection.execute(text("UPDATE sessions SET attributes = :attributes WHERE id = :id"), values)


def split_rows(connection: Connection) -> None:
    """Version 3: rows of less than a second, numbers as integers, sums, markers, and people apart from tracks."""
    add_session_columns(connection)
    create_missing_tables(connection)
    convert_person_seconds(connection)


def add_session_columns(connection: Connection) -> None:
    """Version 4: sessions of several cameras have the name of theirs. Earlier steps need all columns as well."""
    existing = {one["name"] for one in inspect(connection).get_columns(SESSIONS.name)}
    for column in SESSIONS.columns:
        if column.name not in existing:
            definition = CreateColumn(column).compile(connection).string
            connection.execute(text(f"ALTER TABLE sessions ADD COLUMN {definition}"))


def descriptions_from_labels(stored: str) -> str:
    """The descriptions of a session of version 0 or 1, which stored the labels of the main statistics.

    Args:
        stored: JSON, a list of labels. Descriptions are returned unchanged.
    """
    labels: list[Any] = json.loads(stored)
    if not all(isinstance(label, str) for label in labels):
        return stored
    predicted = (one for one in own_attributes() if one.derive is None)
    kept = tuple(replace(one, labels=tuple(labels)) if one.is_headline else one for one in predicted)
    return attributes_to_text(AttributeSet(kept, frozenset(one.name for one in kept)))


# The step that leads to each version, in order.
MIGRATIONS: Mapping[int, Callable[[Connection], None]] = {2: describe_attributes, 3: split_rows, 4: add_session_columns}
