"""The figures of a session under a filter: totals, and one entry a person, in the form of docs/api.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select

from app.attributes.attribute import SessionForm
from app.attributes.derived.facing import AWAY, FACING
from app.attributes.estimate import UNSURE
from app.attributes.kinds import PROBABILITY_DIGITS
from app.sessions.analysis.aggregates import Aggregates, Totals
from app.sessions.analysis.bootstrap import Sample, mean_interval, refusal
from app.sessions.analysis.parts import PARTS
from app.sessions.analysis.selection import Selection
from app.sessions.database.schema import OBSERVATIONS
from app.sessions.rows.attribute_columns import (
    AttributeColumns,
    counts_key,
    counts_labels,
    has_mean_label,
    label_column,
    mean_label,
)
from app.sessions.rows.frame_sums import histogram, most_frequent
from app.sessions.rows.records import SessionHeader, to_iso, to_seconds, whole_seconds

PROBABILITY_SCALE = 10**PROBABILITY_DIGITS
AGE_BIN_YEARS = 10

LabelTimes = Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class PersonSums:
    """What is known of one person.

    Attributes:
        labels: Milliseconds by label of each attribute with labels, by its name.
        first_ms: Start of the first row.
        last_ms: Start of the last row.
    """

    totals: Totals
    labels: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    first_ms: int = 0
    last_ms: int = 0


def sum_people(connection: Connection, selection: Selection) -> dict[int, PersonSums]:
    """The sums of each selected person who is seen, ordered by number."""
    aggregates = Aggregates(connection, selection)
    people = {totals.person_id: PersonSums(totals) for totals in aggregates.totals()}
    for attribute in selection.header.attributes:
        if (name := label_column(attribute)) is not None:
            for one in aggregates.label_times(name):
                people[one.person_id].labels[attribute.name][one.label] = one.duration_ms
    for person_id, first_ms, last_ms in _seen_times(connection):
        if person_id in people:
            people[person_id].first_ms, people[person_id].last_ms = first_ms, last_ms
    return people


def figures(connection: Connection, selection: Selection) -> dict[str, Any]:
    """The `figures` of docs/api.md."""
    header, people = selection.header, sum_people(connection, selection)
    persons = [person_figures(selection, one) for one in people.values()]
    labels = add_labels(one.labels for one in people.values())
    counts = histogram(header.labels, labels.get(header.attributes.headline.name, {}))
    intervals, reason = mean_intervals(header, people.values())
    return {
        "spans": [{"start_s": to_seconds(start), "end_s": to_seconds(end)} for start, end in selection.spans],
        "duration_s": to_seconds(selection.duration_ms),
        "people": len(people),
        "rows": sum(one.totals.rows for one in people.values()),
        "person_seconds": whole_seconds(sum(one.totals.duration_ms for one in people.values())),
        "dominant": most_frequent(counts),
        "histogram": counts,
        "mean": mean_probabilities(header, [one.totals for one in people.values()]),
        "intervals": intervals,
        "interval_reason": reason,
        **label_counts(header, labels),
        "facing_share": facing_share(labels),
        "ages": _ages(persons),
        "sexes": _sexes(header, persons),
        "persons": persons,
    }


def person_figures(selection: Selection, person: PersonSums) -> dict[str, Any]:
    """The entry of one person."""
    header, totals = selection.header, person.totals
    counts = histogram(header.labels, person.labels.get(header.attributes.headline.name, {}))
    return {
        "id": totals.person_id,
        "name": selection.names.get(totals.person_id),
        "tracks": sorted({one.track_id for one in selection.segments if one.person_id == totals.person_id}),
        "first_seen_at": to_iso(header.time_at(person.first_ms / 1000)),
        "last_seen_at": to_iso(header.time_at(person.last_ms / 1000)),
        "first_s": to_seconds(person.first_ms),
        "last_s": to_seconds(person.last_ms),
        "person_seconds": whole_seconds(totals.duration_ms),
        "share": round(totals.duration_ms / selection.duration_ms, 4) if selection.duration_ms else None,
        "dominant": most_frequent(counts),
        "histogram": counts,
        "mean": mean_probabilities(header, [totals]),
        **mean_values(header, totals),
        **label_counts(header, person.labels),
        "facing_share": facing_share(person.labels),
    }


def mean_probabilities(header: SessionHeader, totals: Sequence[Totals]) -> dict[str, float]:
    """Mean probability by label over the rows that have probabilities; empty if none has."""
    names = header.attributes.headline.columns[1:]
    values = [[one.values.get(column.name, (0, 0)) for one in totals] for column in names]
    sums = [(sum(total for total, _ in one), sum(rows for _, rows in one)) for one in values]
    return {
        label: round(total / rows / PROBABILITY_SCALE, PROBABILITY_DIGITS)
        for label, (total, rows) in zip(header.labels, sums, strict=True)
        if rows
    }


def mean_values(header: SessionHeader, totals: Totals) -> dict[str, Any]:
    """The means of an attribute's numbers over the rows that have them, with the label of a mean probability."""
    columns = [AttributeColumns(attribute) for attribute in header.attributes if attribute.session is SessionForm.MEAN]
    means = {
        one.attribute.name: one.estimate(one.from_stored([totals.mean(name) for name in one.names])) for one in columns
    }
    values: dict[str, Any] = {}
    for one in columns:
        values |= one.by_name(one.round(means[one.attribute.name]))
        if has_mean_label(one.attribute):
            values[one.attribute.name] = mean_label(one.attribute, means)
    return values


def mean_intervals(
    header: SessionHeader, people: Iterable[PersonSums]
) -> tuple[dict[str, list[float]] | None, str | None]:
    """The 95 % interval of each mean probability over people, or why there is none."""
    columns = [column.name for column in header.attributes.headline.columns[1:]]
    values = [[person.totals.values.get(name, (0, 0)) for name in columns] for person in people]
    known = [one for one in values if one and one[0][1]]
    if reason := refusal(len(known)):
        return None, reason
    pairs = np.array(known, dtype=np.float64)
    low, high = mean_interval(Sample(pairs[:, :, 0] / PROBABILITY_SCALE, pairs[:, 0, 1]))
    return interval_by_label(header.labels, low, high, (0.0, 1.0)), None


def interval_by_label(
    labels: Sequence[str], low: np.ndarray, high: np.ndarray, limits: tuple[float, float]
) -> dict[str, list[float]]:
    """Limits by label with the digits of probabilities, within what is possible."""
    clipped = np.clip(np.stack([low, high], axis=1), *limits)
    return {
        label: [round(float(value), PROBABILITY_DIGITS) for value in one]
        for label, one in zip(labels, clipped, strict=True)
    }


def label_counts(header: SessionHeader, labels: LabelTimes) -> dict[str, dict[str, float]]:
    """Person-seconds by label of each attribute that is counted besides the main statistics; may be empty."""
    return {
        counts_key(attribute): {
            label: whole_seconds(duration_ms) for label, duration_ms in labels.get(attribute.name, {}).items()
        }
        for attribute in header.attributes
        if counts_labels(attribute)
    }


def add_labels(labels: Iterable[LabelTimes]) -> dict[str, dict[str, int]]:
    """The sum of several people's times by label."""
    total: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for person in labels:
        for name, durations in person.items():
            for label, duration_ms in durations.items():
                total[name][label] += duration_ms
    return total


def facing_share(labels: LabelTimes) -> float | None:
    """The share of the time, where it is known, in which the face is turned to the camera."""
    durations = labels.get("facing", {})
    known = durations.get(FACING, 0) + durations.get(AWAY, 0)
    return round(durations.get(FACING, 0) / known, 4) if known else None


def _seen_times(connection: Connection) -> Iterable[Sequence[int]]:
    """Person, start of the first and of the last row in the parts of the current selection."""

    def time_of(extreme: Any) -> Any:
        rows = OBSERVATIONS.c
        return (
            select(extreme(rows.time_ms))
            .where(
                rows.session_id == PARTS.c.session_id,
                rows.track_id == PARTS.c.track_id,
                rows.time_ms >= PARTS.c.start_ms,
                rows.time_ms < PARTS.c.end_ms,
            )
            .scalar_subquery()
        )

    query = select(PARTS.c.person_id, func.min(time_of(func.min)), func.max(time_of(func.max)))
    return connection.execute(query.group_by(PARTS.c.person_id))


def _ages(persons: Iterable[Mapping[str, Any]]) -> list[dict[str, int]]:
    """People by age in bins of ten years."""
    bins: dict[int, int] = defaultdict(int)
    for person in persons:
        if (age := person.get("age_years")) is not None:
            bins[int(age // AGE_BIN_YEARS) * AGE_BIN_YEARS] += 1
    return [{"low": low, "high": low + AGE_BIN_YEARS, "people": bins[low]} for low in sorted(bins)]


def _sexes(header: SessionHeader, persons: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """People by perceived sex; empty if it was not recorded."""
    labels = [label for person in persons if (label := person.get("sex"))]
    known = header.attributes["sex"].labels if "sex" in header.attributes else ()
    return {label: labels.count(label) for label in (*known, UNSURE)} if labels else {}
