"""The detail of a session: its figures over the whole time, and what people have added to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.sessions.analysis.aggregates import Aggregates
from app.sessions.analysis.figures import figures, label_counts, mean_probabilities
from app.sessions.analysis.selection import EVERYTHING, Selection, select_by
from app.sessions.analysis.summaries import summarize
from app.sessions.analysis.timeline import choose_step_ms
from app.sessions.edits.people import select_edits
from app.sessions.rows.attribute_columns import counts_labels, label_column
from app.sessions.rows.records import Gap, SessionHeader, to_iso, to_seconds

# Entries of the timeline: every second of twenty minutes.
MAX_POINTS = 1200


def session_detail(
    connection: Connection, header: SessionHeader, now: datetime, gaps: Iterable[Gap] = (), *, with_figures: bool = True
) -> dict[str, Any]:
    """The `detail` of docs/api.md.

    Args:
        with_figures: Whether to compute what `figures` and `timeline` tell of any part of a session as well.
    """
    selection = select_by(connection, header, EVERYTHING, now)
    (summary,) = summarize(connection, [header], now)
    people = sorted({one.person_id for one in selection.segments if one.person_id is not None})
    described = {
        "session": summary,
        "labels": list(header.labels),
        **_label_counts(connection, selection),
        "people": [{"id": person_id, "name": selection.names.get(person_id)} for person_id in people],
        "gaps": [{"start_s": gap.start_s, "end_s": gap.end_s} for gap in gaps],
        "markers": [marker.to_dict() for marker in selection.markers],
        "marker_names": dict(header.marker_names),
        "edits": [edit.to_dict() for edit in select_edits(connection, header.id)],
    }
    return described | (_figures(connection, selection) if with_figures else {})


def _label_counts(connection: Connection, selection: Selection) -> dict[str, dict[str, float]]:
    everyone = Aggregates(connection, selection, by_person=False)
    labels = {
        attribute.name: {one.label: one.duration_ms for one in everyone.label_times(label_column(attribute) or "")}
        for attribute in selection.header.attributes
        if counts_labels(attribute)
    }
    return label_counts(selection.header, labels)


def _figures(connection: Connection, selection: Selection) -> dict[str, Any]:
    found = figures(connection, selection)
    return {
        "mean": found["mean"],
        "persons": found["persons"],
        "timeline": _timeline(connection, selection),
    }


def _timeline(connection: Connection, selection: Selection) -> list[dict[str, Any]]:
    """One entry a step in which a person was visible, ordered by time; a step is at least a second."""
    header = selection.header
    step_ms = max(1000, choose_step_ms(selection, MAX_POINTS))
    columns = [column.name for column in header.attributes.headline.columns[1:]]
    return [
        {
            "time_s": to_seconds(one.step * step_ms),
            "at": to_iso(header.time_at(one.step * step_ms / 1000)),
            "persons": one.people,
            "mean": mean_probabilities(header, [one]),
        }
        for one in Aggregates(connection, selection, step_ms, by_person=False).totals(columns)
    ]
