"""Place labels around faces: candidate positions, their costs, and a search for the cheapest joint choice.

A label has up to three forms, from the full text to a dot with the id. It should cover no face and no other label;
a smaller form in a free place is better than a larger one that covers something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from app.domain import Box


class Form(IntEnum):
    """How much of a label is shown."""

    FULL = 0
    SHORT = 1
    DOT = 2


# Positions of a label beside a face. For each axis: where on the face (0 its first edge, 1 its last), which part of the
# label is there (0 its first edge, 1 its last), and how many gaps it is moved away.
_START, _MIDDLE, _END = (0.0, 0.0, 0.0), (0.5, 0.5, 0.0), (1.0, 1.0, 0.0)
_BEFORE, _AFTER = (0.0, 1.0, -1.0), (1.0, 0.0, 1.0)
_BEFORE_CORNER, _AFTER_CORNER = (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)
_INSIDE_START, _INSIDE_END = (0.0, 0.0, 1.0), (1.0, 1.0, -1.0)
# x, y and cost, best first. Above a face there is hair or background, beside it often another person.
_SLOT_TABLE = (
    (_START, _BEFORE, 0.0),
    (_MIDDLE, _BEFORE, 0.04),
    (_END, _BEFORE, 0.08),
    (_MIDDLE, _AFTER, 0.3),
    (_START, _AFTER, 0.3),
    (_END, _AFTER, 0.34),
    (_AFTER, _START, 0.36),
    (_BEFORE, _START, 0.4),
    (_AFTER, _MIDDLE, 0.4),
    (_BEFORE, _MIDDLE, 0.44),
    (_AFTER, _END, 0.44),
    (_BEFORE, _END, 0.48),
    (_AFTER_CORNER, _BEFORE_CORNER, 0.5),
    (_BEFORE_CORNER, _BEFORE_CORNER, 0.54),
    (_AFTER_CORNER, _AFTER_CORNER, 0.6),
    (_BEFORE_CORNER, _AFTER_CORNER, 0.64),
    (_START, _INSIDE_START, 0.9),
    (_START, _INSIDE_END, 0.9),
)
SLOTS = len(_SLOT_TABLE)
_X_RULES = np.array([x for x, _, _ in _SLOT_TABLE])
_Y_RULES = np.array([y for _, y, _ in _SLOT_TABLE])
_SLOT_COSTS = np.array([cost for _, _, cost in _SLOT_TABLE])
# Costs, in the order of what is worse. A form that fits costs less than the smallest thing that could be covered.
_FORM_COSTS = np.array([0.0, 1.2, 2.4])
_COVERS_FACE_COST = 6.0
_COVERS_LABEL_COST = 7.0
# Added in proportion to the part of the face or of the smaller label that is covered.
_COVERED_PART_COST = 8.0
# A label nearer than this to the face of another person seems to be theirs. In heights of the label.
_NEAR_HEIGHTS = 0.35
_NEAR_COST = 0.5
# What a label must gain before it moves or changes its form.
_MOVE_COST = 0.7
_CHANGE_FORM_COST = 0.4
# Rounding may make neighbours touch by this area.
_TOUCHING_PX2 = 1.0
# Rounds over all labels; the choice is usually settled after two.
_MAX_ROUNDS = 5
# Candidates of each label in the joint search when there are many labels.
_MANY_LABELS = 12
_CANDIDATES_OF_MANY = 6


@dataclass(frozen=True, slots=True)
class Choice:
    """A form of a label and a position beside its face, an index below `SLOTS`."""

    form: Form
    slot: int


@dataclass(frozen=True, slots=True)
class Label:
    """A label to place.

    Attributes:
        face: Box of its face in pixels.
        sizes: Width and height in pixels of each form that may be chosen.
        gap: Distance from the face in pixels.
        previous: Its choice in the last frame; None if it is new.
    """

    face: Box
    sizes: Mapping[Form, tuple[int, int]]
    gap: float
    previous: Choice | None = None


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Candidates of all labels, in the order of the labels: arrays of one length, boxes (candidates, 4).

    Attributes:
        owner: Index of the label.
        covers_face: Whether it covers a face.
        costs: Costs that do not depend on the other labels.
    """

    owner: np.ndarray
    form: np.ndarray
    slot: np.ndarray
    boxes: np.ndarray
    covers_face: np.ndarray
    costs: np.ndarray

    def select(self, kept: np.ndarray) -> _Candidates:
        """These candidates only: indices or bool (candidates,)."""
        return _Candidates(*(getattr(self, name)[kept] for name in self.__slots__))


def label_boxes(labels: Sequence[Label], choices: Sequence[Choice], picture: tuple[int, int]) -> np.ndarray:
    """Boxes of labels with these choices, moved into a picture of this width and height: float (labels, 4)."""
    sizes = np.array([label.sizes[choice.form] for label, choice in zip(labels, choices, strict=True)], float)
    gaps = np.array([label.gap for label in labels])
    slots = np.array([choice.slot for choice in choices], int)
    return _slot_boxes(box_array([label.face for label in labels]), sizes.reshape(-1, 2), gaps, slots, picture)


def box_array(boxes: Sequence[Box]) -> np.ndarray:
    """Boxes as float (boxes, 4): x1, y1, x2, y2."""
    return np.array([(box.x1, box.y1, box.x2, box.y2) for box in boxes], float).reshape(-1, 4)


def conflicts(boxes: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Whether each label covers a face or another label, bool (labels,)."""
    on_labels = intersections(boxes, boxes)
    np.fill_diagonal(on_labels, 0.0)
    on_faces = intersections(boxes, faces)
    return np.asarray((on_faces > _TOUCHING_PX2).any(axis=1) | (on_labels > _TOUCHING_PX2).any(axis=1))


def intersections(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Area in square pixels that each of the boxes (m, 4) shares with each of the boxes (n, 4): float (m, n)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides = np.maximum(high - low, 0.0)
    return np.asarray(sides[..., 0] * sides[..., 1])


def search_layout(labels: Sequence[Label], faces: np.ndarray, picture: tuple[int, int]) -> list[Choice]:
    """The choices of all labels with the lowest total cost that the search finds; the same for the same labels.

    From several starting points, one label after another takes its best candidate given all others until none moves.

    Args:
        faces: Boxes that should stay free, float (faces, 4); those of the labels first, in their order.
        picture: Width and height in pixels.
    """
    if not labels:
        return []
    candidates = _prune(_candidates(labels, faces, picture), len(labels))
    between = _costs_between(candidates.boxes)
    groups = [np.flatnonzero(candidates.owner == index) for index in range(len(labels))]
    results = [_descend(candidates.costs, between, groups, order) for order in _orders(labels, groups)]
    best = min(results, key=lambda chosen: _total(chosen, candidates.costs, between))
    return [Choice(Form(int(candidates.form[one])), int(candidates.slot[one])) for one in best]


def _candidates(labels: Sequence[Label], faces: np.ndarray, picture: tuple[int, int]) -> _Candidates:
    """Every form of every label in every slot."""
    pairs = [(index, form) for index, label in enumerate(labels) for form in label.sizes]
    owner, form = (np.repeat([pair[at] for pair in pairs], SLOTS) for at in (0, 1))
    slot = np.tile(np.arange(SLOTS), len(pairs))
    sizes = np.repeat(np.array([labels[index].sizes[form] for index, form in pairs], float), SLOTS, axis=0)
    gaps = np.array([label.gap for label in labels])
    boxes = _slot_boxes(faces[owner], sizes, gaps[owner], slot, picture)
    face_costs = _face_costs(boxes, faces, owner)
    costs = _FORM_COSTS[form] + _SLOT_COSTS[slot] + face_costs + _change_costs(labels, owner, form, slot)
    return _Candidates(owner, form, slot, boxes, face_costs >= _COVERS_FACE_COST, costs)


def _slot_boxes(
    faces: np.ndarray, sizes: np.ndarray, gaps: np.ndarray, slots: np.ndarray, picture: tuple[int, int]
) -> np.ndarray:
    """Whole-pixel boxes of labels beside faces (n, 4), with sizes (n, 2), gaps (n,) and slots (n,): float (n, 4)."""
    starts = []
    for axis, rules in enumerate((_X_RULES, _Y_RULES)):
        on_face, on_label, gap_count = rules[slots].T
        face_start, face_end, side = faces[:, axis], faces[:, axis + 2], sizes[:, axis]
        start = face_start + (face_end - face_start) * on_face - side * on_label + gaps * gap_count
        starts.append(np.clip(np.rint(start), 0, np.maximum(picture[axis] - side, 0)))
    corner = np.stack(starts, axis=1)
    return np.concatenate([corner, corner + sizes], axis=1)


def _face_costs(boxes: np.ndarray, faces: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Costs of covering faces, and of being near to those of others."""
    shared = intersections(boxes, faces)
    areas = np.maximum((faces[:, 2] - faces[:, 0]) * (faces[:, 3] - faces[:, 1]), 1.0)
    covered = (shared > _TOUCHING_PX2) * (_COVERS_FACE_COST + _COVERED_PART_COST * shared / areas)
    margin = _NEAR_HEIGHTS * (boxes[:, 3] - boxes[:, 1])[:, None]
    near = intersections(boxes + margin * (-1, -1, 1, 1), faces) > 0
    near[np.arange(len(owner)), owner] = False
    return np.asarray(covered.sum(axis=1) + _NEAR_COST * near.any(axis=1))


def _change_costs(labels: Sequence[Label], owner: np.ndarray, form: np.ndarray, slot: np.ndarray) -> np.ndarray:
    """Costs of leaving the previous choice; none for new labels."""
    known = np.array([label.previous is not None for label in labels])
    previous = [label.previous or Choice(Form.FULL, 0) for label in labels]
    is_same_form = form == np.array([choice.form for choice in previous])[owner]
    is_same_slot = slot == np.array([choice.slot for choice in previous])[owner]
    changes = _CHANGE_FORM_COST * ~is_same_form + _MOVE_COST * ~(is_same_form & is_same_slot)
    return np.asarray(known[owner] * changes)


def _prune(candidates: _Candidates, labels: int) -> _Candidates:
    """Without those that cover a face where the label has one that covers none; of many labels only the best ones."""
    has_free = np.zeros(labels, bool)
    has_free[candidates.owner[~candidates.covers_face]] = True
    kept = candidates.select(~candidates.covers_face | ~has_free[candidates.owner])
    if labels <= _MANY_LABELS:
        return kept
    order = np.lexsort((kept.costs, kept.owner))
    first = np.searchsorted(kept.owner[order], np.arange(labels))
    rank = np.arange(len(order)) - first[kept.owner[order]]
    return kept.select(order[rank < _CANDIDATES_OF_MANY])


def _costs_between(boxes: np.ndarray) -> np.ndarray:
    """Cost of each pair of candidates, for the part of the smaller one that the other covers."""
    shared = intersections(boxes, boxes)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    smaller = np.minimum(areas[:, None], areas[None, :])
    return np.asarray((shared > _TOUCHING_PX2) * (_COVERS_LABEL_COST + _COVERED_PART_COST * shared / smaller))


def _orders(labels: Sequence[Label], groups: Sequence[np.ndarray]) -> list[list[int]]:
    """Orders in which the labels are placed first: large faces, few candidates, and from left to right."""
    indices = range(len(labels))
    return [
        sorted(indices, key=lambda index: (-labels[index].face.area, index)),
        sorted(indices, key=lambda index: (len(groups[index]), index)),
        sorted(indices, key=lambda index: (labels[index].face.x1, index)),
    ]


def _descend(costs: np.ndarray, between: np.ndarray, groups: Sequence[np.ndarray], order: Sequence[int]) -> list[int]:
    """Place the labels in this order, then let each take its best candidate until none changes."""
    chosen: dict[int, int] = {}
    for _ in range(_MAX_ROUNDS):
        before = dict(chosen)
        for index in order:
            others = [candidate for other, candidate in chosen.items() if other != index]
            group = groups[index]
            totals = costs[group] + between[group][:, others].sum(axis=1)
            chosen[index] = int(group[np.argmin(totals)])
        if chosen == before:
            break
    return [chosen[index] for index in range(len(groups))]


def _total(chosen: Sequence[int], costs: np.ndarray, between: np.ndarray) -> float:
    """Total cost of a choice; each pair counts once."""
    pairs = between[chosen][:, chosen]
    return float(costs[chosen].sum() + np.triu(pairs, 1).sum())
