"""Curves of groups around markers of one name: what people show before and after a stimulus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.attributes.kinds import PROBABILITY_DIGITS
from app.errors import InvalidRequest
from app.sessions.analysis.aggregates import Aggregates
from app.sessions.analysis.bootstrap import Sample, mean_interval, refusal
from app.sessions.analysis.figures import PROBABILITY_SCALE
from app.sessions.analysis.people_values import Group, PersonKey, Read
from app.sessions.analysis.selection import NEVER_MS, Selection, intersect
from app.sessions.rows.records import to_seconds

MAX_STEPS = 240
# Fewer draws than for one figure: a curve has hundreds of intervals.
CURVE_REPLICATES = 400


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which markers the curves are aligned at, and the time around them in milliseconds."""

    name: str
    before_ms: int
    after_ms: int
    step_ms: int

    @property
    def steps(self) -> int:
        """Number of steps."""
        return -(-(self.before_ms + self.after_ms) // self.step_ms)


def aligned_curves(groups: Sequence[Group], alignment: Alignment, labels: Sequence[str], read: Read) -> dict[str, Any]:
    """The `curves` of docs/api.md.

    Raises:
        InvalidRequest: no session of a group has a marker of this name.
    """
    starts = np.arange(alignment.steps) * alignment.step_ms - alignment.before_ms
    return {
        "time_s": [to_seconds(int(start)) for start in starts],
        "groups": [_group_curves(group, alignment, labels, read) for group in groups],
    }


def _group_curves(group: Group, alignment: Alignment, labels: Sequence[str], read: Read) -> dict[str, Any]:
    sums: dict[PersonKey, np.ndarray] = defaultdict(lambda: np.zeros((alignment.steps, len(labels), 2)))
    markers = 0
    for part in group.parts:
        markers += read(part, lambda connection, selection: _add_windows(connection, selection, alignment, sums))
    if not markers:
        raise InvalidRequest(f"group {group.name!r} has no marker {alignment.name!r}; choose another name")
    people = np.array(list(sums.values())) if sums else np.zeros((0, alignment.steps, len(labels), 2))
    with np.errstate(invalid="ignore"):
        means = people[..., 0] / people[..., 1] / PROBABILITY_SCALE  # NaN where a person is not seen
    reason = refusal(len(people))
    low, high = (None, None) if reason else _limits(means, labels)
    known = ~np.isnan(means).all(0)
    averages = np.where(known, np.nansum(means, 0) / np.maximum((~np.isnan(means)).sum(0), 1), np.nan)
    return {
        "name": group.name,
        "people": len(people),
        "markers": markers,
        "mean": _by_label(averages, labels),
        "low": low,
        "high": high,
        "interval_reason": reason,
    }


def _add_windows(connection: Any, selection: Selection, alignment: Alignment, sums: dict[PersonKey, np.ndarray]) -> int:
    """Add the sums of one part around each marker; returns the number of markers."""
    columns = [column.name for column in selection.header.attributes.headline.columns[1:]]
    count = 0
    for marker in (one for one in selection.markers if one.name == alignment.name):
        origin_ms = marker.start_ms - alignment.before_ms  # may lie before the session, where no row is
        spans = intersect(selection.spans, [(origin_ms, marker.start_ms + alignment.after_ms)])
        if not spans:
            continue
        count += 1
        limited = replace(selection, spans=spans, end_ms=NEVER_MS)
        for one in Aggregates(connection, limited, alignment.step_ms, origin_ms=origin_ms).totals(columns):
            sums[selection.header.id, one.person_id][one.step] += [one.values[name] for name in columns]
    return count


def _limits(means: np.ndarray, labels: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The interval of each step and label over the people seen in the step, as arrays by label."""
    low, high = np.full(means.shape[1:], np.nan), np.full(means.shape[1:], np.nan)
    for step in range(means.shape[1]):
        values = means[:, step][~np.isnan(means[:, step]).any(1)]
        if not refusal(len(values)):
            low[step], high[step] = mean_interval(Sample(values, np.ones(len(values))), CURVE_REPLICATES)
    return _by_label(np.clip(low, 0, 1), labels), _by_label(np.clip(high, 0, 1), labels)


def _by_label(values: np.ndarray, labels: Sequence[str]) -> dict[str, list[float | None]]:
    """Values of shape (steps, labels) by label; None where they are not a number."""
    return {
        label: [None if np.isnan(value) else round(float(value), PROBABILITY_DIGITS) for value in values[:, index]]
        for index, label in enumerate(labels)
    }
