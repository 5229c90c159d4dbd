"""Histograms, means and timelines of a session's records, in the form of docs/api.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from typing import Any, cast

from app.attributes.attribute import SessionForm
from app.attributes.estimate import ClassEstimate, Estimate
from app.attributes.kinds import BinaryAttribute
from app.sessions.attribute_columns import AttributeColumns, counts_key, counts_labels
from app.sessions.records import Gap, PersonSecond, SessionHeader, to_iso
from app.sessions.second_sums import most_frequent


def histogram(labels: Sequence[str], counts: Mapping[str, int]) -> dict[str, int]:
    """Person-seconds by dominant label: all labels of the session, then other labels that occurred."""
    others = {label: count for label, count in counts.items() if label not in labels}
    return {label: counts.get(label, 0) for label in labels} | others


def mean_probabilities(header: SessionHeader, records: Iterable[PersonSecond]) -> dict[str, float]:
    """Mean probability by label over the records that have probabilities; empty if none has."""
    name = header.attributes.headline.name
    known = [probabilities for record in records if (probabilities := record.probabilities(name))]
    columns = zip(*(one.values() for one in known), strict=True)
    return {label: round(fmean(column), 4) for label, column in zip(header.labels, columns, strict=False)}


def label_counts(header: SessionHeader, records: Sequence[PersonSecond]) -> dict[str, dict[str, int]]:
    """Person-seconds by label of each attribute that is counted besides the main statistics; may be empty."""
    return {
        counts_key(attribute): dict(_count_labels(attribute.name, records))
        for attribute in header.attributes
        if counts_labels(attribute)
    }


def mean_values(header: SessionHeader, records: Sequence[PersonSecond]) -> dict[str, Any]:
    """The mean columns of one person's records, weighted by frames, with the label of a mean probability."""
    columns = [AttributeColumns(attribute) for attribute in header.attributes if attribute.session is SessionForm.MEAN]
    means = {one.attribute.name: _weighted_mean(one, records) for one in columns}
    known = {name: estimate for name, estimate in means.items() if estimate is not None}
    values: dict[str, Any] = {}
    for one in columns:
        attribute, estimate = one.attribute, means[one.attribute.name]
        values |= one.by_name(one.round(estimate))
        if isinstance(attribute, BinaryAttribute):
            label = estimate and attribute.resolve(cast(ClassEstimate, estimate), known).label
            values[attribute.name] = label or None
    return values


def session_summary(
    header: SessionHeader, counts: Mapping[str, int], *, persons: int, person_seconds: int, now: datetime
) -> dict[str, Any]:
    """The `summary` of docs/api.md."""
    by_label = histogram(header.labels, counts)
    duration_s = ((header.ended_at or now) - header.started_at).total_seconds()
    return {
        "id": header.id,
        "name": header.name,
        "started_at": to_iso(header.started_at),
        "ended_at": to_iso(header.ended_at) if header.ended_at else None,
        "running": header.ended_at is None,
        "source": header.source,
        "demo": header.demo,
        "duration_s": max(0.0, round(duration_s, 1)),
        "persons": persons,
        "person_seconds": person_seconds,
        "dominant": most_frequent(by_label),
        "histogram": by_label,
    }


def session_detail(
    header: SessionHeader, records: Sequence[PersonSecond], now: datetime, gaps: Iterable[Gap] = ()
) -> dict[str, Any]:
    """The `detail` of docs/api.md."""
    persons = person_summaries(header, records)
    counts = _count_labels(header.attributes.headline.name, records)
    return {
        "session": session_summary(header, counts, persons=len(persons), person_seconds=len(records), now=now),
        "labels": list(header.labels),
        "mean": mean_probabilities(header, records),
        **label_counts(header, records),
        "persons": persons,
        "timeline": timeline(header, records),
        "gaps": [{"start_s": gap.start_s, "end_s": gap.end_s} for gap in gaps],
    }


def person_summaries(header: SessionHeader, records: Iterable[PersonSecond]) -> list[dict[str, Any]]:
    """One entry per person, ordered by id."""
    by_person: defaultdict[int, list[PersonSecond]] = defaultdict(list)
    for record in records:
        by_person[record.person_id].append(record)
    return [_person_summary(header, by_person[person_id]) for person_id in sorted(by_person)]


def timeline(header: SessionHeader, records: Iterable[PersonSecond]) -> list[dict[str, Any]]:
    """One entry per second in which a person was visible, ordered by time."""
    by_second: defaultdict[int, list[PersonSecond]] = defaultdict(list)
    for record in records:
        by_second[record.time_s].append(record)
    return [
        {
            "time_s": time_s,
            "at": to_iso(header.time_at(time_s)),
            "persons": len(by_second[time_s]),
            "mean": mean_probabilities(header, by_second[time_s]),
        }
        for time_s in sorted(by_second)
    ]


def _count_labels(name: str, records: Iterable[PersonSecond]) -> Counter[str]:
    return Counter(label for record in records if (label := record.label(name)) is not None)


def _person_summary(header: SessionHeader, records: Sequence[PersonSecond]) -> dict[str, Any]:
    counts = histogram(header.labels, _count_labels(header.attributes.headline.name, records))
    return {
        "id": records[0].person_id,
        "first_seen_at": to_iso(header.time_at(min(record.time_s for record in records))),
        "last_seen_at": to_iso(header.time_at(max(record.time_s for record in records))),
        "person_seconds": len(records),
        "dominant": most_frequent(counts),
        "histogram": counts,
        "mean": mean_probabilities(header, records),
        **mean_values(header, records),
        **label_counts(header, records),
    }


def _weighted_mean(columns: AttributeColumns, records: Iterable[PersonSecond]) -> Estimate | None:
    """Mean of each column over the records that have the attribute, weighted by frames."""
    name = columns.attribute.name
    known = [(estimate, record.frames) for record in records if (estimate := record.estimates.get(name)) is not None]
    if not known:
        return None
    total = sum(frames for _, frames in known)
    rows = ([value * frames for value in columns.values(estimate)] for estimate, frames in known)
    return columns.estimate([sum(column) / total for column in zip(*rows, strict=True)])
