"""Histograms, means and timelines of a session's records, in the form of docs/api.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from typing import Any

from app.domain import Attributes
from app.sessions.records import LABEL_COUNT_KEYS, Gap, PersonSecond, SessionHeader, to_iso


def dominant_label(labels: Sequence[str], probabilities: Sequence[float] | None) -> str | None:
    """The label with the highest probability, the first of equals; None without probabilities."""
    if not probabilities:
        return None
    return max(zip(labels, probabilities, strict=True), key=lambda pair: pair[1])[0]


def histogram(labels: Sequence[str], counts: Mapping[str, int]) -> dict[str, int]:
    """Person-seconds by dominant label: all labels of the session, then other labels that occurred."""
    others = {label: count for label, count in counts.items() if label not in labels}
    return {label: counts.get(label, 0) for label in labels} | others


def most_frequent(counts: Mapping[str, int]) -> str | None:
    """The label with the highest count, the first of equals; None if all counts are 0."""
    return max(counts, key=counts.__getitem__) if any(counts.values()) else None


def mean_probabilities(labels: Sequence[str], records: Iterable[PersonSecond]) -> dict[str, float]:
    """Mean probability by label over the records that have probabilities; empty if none has."""
    columns = list(zip(*(record.probabilities for record in records if record.probabilities), strict=True))
    return {label: round(fmean(column), 4) for label, column in zip(labels, columns, strict=False)}


def count_attribute_labels(records: Iterable[PersonSecond]) -> dict[str, dict[str, int]]:
    """Person-seconds by label of each attribute in `LABEL_COUNT_KEYS`; empty for attributes without a label."""
    records = list(records)
    return {
        key: dict(Counter(label for record in records if (label := getattr(record, attribute)) is not None))
        for attribute, key in LABEL_COUNT_KEYS.items()
    }


def session_summary(
    header: SessionHeader, counts: Mapping[str, int], *, persons: int, person_seconds: int, now: datetime
) -> dict[str, Any]:
    """The `summary` of docs/api.md."""
    label_counts = histogram(header.labels, counts)
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
        "dominant": most_frequent(label_counts),
        "histogram": label_counts,
    }


def session_detail(
    header: SessionHeader, records: Sequence[PersonSecond], now: datetime, gaps: Iterable[Gap] = ()
) -> dict[str, Any]:
    """The `detail` of docs/api.md."""
    persons = person_summaries(header, records)
    counts = _count_dominant(records)
    return {
        "session": session_summary(header, counts, persons=len(persons), person_seconds=len(records), now=now),
        "labels": list(header.labels),
        "mean": mean_probabilities(header.labels, records),
        **count_attribute_labels(records),
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
            "mean": mean_probabilities(header.labels, by_second[time_s]),
        }
        for time_s in sorted(by_second)
    ]


def _count_dominant(records: Iterable[PersonSecond]) -> Counter[str]:
    return Counter(record.dominant for record in records if record.dominant is not None)


def _person_summary(header: SessionHeader, records: Sequence[PersonSecond]) -> dict[str, Any]:
    label_counts = histogram(header.labels, _count_dominant(records))
    age_years = _weighted_mean((record.age_years, record.frames) for record in records)
    p_female = _weighted_mean((record.p_female, record.frames) for record in records)
    sex = Attributes(age_years=age_years, p_female=p_female).to_dict().get("sex", {})
    return {
        "id": records[0].person_id,
        "first_seen_at": to_iso(header.time_at(min(record.time_s for record in records))),
        "last_seen_at": to_iso(header.time_at(max(record.time_s for record in records))),
        "person_seconds": len(records),
        "dominant": most_frequent(label_counts),
        "histogram": label_counts,
        "mean": mean_probabilities(header.labels, records),
        "age_years": None if age_years is None else round(age_years, 1),
        "p_female": None if p_female is None else round(p_female, 4),
        "sex": sex.get("label"),
        **count_attribute_labels(records),
    }


def _weighted_mean(values: Iterable[tuple[float | None, int]]) -> float | None:
    """Mean of (value, weight) pairs, without those whose value is None."""
    known = [(value, weight) for value, weight in values if value is not None]
    if not known:
        return None
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
