"""The columns of exported tables: name, kind and description (docs/sessions.md, and the README of an archive)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.attributes.attribute import Attribute, ColumnType, SessionForm
from app.attributes.attribute_set import AttributeSet
from app.attributes.kinds import BinaryAttribute, NumberAttribute, VectorAttribute
from app.sessions.rows.attribute_columns import has_mean_label


class ColumnKind(StrEnum):
    """What a column holds."""

    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column of an exported table.

    Attributes:
        text: What it holds, for people.
        is_computed: Whether it is computed when it is exported, so that older exports lack it.
    """

    name: str
    kind: ColumnKind
    text: str
    is_computed: bool = False


def _columns(*rows: tuple[str, ColumnKind, str]) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(*row) for row in rows)


FIXED_ROW_COLUMNS = _columns(
    ("session_id", ColumnKind.INTEGER, "number of the session"),
    ("person_id", ColumnKind.INTEGER, "number of the person in the session, after merging and splitting"),
    ("person_name", ColumnKind.TEXT, "name of the person; empty without one"),
    ("track_id", ColumnKind.INTEGER, "number under which the face was recorded; edits never change it"),
    ("at", ColumnKind.TIME, "start of the interval, ISO 8601, UTC"),
    ("time_s", ColumnKind.NUMBER, "start of the interval in seconds since the session started"),
    ("duration_s", ColumnKind.NUMBER, "length of the interval in seconds"),
    ("frames", ColumnKind.INTEGER, "frames of the interval in which the face was visible"),
    ("score", ColumnKind.NUMBER, "mean confidence of the detector, 0 to 1"),
    ("x1", ColumnKind.NUMBER, "left edge of the mean box in pixels"),
    ("y1", ColumnKind.NUMBER, "upper edge of the mean box in pixels"),
    ("x2", ColumnKind.NUMBER, "right edge of the mean box in pixels"),
    ("y2", ColumnKind.NUMBER, "lower edge of the mean box in pixels"),
    ("markers", ColumnKind.TEXT, "names of the spans around the row and of the points in it, with '; ' between"),
)
TABLE_COLUMNS: Mapping[str, Sequence[TableColumn]] = {
    "people": _columns(
        ("person_id", ColumnKind.INTEGER, "number of the person; empty where the person was removed"),
        ("person_name", ColumnKind.TEXT, "name of the person; empty without one"),
        ("track_id", ColumnKind.INTEGER, "number under which the face was recorded"),
        ("start_s", ColumnKind.NUMBER, "from when on the track shows the person, in seconds of the session"),
        ("end_s", ColumnKind.NUMBER, "until when; empty up to the end of the track"),
    ),
    "markers": _columns(
        ("name", ColumnKind.TEXT, "name of the marker"),
        ("start_s", ColumnKind.NUMBER, "time, or start of the span, in seconds of the session"),
        ("end_s", ColumnKind.NUMBER, "end of the span; empty for a point in time"),
        ("note", ColumnKind.TEXT, "note"),
        ("key", ColumnKind.INTEGER, "key that sets markers of this name, 1 to 9; empty without one"),
        ("excluded", ColumnKind.FLAG, "whether figures and rows leave the span out"),
        ("at", ColumnKind.TIME, "when it was set, ISO 8601, UTC"),
    ),
    "gaps": _columns(
        ("start_s", ColumnKind.INTEGER, "first second without frames"),
        ("end_s", ColumnKind.INTEGER, "first second with frames again"),
    ),
    "edits": _columns(
        ("at", ColumnKind.TIME, "when it was made, ISO 8601, UTC"),
        ("kind", ColumnKind.TEXT, "rename, merge, split or remove"),
        ("text", ColumnKind.TEXT, "what it did"),
    ),
}


def attribute_columns(attributes: AttributeSet) -> list[TableColumn]:
    """The columns of attributes in the table of rows: those of `Attribute.columns`, and the label of a probability."""
    return [column for attribute in attributes for column in _columns_of(attribute)]


def row_order(attributes: AttributeSet) -> list[int]:
    """The order of `attribute_columns` in the table: the probabilities of the main statistics come last."""
    last: set[int] = set()
    count = 0
    for attribute in attributes:
        first, count = count, count + len(_columns_of(attribute))
        if attribute.is_headline and attribute.session is SessionForm.DISTRIBUTION:
            last |= set(range(first + 1, count))
    return sorted(range(count), key=last.__contains__)


def row_columns(attributes: AttributeSet) -> list[TableColumn]:
    """All columns of the table of rows, in order."""
    columns = attribute_columns(attributes)
    return [*FIXED_ROW_COLUMNS, *(columns[index] for index in row_order(attributes))]


def columns_of_table(name: str, attributes: AttributeSet) -> Sequence[TableColumn]:
    """The columns of a table: `rows`, or one of `TABLE_COLUMNS`."""
    return row_columns(attributes) if name == "rows" else TABLE_COLUMNS[name]


def _columns_of(attribute: Attribute) -> list[TableColumn]:
    """The probabilities of the main statistics have the names of their labels."""
    names = [column.name for column in attribute.columns]
    if attribute.is_headline and attribute.session is SessionForm.DISTRIBUTION:
        names = [names[0], *attribute.labels]
    kinds = [ColumnKind.TEXT if column.type is ColumnType.TEXT else ColumnKind.NUMBER for column in attribute.columns]
    texts = (f"{attribute.title}: {text}" for text in _texts(attribute))
    columns = [TableColumn(*column) for column in zip(names, kinds, texts, strict=True)]
    if has_mean_label(attribute):
        text = f"{attribute.title}: label of this probability, or unsure"
        columns.append(TableColumn(attribute.name, ColumnKind.TEXT, text, is_computed=True))
    return columns


def _texts(attribute: Attribute) -> list[str]:
    if attribute.session is SessionForm.DISTRIBUTION:
        means = [f"mean probability of {label}, 0 to 1" for label in attribute.labels]
        return ["most probable label, or unsure", *means]
    if attribute.session is SessionForm.LABEL:
        return ["most frequent label"]
    if isinstance(attribute, BinaryAttribute):
        return [f"mean probability of {attribute.positive}, 0 to 1"]
    unit = (
        f" in {attribute.unit}" if isinstance(attribute, NumberAttribute | VectorAttribute) and attribute.unit else ""
    )
    if isinstance(attribute, NumberAttribute):
        limits = [f"{which} limit of its interval{unit}" for which in ("lower", "upper")]
        return [f"mean{unit}", *limits][: len(attribute.columns)]
    return [f"mean {label}{unit}" for label in attribute.labels]
