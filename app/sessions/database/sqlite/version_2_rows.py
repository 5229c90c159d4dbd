"""The rows of versions 0 to 2, one a person and second, and their conversion to observations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    TableClause,
    column,
    func,
    insert,
    inspect,
    literal,
    null,
    select,
    table,
    text,
)

from app.attributes.attribute import Attribute, ColumnType, SessionForm
from app.attributes.attribute_set import AttributeSet
from app.attributes.stored_attribute import attributes_from_text
from app.sessions.database.schema import (
    SEGMENTS,
    SESSIONS,
    add_missing_columns,
    columns_of,
    observations_of,
)
from app.sessions.database.statements import insert_new
from app.sessions.database.sums import rebuild_sums

PERSON_SECONDS = "person_seconds"
CREATE_PERSON_SECONDS = """
CREATE TABLE IF NOT EXISTS person_seconds (session_id INTEGER NOT NULL, person_id INTEGER NOT NULL,
    time_s INTEGER NOT NULL, frames INTEGER NOT NULL, dominant TEXT, probabilities JSON, age_years FLOAT,
    p_female FLOAT, race TEXT, mask TEXT, PRIMARY KEY (session_id, person_id, time_s)) WITHOUT ROWID
"""


def convert_person_seconds(connection: Connection) -> None:
    """Replace the table of person-seconds by observations, their sums, and one person a track, numbered from 1."""
    names = {one["name"] for one in inspect(connection).get_columns(PERSON_SECONDS)}
    seconds = table(PERSON_SECONDS, *(column(name) for name in names))
    _number_tracks(connection)
    for row in connection.execute(select(SESSIONS)).mappings().all():
        _convert_session(connection, seconds, row)
    connection.execute(text("DROP TABLE temp.numbers"))
    connection.execute(text(f"DROP TABLE {PERSON_SECONDS}"))


def _number_tracks(connection: Connection) -> None:
    """Number the ids of each session from 1, in the order in which they were first seen."""
    connection.execute(
        text(
            "CREATE TEMP TABLE numbers AS SELECT session_id, person_id, row_number() OVER "
            "(PARTITION BY session_id ORDER BY min(time_s), person_id) AS track_id "
            "FROM person_seconds GROUP BY session_id, person_id"
        )
    )


def _convert_session(connection: Connection, seconds: TableClause, session: RowMapping) -> None:
    attributes = attributes_from_text(session["attributes"])
    add_missing_columns(connection, attributes)
    numbers = table("numbers", column("session_id"), column("person_id"), column("track_id"))
    joined = seconds.join(
        numbers, (seconds.c.session_id == numbers.c.session_id) & (seconds.c.person_id == numbers.c.person_id)
    )
    values = [seconds.c.session_id, numbers.c.track_id, seconds.c.time_s * 1000, literal(1000), seconds.c.frames]
    values += [value for attribute in attributes for value in _values(attribute, seconds)]
    names = [
        "session_id",
        "track_id",
        "time_ms",
        "duration_ms",
        "frames",
        *(one.name for one in columns_of(attributes)),
    ]
    rows = select(*values).select_from(joined).where(seconds.c.session_id == session["id"])
    target = insert(observations_of(attributes)).prefix_with("OR IGNORE")  # `recovery` may know some
    connection.execute(target.from_select(names, rows))
    add_segments(connection, session["id"])
    rebuild_sums(connection, session["id"], attributes, rate=1)


def add_segments(connection: Connection, session_id: int) -> None:
    """Add one person for each track of a session that shows none yet."""
    observations = observations_of(AttributeSet(()))
    tracks = select(observations.c.session_id, observations.c.track_id, literal(0), observations.c.track_id).distinct()
    of_session = tracks.where(observations.c.session_id == session_id)
    connection.execute(insert_new(connection, SEGMENTS).from_select([one.name for one in SEGMENTS.c], of_session))


def _values(attribute: Attribute, seconds: TableClause) -> Iterator[ColumnElement[Any]]:
    """The value of each column of an attribute, null where the old table has none."""
    distribution = attribute.session is SessionForm.DISTRIBUTION
    probabilities = "probabilities" if attribute.is_headline else f"p_{attribute.name}"
    label_index = 0
    for one in attribute.columns:
        if one.type is ColumnType.TEXT:
            yield seconds.c[one.name] if one.name in seconds.c else null()
            continue
        old: ColumnElement[Any] = null()
        if distribution and probabilities in seconds.c:
            old = func.json_extract(seconds.c[probabilities], f"$[{label_index}]")
        elif one.name in seconds.c:
            old = seconds.c[one.name]
        label_index += 1
        yield func.round(old * 10**one.digits).cast(Integer)
