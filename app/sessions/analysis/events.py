"""Events: times in which a person shows another emotion than usual, the strongest and the longest of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sqlalchemy import Connection

from app.attributes.kinds import PROBABILITY_DIGITS
from app.sessions.analysis.aggregates import Aggregates
from app.sessions.analysis.figures import PROBABILITY_SCALE
from app.sessions.analysis.selection import Selection
from app.sessions.analysis.timeline import choose_step_ms
from app.sessions.rows.records import to_seconds

# Steps into which the time is divided for the search; a step is at least a second, shorter ones flicker.
MAX_STEPS = 1200
MIN_STEP_MS = 1000


def find_events(connection: Connection, selection: Selection, limit: int) -> dict[str, Any]:
    """The `events` of docs/api.md, at most `limit` of either kind."""
    step_ms = max(MIN_STEP_MS, choose_step_ms(selection, MAX_STEPS))
    columns = [column.name for column in selection.header.attributes.headline.columns[1:]]
    people, steps, means = Aggregates(connection, selection, step_ms).means(columns)
    events = [
        event
        for person_id in np.unique(people)
        for event in _events_of_person(
            selection,
            int(person_id),
            steps[people == person_id],
            means[people == person_id] / PROBABILITY_SCALE,
            step_ms,
        )
    ]
    return {
        "step_s": to_seconds(step_ms),
        "strongest": sorted(events, key=lambda event: -event["strength"])[:limit],
        "longest": sorted(events, key=lambda event: (-event["duration_s"], -event["strength"]))[:limit],
    }


def runs_of(steps: np.ndarray, labels: np.ndarray) -> Iterator[tuple[int, int]]:
    """First and past-the-end index of each run of equal labels in successive steps; both arguments int (steps,)."""
    if not len(steps):
        return
    breaks = np.flatnonzero((np.diff(steps) != 1) | (np.diff(labels) != 0)) + 1
    yield from zip([0, *breaks.tolist()], [*breaks.tolist(), len(steps)], strict=True)


def _events_of_person(
    selection: Selection, person_id: int, steps: np.ndarray, means: np.ndarray, step_ms: int
) -> Iterator[dict[str, Any]]:
    """The events of one person.

    Args:
        steps: Numbers of the steps, int (steps,).
        means: Mean probabilities in them, float (steps, labels).
    """
    labels, person_mean = means.argmax(1), means.mean(0)
    usual = int(np.bincount(labels).argmax())
    for start, end in runs_of(steps, labels):
        label = int(labels[start])
        strength = float(means[start:end, label].mean() - person_mean[label])
        if label != usual and strength > 0:
            yield {
                "person": person_id,
                "name": selection.names.get(person_id),
                "label": selection.header.labels[label],
                "usual": selection.header.labels[usual],
                "start_s": to_seconds(int(steps[start]) * step_ms),
                "end_s": to_seconds((int(steps[end - 1]) + 1) * step_ms),
                "duration_s": to_seconds((end - start) * step_ms),
                "strength": round(strength, PROBABILITY_DIGITS),
            }
