"""Compare groups of sessions, people or spans: means, differences with intervals, curves aligned at a marker."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from app.attributes.kinds import PROBABILITY_DIGITS
from app.sessions.analysis.aligned_curves import Alignment, aligned_curves
from app.sessions.analysis.bootstrap import METHOD, difference_interval, mean_interval, refusal
from app.sessions.analysis.figures import interval_by_label
from app.sessions.analysis.people_values import (
    MEASURES,
    Group,
    GroupPeople,
    PersonKey,
    Read,
    labels_of,
    people_of,
    sample,
    values_of,
)
from app.sessions.rows.frame_sums import histogram
from app.sessions.rows.records import whole_seconds

MAX_GROUPS = 6
# Differences of what each measure can be.
DIFFERENCE_LIMITS = {"valence": (-2.0, 2.0), "arousal": (-2.0, 2.0)}
DEFAULT_DIFFERENCE_LIMITS = (-1.0, 1.0)


def compare(groups: Sequence[Group], alignment: Alignment | None, read: Read) -> dict[str, Any]:
    """The comparison of docs/api.md.

    Args:
        read: Calls a function of connection and selection for a part of a session.
    Raises:
        InvalidRequest: the sessions have different labels, or no marker has the name.
        UnknownItem: a session, person or marker does not exist.
    """
    labels = labels_of(groups, read)
    people = [people_of(group, read) for group in groups]
    return {
        "labels": list(labels),
        "groups": [_describe(group, one, labels) for group, one in zip(groups, people, strict=True)],
        "differences": [
            _difference(groups[a].name, people[a], groups[b].name, people[b], labels)
            for a, b in combinations(range(len(groups)), 2)
        ],
        "curves": aligned_curves(groups, alignment, labels, read) if alignment else None,
        "method": METHOD,
    }


def _describe(group: Group, people: GroupPeople, labels: Sequence[str]) -> dict[str, Any]:
    keys = list(people.means)
    values = sample(people.means, labels, keys)
    reason = refusal(len(keys))
    intervals = None if reason else interval_by_label(labels, *mean_interval(values), (0.0, 1.0))
    means = values.sums.mean(0) if keys else []
    return {
        "name": group.name,
        "people": len(people.measures),
        "person_seconds": whole_seconds(people.person_ms),
        "histogram": histogram(labels, people.label_ms),
        "mean": {label: _round(value) for label, value in zip(labels, means, strict=bool(keys))},
        "intervals": intervals,
        "interval_reason": reason,
        **{name: _mean(values_of(people, [name]), name) for name in MEASURES},
    }


def _difference(name_a: str, a: GroupPeople, name_b: str, b: GroupPeople, labels: Sequence[str]) -> dict[str, Any]:
    """Group A minus group B. Fewer people may have the measures besides the emotions, so these are computed apart."""
    values = _differences(a.means, b.means, labels)
    for name in MEASURES:
        values |= _differences(values_of(a, [name]), values_of(b, [name]), [name])
    fewest = min((a, b), key=lambda one: len(one.means))
    return {
        "a": name_a,
        "b": name_b,
        "paired": len(a.means.keys() & b.means.keys()),
        "values": values,
        "interval_reason": refusal(len(fewest.means)),
    }


def _differences(
    a: dict[PersonKey, dict[str, float]], b: dict[PersonKey, dict[str, float]], names: Sequence[str]
) -> dict[str, dict[str, float | None]]:
    if not a or not b:
        return {}
    keys = sorted(a.keys() | b.keys())
    first, second = sample(a, names, keys), sample(b, names, keys)
    differences = first.sums.sum(0) / len(a) - second.sums.sum(0) / len(b)
    limits: Sequence[tuple[float | None, float | None]] = [(None, None)] * len(names)
    if not refusal(min(len(a), len(b))):
        low, high = difference_interval(first, second)
        limits = [(_clip(lower, name), _clip(upper, name)) for name, lower, upper in zip(names, low, high, strict=True)]
    return {
        name: {"difference": _round(difference), "low": one[0], "high": one[1]}
        for name, difference, one in zip(names, differences, limits, strict=True)
    }


def _mean(values: dict[PersonKey, dict[str, float]], name: str) -> float | None:
    return _round(np.mean([one[name] for one in values.values()])) if values else None


def _clip(limit: float, name: str) -> float:
    return _round(np.clip(limit, *DIFFERENCE_LIMITS.get(name, DEFAULT_DIFFERENCE_LIMITS)))


def _round(value: Any) -> float:
    return round(float(value), PROBABILITY_DIGITS)
