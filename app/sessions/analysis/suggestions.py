"""People of a session who may be one person who left and came back. Nobody is merged without being asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select, tuple_

from app.sessions.analysis.figures import mean_values, sum_people
from app.sessions.analysis.parts import PARTS
from app.sessions.analysis.selection import EVERYTHING, select_by
from app.sessions.database.schema import OBSERVATIONS
from app.sessions.rows.records import SessionHeader, to_seconds
from app.sessions.rows.row_codec import BOX_SCALE

MAX_SUGGESTIONS = 20
MIN_SCORE = 0.5
# Time after which a person is not looked for any more.
MAX_GAP_S = 600.0
# Differences at which a fit has fallen to 1/e. Age: the mean absolute error of the age model is about half of it.
AGE_SCALE_YEARS = 10.0
GAP_SCALE_S = 600.0
# Distance between the places where one left and came back, in widths of the face; a walk around a table.
DISTANCE_SCALE_WIDTHS = 6.0


@dataclass(frozen=True, slots=True)
class Appearance:
    """One track: from when to when it is seen, with the boxes at its ends as x1, y1, x2, y2 in pixels."""

    person_id: int
    first_ms: int
    last_ms: int
    first_box: Sequence[float] | None
    last_box: Sequence[float] | None


def suggest_merges(connection: Connection, header: SessionHeader, now: datetime) -> list[dict[str, Any]]:
    """The `suggestions` of docs/api.md, the likeliest first."""
    people = sum_people(connection, select_by(connection, header, EVERYTHING, now))
    values = {person_id: mean_values(header, one.totals) for person_id, one in people.items()}
    appearances = _appearances(connection, header.id)
    suggestions = [_suggestion(before, after, values) for before, after in _pairs(appearances)]
    best: dict[tuple[int, int], dict[str, Any]] = {}
    for one in sorted(suggestions, key=lambda one: one["score"]):
        first, second = sorted(one["people"])
        best[first, second] = {**one, "people": [first, second]}
    likely = [one for one in best.values() if one["score"] >= MIN_SCORE]
    return sorted(likely, key=lambda one: -one["score"])[:MAX_SUGGESTIONS]


def _pairs(appearances: Sequence[Appearance]) -> list[tuple[Appearance, Appearance]]:
    """Tracks of two people, the second within a time after the first, if the two people are never seen together."""
    if not appearances:
        return []
    people = sorted({one.person_id for one in appearances})
    member = np.array([[one.person_id == person for person in people] for one in appearances], dtype=np.float32)
    first = np.array([one.first_ms for one in appearances])
    last = np.array([one.last_ms for one in appearances])
    together = (first[:, None] <= last[None]) & (first[None] <= last[:, None])
    meet = member.T @ together.astype(np.float32) @ member > 0
    gaps_ms = first[None] - last[:, None]
    place = {person: index for index, person in enumerate(people)}
    return [
        (appearances[before], appearances[after])
        for before, after in np.argwhere((gaps_ms > 0) & (gaps_ms <= 1000 * MAX_GAP_S))
        if not meet[place[appearances[before].person_id], place[appearances[after].person_id]]
    ]


def _suggestion(before: Appearance, after: Appearance, values: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """The pair with its score: the product of how well age, sex, box and time fit; what is unknown fits."""
    age, sex = (_value_distance(before, after, values, name) for name in ("age_years", "p_female"))
    box = _distance(before.last_box, after.first_box)
    gap_s = to_seconds(after.first_ms - before.last_ms)
    fits = [np.exp(-gap_s / GAP_SCALE_S)]
    fits += [] if age is None else [np.exp(-age / AGE_SCALE_YEARS)]
    fits += [] if sex is None else [1 - sex]
    fits += [] if box is None else [np.exp(-box / DISTANCE_SCALE_WIDTHS)]
    return {
        "people": [before.person_id, after.person_id],
        "score": round(float(np.prod(fits)), 3),
        "gap_s": gap_s,
        "reasons": {
            "age_years": None if age is None else round(age, 1),
            "p_female": None if sex is None else round(sex, 2),
            "box": None if box is None else round(box, 2),
        },
    }


def _value_distance(
    before: Appearance, after: Appearance, values: Mapping[int, Mapping[str, Any]], name: str
) -> float | None:
    first, second = (values.get(one.person_id, {}).get(name) for one in (before, after))
    return None if first is None or second is None else abs(first - second)


def _distance(first: Sequence[float] | None, second: Sequence[float] | None) -> float | None:
    """Distance of two boxes in widths, plus twice the logarithm of the ratio of their widths; 0 if they are equal."""
    if first is None or second is None:
        return None
    widths = [max(1.0, box[2] - box[0]) for box in (first, second)]
    centers = [((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in (first, second)]
    distance = float(np.hypot(centers[0][0] - centers[1][0], centers[0][1] - centers[1][1]))
    return distance / (sum(widths) / 2) + 2 * abs(float(np.log(widths[0] / widths[1])))


def _appearances(connection: Connection, session_id: int) -> list[Appearance]:
    """The tracks in the parts of the current selection, each with its person."""
    rows = OBSERVATIONS.c
    own = (rows.session_id == PARTS.c.session_id, rows.track_id == PARTS.c.track_id)
    inside = (rows.time_ms >= PARTS.c.start_ms, rows.time_ms < PARTS.c.end_ms)
    first, last = (
        select(extreme(rows.time_ms)).where(*own, *inside).scalar_subquery() for extreme in (func.min, func.max)
    )
    query = select(PARTS.c.person_id, PARTS.c.track_id, func.min(first), func.max(last))
    tracks = [
        row for row in connection.execute(query.group_by(PARTS.c.person_id, PARTS.c.track_id)) if row[2] is not None
    ]
    boxes = _boxes(connection, session_id, [(row[1], time_ms) for row in tracks for time_ms in (row[2], row[3])])
    return [
        Appearance(person, first_ms, last_ms, boxes.get((track, first_ms)), boxes.get((track, last_ms)))
        for person, track, first_ms, last_ms in tracks
    ]


def _boxes(
    connection: Connection, session_id: int, keys: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], list[float]]:
    """The boxes of rows by track and time, in pixels; rows of older versions have none."""
    rows = OBSERVATIONS.c
    query = select(rows.track_id, rows.time_ms, rows.box_x1, rows.box_y1, rows.box_x2, rows.box_y2).where(
        rows.session_id == session_id, rows.box_x1.is_not(None), tuple_(rows.track_id, rows.time_ms).in_(keys)
    )
    return {
        (track, time_ms): [value / BOX_SCALE for value in box]
        for track, time_ms, *box in (connection.execute(query) if keys else ())
    }
