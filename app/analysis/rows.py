"""Flat rows of results: one per face, picture without a face, or file that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from app.analysis.results import Result
from app.attributes.attribute import Attribute, Kind
from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import ClassEstimate, Estimate, NumberEstimate, VectorEstimate
from app.errors import SettingsError

if TYPE_CHECKING:
    import pandas

FRAME_COLUMNS: Mapping[str, type] = {"path": str, "frame": int, "time_s": float}
FACE_COLUMNS: Mapping[str, type] = {"id": int, "x1": float, "y1": float, "x2": float, "y2": float, "score": float}
ERROR_COLUMN = "error"


def columns(attributes: AttributeSet) -> dict[str, type]:
    """Names and types of all columns, in order: `str`, `int` or `float`."""
    served = (attribute for attribute in attributes if attribute.name in attributes.served)
    values = {name: value for attribute in served for name, value in _example_values(attribute).items()}
    typed = {name: str if isinstance(value, str) else float for name, value in values.items()}
    return {**FRAME_COLUMNS, **FACE_COLUMNS, **typed, ERROR_COLUMN: str}


def result_rows(result: Result, attributes: AttributeSet) -> list[dict[str, Any]]:
    """The rows of one result; a picture without a face has one row."""
    record = result.to_dict()
    return csv_rows([record], attributes) or [{name: record[name] for name in FRAME_COLUMNS}]


def csv_rows(records: Iterable[Mapping[str, Any]], attributes: AttributeSet) -> list[dict[str, Any]]:
    """One flat row per face, and one per unreadable file, of results in their JSON form."""
    rows: list[dict[str, Any]] = []
    for record in records:
        if "error" in record:
            rows.append({"path": record["path"], "error": record["error"]})
        rows += [_face_row(record, face, attributes) for face in record.get("faces", ())]
    return rows


def to_frame(results: Iterable[Result]) -> pandas.DataFrame:
    """A pandas data frame with the columns of `python -m app analyze --out F.csv`.

    Raises:
        SettingsError: pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        raise SettingsError("a data frame needs pandas; install it (pip install pandas)") from None
    listed = list(results)
    attributes = next((face.attributes for result in listed for face in result.faces), AttributeSet())
    rows = [row for result in listed for row in result_rows(result, attributes)]
    return pandas.DataFrame(rows, columns=list(columns(attributes)))


def _face_row(record: Mapping[str, Any], face: Mapping[str, Any], attributes: AttributeSet) -> dict[str, Any]:
    row = {key: record[key] for key in FRAME_COLUMNS}
    row |= {"id": face["id"], **dict(zip(("x1", "y1", "x2", "y2"), face["box"], strict=True)), "score": face["score"]}
    for attribute in attributes:
        if attribute.name in face:
            row |= attribute.csv_values(face[attribute.name])
    return row


def _example_values(attribute: Attribute) -> dict[str, Any]:
    """The attribute's columns with values of their types."""
    examples: dict[Kind, Estimate] = {
        Kind.CLASSES: ClassEstimate(dict.fromkeys(attribute.labels, 0.0), "", ""),
        Kind.BINARY: ClassEstimate(dict.fromkeys(attribute.labels, 0.0), "", ""),
        Kind.NUMBER: NumberEstimate(0.0, (0.0, 0.0)),
        Kind.VECTOR: VectorEstimate(dict.fromkeys(attribute.labels, 0.0)),
    }
    return attribute.csv_values(attribute.to_json(examples[attribute.kind]))
