"""The values of each person of a group, from parts of one or several sessions, as arrays for the bootstrap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.errors import InvalidRequest
from app.sessions.analysis.bootstrap import Sample
from app.sessions.analysis.figures import PROBABILITY_SCALE, PersonSums, facing_share, sum_people
from app.sessions.analysis.selection import Filter, Selection

# A person of a session.
PersonKey = tuple[int, int]
# Measures besides the mean probabilities, with what one unit of the stored sums is.
MEASURES = ("valence", "arousal", "facing_share")


@dataclass(frozen=True, slots=True)
class Part:
    """What a group takes of one session."""

    session_id: int
    filter: Filter


@dataclass(frozen=True, slots=True)
class Group:
    """People who are compared with others."""

    name: str
    parts: Sequence[Part]


@dataclass(slots=True)
class GroupPeople:
    """What is known of the people of a group.

    Attributes:
        means: Mean probability by label, for each person of whom it is known.
        measures: `MEASURES` that are known of each person.
        label_ms: Milliseconds by dominant label, of all of them.
    """

    means: dict[PersonKey, dict[str, float]] = field(default_factory=dict)
    measures: dict[PersonKey, dict[str, float]] = field(default_factory=dict)
    label_ms: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    person_ms: int = 0


Read = Callable[[Part, Callable[[Any, Selection], Any]], Any]


def labels_of(groups: Sequence[Group], read: Read) -> tuple[str, ...]:
    """The labels of the main statistics of all sessions; raises InvalidRequest if they differ."""
    parts = [part for group in groups for part in group.parts]
    found = {part.session_id: read(part, lambda _, selection: selection.header.labels) for part in parts}
    if len(set(found.values())) != 1:
        first, *others = found
        other = next(one for one in others if found[one] != found[first])
        raise InvalidRequest(
            f"sessions {first} and {other} have different labels and cannot be compared; choose others"
        )
    return next(iter(found.values()))


def people_of(group: Group, read: Read) -> GroupPeople:
    """The people of a group; who is in several parts of it counts once, with all its rows."""
    people, sums = GroupPeople(), defaultdict[PersonKey, list[tuple[Selection, PersonSums]]](list)
    for part in group.parts:
        selection, found = read(part, lambda connection, selection: (selection, sum_people(connection, selection)))
        for person_id, one in found.items():
            sums[part.session_id, person_id].append((selection, one))
    for key, ones in sums.items():
        _add_person(people, key, ones)
    return people


def sample(values: Mapping[PersonKey, Mapping[str, float]], names: Sequence[str], keys: Sequence[PersonKey]) -> Sample:
    """The values of a group as arrays over the people `keys`, of whom some may not be in the group."""
    sums = np.array([[values[key][name] if key in values else 0.0 for name in names] for key in keys])
    weights = np.array([1.0 if key in values else 0.0 for key in keys])
    return Sample(sums.reshape(len(keys), len(names)), weights)


def values_of(people: GroupPeople, names: Sequence[str]) -> dict[PersonKey, dict[str, float]]:
    """The people of whom all these measures are known, with their values."""
    return {
        key: {name: measures[name] for name in names}
        for key, measures in people.measures.items()
        if all(name in measures for name in names)
    }


def _add_person(people: GroupPeople, key: PersonKey, ones: Sequence[tuple[Selection, PersonSums]]) -> None:
    header = ones[0][0].header
    names = [column.name for column in header.attributes.headline.columns[1:]]
    sums = {name: _add(ones, name) for name in names}
    if names and sums[names[0]][1]:
        people.means[key] = {
            label: sums[name][0] / sums[name][1] / PROBABILITY_SCALE
            for label, name in zip(header.labels, names, strict=True)
        }
    measures: dict[str, float] = {}
    for axis in MEASURES[:2]:
        total, rows = _add(ones, axis)
        if rows:
            measures[axis] = total / rows / 10 ** header.attributes[axis].columns[0].digits
    facing: dict[str, int] = defaultdict(int)
    for _, one in ones:
        people.person_ms += one.totals.duration_ms
        for label, duration_ms in one.labels.get(header.attributes.headline.name, {}).items():
            people.label_ms[label] += duration_ms
        for label, duration_ms in one.labels.get("facing", {}).items():
            facing[label] += duration_ms
    if (share := facing_share({"facing": facing})) is not None:
        measures["facing_share"] = share
    people.measures[key] = measures


def _add(ones: Sequence[tuple[Selection, PersonSums]], name: str) -> tuple[int, int]:
    pairs = [one.totals.values.get(name, (0, 0)) for _, one in ones]
    return sum(total for total, _ in pairs), sum(rows for _, rows in pairs)
