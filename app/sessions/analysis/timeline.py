"""Figures over time at a zoom level: means, people in view, a lane of runs for each person, curves and circumplex."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection

from app.attributes.kinds import PROBABILITY_DIGITS
from app.sessions.analysis.aggregates import Aggregates, LabelTime, Totals
from app.sessions.analysis.figures import PROBABILITY_SCALE
from app.sessions.analysis.selection import Selection
from app.sessions.rows.attribute_columns import AttributeColumns, label_column
from app.sessions.rows.records import Gap, SessionHeader, to_seconds

# Lengths of a step: round numbers for ticks, and multiples of the intervals of the sums.
STEPS_MS = (
    *(100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000),
    *(1_800_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 86_400_000),
)
PLANE = ("valence", "arousal")


def choose_step_ms(selection: Selection, points: int) -> int:
    """The shortest step, not shorter than a row, that divides the selected time into at most this many steps."""
    start_ms, end_ms = time_range(selection)
    row_ms = 1000 / selection.header.rate
    fitting = (step for step in STEPS_MS if step >= row_ms and (end_ms - start_ms) / step <= points)
    return next(fitting, STEPS_MS[-1])


def time_range(selection: Selection) -> tuple[int, int]:
    """Start of the first and end of the last selected span, in milliseconds."""
    return (selection.spans[0][0], selection.spans[-1][1]) if selection.spans else (0, 0)


def timeline(
    connection: Connection,
    selection: Selection,
    gaps: Iterable[Gap],
    *,
    points: int,
    with_curves: bool = False,
    with_lanes: bool = True,
) -> dict[str, Any]:
    """The `timeline` of docs/api.md."""
    step_ms, header = choose_step_ms(selection, points), selection.header
    start_ms, end_ms = time_range(selection)
    first, count = start_ms // step_ms, -(-end_ms // step_ms) - start_ms // step_ms
    columns = [column.name for column in header.attributes.headline.columns[1:]]
    everyone = Aggregates(connection, selection, step_ms, by_person=False).totals(columns)
    in_view = [0] * count
    for one in everyone:
        if 0 <= one.step - first < count:
            in_view[one.step - first] = one.people
    described = {
        "start_s": to_seconds(first * step_ms),
        "end_s": to_seconds((first + count) * step_ms),
        "step_s": to_seconds(step_ms),
        "persons": in_view,
        "mean": series(header, everyone, columns, first, count),
        "gaps": [{"start_s": gap.start_s, "end_s": gap.end_s} for gap in gaps],
        "markers": [marker.to_dict() for marker in selection.markers],
    }
    if with_lanes:
        described["lanes"] = lanes(connection, selection, points=points)["lanes"]
    if with_curves:
        totals = Aggregates(connection, selection, step_ms).totals(columns)
        described["curves"] = _curves(selection, totals, columns, first, count)
    return described


def lanes(connection: Connection, selection: Selection, *, points: int) -> dict[str, Any]:
    """The `lanes` of docs/api.md: the runs of steps in which a person mostly has one label."""
    step_ms, name = choose_step_ms(selection, points), label_column(selection.header.attributes.headline) or ""
    # Ordered by person and step.
    label_times = Aggregates(connection, selection, step_ms).label_times(name)
    return {
        "step_s": to_seconds(step_ms),
        "lanes": [
            {"id": person_id, "name": selection.names.get(person_id), "runs": _runs(of_person, step_ms)}
            for person_id, of_person in groupby(label_times, key=attrgetter("person_id"))
        ],
    }


def series(
    header: SessionHeader, totals: Iterable[Totals], columns: Sequence[str], first: int, count: int
) -> dict[str, list[float | None]]:
    """Mean probability by label and step; None where nothing is known."""
    means: dict[str, list[float | None]] = {label: [None] * count for label in header.labels}
    for one in totals:
        if not 0 <= one.step - first < count:
            continue
        for label, column in zip(header.labels, columns, strict=True):
            value = one.mean(column)
            if value is not None:
                means[label][one.step - first] = round(value / PROBABILITY_SCALE, PROBABILITY_DIGITS)
    return means


def circumplex(connection: Connection, selection: Selection, *, points: int) -> dict[str, Any]:
    """Valence and arousal of each person by step, as in docs/api.md; no people where they were not recorded."""
    attributes = selection.header.attributes
    if not all(name in attributes for name in PLANE):
        return {"step_s": None, "people": []}
    people = max(1, len({one.person_id for one in selection.segments}))
    step_ms = choose_step_ms(selection, max(1, points // people))
    columns = [AttributeColumns(attributes[name]) for name in PLANE]
    by_person = group_by_person(Aggregates(connection, selection, step_ms).totals([one.names[0] for one in columns]))
    entries = [_plane_points(selection, person_id, totals, columns, step_ms) for person_id, totals in by_person.items()]
    return {"step_s": to_seconds(step_ms), "people": [one for one in entries if one["time_s"]]}


def _plane_points(
    selection: Selection, person_id: int, totals: Iterable[Totals], columns: Sequence[AttributeColumns], step_ms: int
) -> dict[str, Any]:
    known = [one for one in totals if all(one.mean(column.names[0]) is not None for column in columns)]
    entry: dict[str, Any] = {
        "id": person_id,
        "name": selection.names.get(person_id),
        "time_s": [to_seconds(one.step * step_ms) for one in known],
    }
    mean = {}
    for axis, column in zip(PLANE, columns, strict=True):
        name = column.names[0]
        entry[axis] = [round(column.from_stored([one.mean(name)])[0], 3) for one in known]
        rows = sum(one.values[name][1] for one in known)
        mean[axis] = (
            round(column.from_stored([sum(one.values[name][0] for one in known) / rows])[0], 3) if rows else None
        )
    return entry | {"mean": mean}


def _runs(label_times: Iterable[LabelTime], step_ms: int) -> list[list[Any]]:
    """Start, end, label and the label's share of the time seen, of each run."""
    runs: list[list[Any]] = []
    for step, times in groupby(label_times, key=attrgetter("step")):
        durations = {one.label: one.duration_ms for one in times}
        label, total = max(durations, key=durations.__getitem__), sum(durations.values())
        if runs and runs[-1][1] == step and runs[-1][2] == label:
            runs[-1][1], runs[-1][3], runs[-1][4] = step + 1, runs[-1][3] + durations[label], runs[-1][4] + total
        else:
            runs.append([step, step + 1, label, durations[label], total])
    return [
        [to_seconds(start * step_ms), to_seconds(end * step_ms), label, round(part / total, 2)]
        for start, end, label, part, total in runs
    ]


def _curves(
    selection: Selection, totals: Iterable[Totals], columns: Sequence[str], first: int, count: int
) -> list[dict[str, Any]]:
    return [
        {
            "id": person_id,
            "name": selection.names.get(person_id),
            "mean": series(selection.header, of_person, columns, first, count),
        }
        for person_id, of_person in group_by_person(totals).items()
    ]


def group_by_person(totals: Iterable[Totals]) -> dict[int, list[Totals]]:
    """Totals by person."""
    by_person: dict[int, list[Totals]] = defaultdict(list)
    for one in totals:
        by_person[one.person_id].append(one)
    return by_person
