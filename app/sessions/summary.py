"""Histograms, means and timelines of a session's records, as the interface shows them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from typing import Any

from app.domain import Attributes
from app.sessions.records import COUNTED, Gap, PersonSecond, SessionHead, iso


def dominant(labels: Sequence[str], probabilities: Sequence[float] | None) -> str | None:
    """The label with the highest probability, the first of equals; None where there is none."""
    if not probabilities:
        return None
    return max(zip(labels, probabilities, strict=True), key=lambda pair: pair[1])[0]


def histogram(labels: Sequence[str], counts: Mapping[str, int]) -> dict[str, int]:
    """Person-seconds by dominant label: every label of the session, then any other bin that occurred."""
    others = {label: count for label, count in counts.items() if label not in labels}
    return {label: counts.get(label, 0) for label in labels} | others


def most(counts: Mapping[str, int]) -> str | None:
    """The fullest bin, the first of equals; None where all are empty."""
    return max(counts, key=counts.__getitem__) if any(counts.values()) else None


def mean_probabilities(labels: Sequence[str], records: Iterable[PersonSecond]) -> dict[str, float]:
    """Mean probability by label over the records that have any; empty where none has."""
    columns = list(zip(*(record.probabilities for record in records if record.probabilities), strict=True))
    return {label: round(fmean(column), 4) for label, column in zip(labels, columns, strict=False)}


def counted(records: Iterable[PersonSecond]) -> dict[str, dict[str, int]]:
    """Person-seconds by label of all that is `COUNTED`; empty where nothing of it was told."""
    records = list(records)
    return {
        name: dict(Counter(label for record in records if (label := getattr(record, attribute)) is not None))
        for attribute, name in COUNTED.items()
    }


def summary(
    head: SessionHead, counts: Mapping[str, int], *, persons: int, person_seconds: int, now: datetime
) -> dict[str, Any]:
    """The `summary` of docs/api.md."""
    bins = histogram(head.labels, counts)
    duration_s = ((head.ended_at or now) - head.started_at).total_seconds()
    return {
        "id": head.id,
        "name": head.name,
        "started_at": iso(head.started_at),
        "ended_at": iso(head.ended_at) if head.ended_at else None,
        "running": head.ended_at is None,
        "source": head.source,
        "demo": head.demo,
        "duration_s": max(0.0, round(duration_s, 1)),
        "persons": persons,
        "person_seconds": person_seconds,
        "dominant": most(bins),
        "histogram": bins,
    }


def detail(
    head: SessionHead, records: Sequence[PersonSecond], now: datetime, gaps: Iterable[Gap] = ()
) -> dict[str, Any]:
    """The `detail` of docs/api.md."""
    people = persons(head, records)
    return {
        "session": summary(head, _counts(records), persons=len(people), person_seconds=len(records), now=now),
        "labels": list(head.labels),
        "mean": mean_probabilities(head.labels, records),
        **counted(records),
        "persons": people,
        "timeline": timeline(head, records),
        "gaps": [{"start_s": gap.start_s, "end_s": gap.end_s} for gap in gaps],
    }


def persons(head: SessionHead, records: Iterable[PersonSecond]) -> list[dict[str, Any]]:
    """One entry a person, in the order of their ids."""
    by_person: defaultdict[int, list[PersonSecond]] = defaultdict(list)
    for record in records:
        by_person[record.person_id].append(record)
    return [_person(head, by_person[person_id]) for person_id in sorted(by_person)]


def timeline(head: SessionHead, records: Iterable[PersonSecond]) -> list[dict[str, Any]]:
    """One entry a second in which somebody was seen, in order."""
    by_second: defaultdict[int, list[PersonSecond]] = defaultdict(list)
    for record in records:
        by_second[record.time_s].append(record)
    return [
        {
            "time_s": time_s,
            "at": iso(head.moment(time_s)),
            "persons": len(by_second[time_s]),
            "mean": mean_probabilities(head.labels, by_second[time_s]),
        }
        for time_s in sorted(by_second)
    ]


def _counts(records: Iterable[PersonSecond]) -> Counter[str]:
    return Counter(record.dominant for record in records if record.dominant is not None)


def _person(head: SessionHead, records: Sequence[PersonSecond]) -> dict[str, Any]:
    bins = histogram(head.labels, _counts(records))
    age_years = _weighted_mean((record.age_years, record.frames) for record in records)
    p_female = _weighted_mean((record.p_female, record.frames) for record in records)
    sex = Attributes(age_years=age_years, p_female=p_female).to_dict().get("sex", {})
    return {
        "id": records[0].person_id,
        "first_seen_at": iso(head.moment(min(record.time_s for record in records))),
        "last_seen_at": iso(head.moment(max(record.time_s for record in records))),
        "person_seconds": len(records),
        "dominant": most(bins),
        "histogram": bins,
        "mean": mean_probabilities(head.labels, records),
        "age_years": None if age_years is None else round(age_years, 1),
        "p_female": None if p_female is None else round(p_female, 4),
        "sex": sex.get("label"),
        **counted(records),
    }


def _weighted_mean(values: Iterable[tuple[float | None, int]]) -> float | None:
    known = [(value, weight) for value, weight in values if value is not None]
    if not known:
        return None
    return sum(value * weight for value, weight in known) / sum(weight for _, weight in known)
