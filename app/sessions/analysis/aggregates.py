"""Sums of selected rows in SQL: numbers and times with labels, by person and step of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, func, literal, select, union_all

from app.sessions.analysis.parts import PARTS, ROWS, fill_parts
from app.sessions.analysis.selection import Selection
from app.sessions.database.schema import LABEL_SUMS, decimal_columns, observations_of, sums_of
from app.sessions.database.statements import names_partition, sum_integers
from app.sessions.database.sums import count_rows


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the rows of one person, or of everyone, in one step.

    Attributes:
        person_id: 0 for everyone.
        step: Number of the step, from 0 at the start of the session; 0 without steps.
        people: Number of people that the rows show.
        values: The sum of each number, in units of its last digit, and the number of rows that have it.
    """

    person_id: int
    step: int
    people: int
    rows: int
    duration_ms: int
    values: Mapping[str, tuple[int, int]]

    def mean(self, name: str) -> float | None:
        """The mean of a number in units of its last digit; None if no row has it."""
        total, rows = self.values.get(name, (0, 0))
        return total / rows if rows else None


class LabelTime(NamedTuple):
    """For how long one person, or everyone, had a label in one step."""

    person_id: int
    step: int
    label: str
    duration_ms: int


class Aggregates:
    """Sums of one selection.

    Args:
        step_ms: Length of the steps of time; None sums up the whole time.
        by_person: Whether each person is summed up on its own.
        origin_ms: Where the first step begins, not after the selected time.
    """

    def __init__(
        self,
        connection: Connection,
        selection: Selection,
        step_ms: int | None = None,
        *,
        by_person: bool = True,
        origin_ms: int = 0,
    ) -> None:
        self._connection, self._session_id = connection, selection.header.id
        self._attributes = selection.header.attributes
        self._step_ms, self._by_person, self._origin_ms = step_ms, by_person, origin_ms
        fill_parts(connection, selection, step_ms, origin_ms)

    def totals(self, names: Sequence[str] | None = None) -> list[Totals]:
        """The sums of these numbers, by default of all, ordered by person and step."""
        names = decimal_columns(self._attributes) if names is None else list(names)
        return [
            Totals(person, step, people, rows, duration_ms, _pair(names, values))
            for person, step, people, rows, duration_ms, *values in self._totals(names)
            if rows
        ]

    def means(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The means of numbers in the steps in which the first of them is known, ordered by person and step.

        Returns:
            Ids of people and numbers of steps, int64 (steps,), and means in units of the last digit, float64 (steps,
            names).
        """
        rows = np.array([tuple(row) for row in self._totals(names)], dtype=np.float64).reshape(-1, 5 + 2 * len(names))
        known = rows[rows[:, 6] > 0] if names else rows[:0]
        return known[:, 0].astype(np.int64), known[:, 1].astype(np.int64), known[:, 5::2] / known[:, 6::2]

    def _totals(self, names: Sequence[str]) -> Sequence[Sequence[Any]]:
        """Person, step, people, rows, milliseconds, and the sum and number of each of these numbers."""
        observations, sums = observations_of(self._attributes), sums_of(self._attributes)
        parts = union_all(self._numbers(observations, names), self._numbers(sums, names)).subquery()
        people = literal(1) if self._by_person else func.count(parts.c.person_id.distinct())
        fixed = [people, sum_integers(parts.c.rows), sum_integers(parts.c.duration_ms)]
        return self._group(parts, [*fixed, *(sum_integers(parts.c[name]) for name in _with_rows(names))])

    def label_times(self, name: str) -> list[LabelTime]:
        """The time with each label in a column, ordered by person, step and label."""
        observations, sums = observations_of(self._attributes), LABEL_SUMS
        of_rows = self._select(observations, observations.c[name].label("label"), observations.c.duration_ms)
        of_sums = self._select(sums, sums.c.label, sums.c.duration_ms).where(sums.c.name == name)
        parts = union_all(of_rows.where(observations.c[name].is_not(None)), of_sums).subquery()
        rows = self._group(parts, [parts.c.label, sum_integers(parts.c.duration_ms)], parts.c.label)
        return [LabelTime._make(row) for row in rows if row[2] is not None]

    def _numbers(self, source: FromClause, names: Sequence[str]) -> Select[Any]:
        values = [source.c.rows if "rows" in source.c else literal(1).label("rows"), source.c.duration_ms]
        for name in names:
            values += [source.c[name].label(name), count_rows(source, name).label(f"{name}_rows")]
        return self._select(source, *values)

    def _select(self, source: FromClause, *values: ColumnElement[Any]) -> Select[Any]:
        """What lies in the parts of the source's kind, with its person and step."""
        is_summed = "level_s" in source.c
        time = source.c.start_ms if is_summed else source.c.time_ms
        step = literal(0) if self._step_ms is None else (time - self._origin_ms) // self._step_ms
        joined = and_(
            source.c.session_id == PARTS.c.session_id,
            *names_partition(self._connection, source.c.session_id, self._session_id),
            *([source.c.level_s == PARTS.c.level_s] if is_summed else []),
            source.c.track_id == PARTS.c.track_id,
            time >= PARTS.c.start_ms,
            time < PARTS.c.end_ms,
        )
        kind = PARTS.c.level_s != ROWS if is_summed else PARTS.c.level_s == ROWS
        rows = select(PARTS.c.person_id, step.label("step"), *values)
        return rows.select_from(PARTS.join(source, joined)).where(kind)

    def _group(
        self, parts: FromClause, values: Sequence[ColumnElement[Any]], *further: ColumnElement[Any]
    ) -> Sequence[Sequence[Any]]:
        keys = [parts.c.person_id, parts.c.step] if self._by_person else [parts.c.step]
        person = parts.c.person_id if self._by_person else literal(0)
        query = select(person, parts.c.step, *values).group_by(*keys, *further).order_by(*keys, *further)
        return self._connection.execute(query).all()  # at once: row by row takes twice as long


def _with_rows(names: Sequence[str]) -> list[str]:
    return [f"{name}{suffix}" for name in names for suffix in ("", "_rows")]


def _pair(names: Sequence[str], values: Sequence[int | None]) -> dict[str, tuple[int, int]]:
    return {name: (values[2 * index] or 0, values[2 * index + 1] or 0) for index, name in enumerate(names)}
