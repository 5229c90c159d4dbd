"""The description of an attribute: its values, thresholds and timing, and how sessions, labels and pages use it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np

from app.attributes.estimate import UNSURE, Estimate


class Kind(StrEnum):
    """Form of the values of an attribute."""

    CLASSES = "classes"
    BINARY = "binary"
    NUMBER = "number"
    VECTOR = "vector"


class Dynamics(StrEnum):
    """How fast an attribute changes. It decides how often models run and how results are smoothed.

    EXPRESSION lasts fractions of a second, STATE is put on and taken off (glasses), CONSTANT stays (age).
    """

    EXPRESSION = "expression"
    STATE = "state"
    CONSTANT = "constant"


class SessionForm(StrEnum):
    """What a row of a session keeps of an attribute.

    DISTRIBUTION is the mean probability of every label and the dominant label, LABEL the most frequent label, MEAN the
    mean of a number (with its interval), of the components of a vector or of the probability of the positive label.
    """

    DISTRIBUTION = "distribution"
    LABEL = "label"
    MEAN = "mean"


class ColumnType(StrEnum):
    """Type of a session column; DECIMAL is a number with a fixed count of digits after the decimal point."""

    TEXT = "text"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class SessionColumn:
    """One column that an attribute has in the rows of a session; `digits` is the precision of a DECIMAL."""

    name: str
    type: ColumnType
    digits: int = 0


# Solves a perspective-n-point problem: 3-D model points (n, 3), image points (n, 2) in pixels and the camera matrix
# (3, 3) give the rotation matrix (3, 3), or None without a solution.
PnpSolver = Callable[[np.ndarray, np.ndarray, np.ndarray], "np.ndarray | None"]


@dataclass(frozen=True, slots=True)
class DerivedInputs:
    """What a derived attribute may use.

    Attributes:
        estimates: The attributes reported for the face so far, by name.
        points: Landmarks as in `Face.points`, float32 (15, 2) in image pixels; None without a landmark network.
        frame_size: Width and height of the image in pixels.
        solve_pnp: Solver of perspective-n-point problems.
    """

    estimates: Mapping[str, Estimate]
    points: np.ndarray | None
    frame_size: tuple[int, int]
    solve_pnp: PnpSolver


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute of a face. The classes in `kinds` implement what depends on its kind.

    Attributes:
        name: Key in JSON, in `show` lists and in model cards; lower case letters, digits and underscores.
        title: Text of the toggle and of headings, such as "Perceived sex".
        position: Order among the attributes, ascending.
        labels: Labels or, for a vector, components, in the order of the model's outputs. A model card replaces them.
        label_texts: Text shown for a label that is not shown as it is.
        chip: Text on a label in the video, with `{label}`, `{share}` or `{value}`.
        card: Text on a person's card, with the same fields and `{low}` and `{high}`.
        note: Remark shown with every value, such as "derived from the expression".
        min_probability: Probability that a label needs, or else it is `UNSURE`.
        min_number: Another attribute, and the value of it below which the label is always `UNSURE`.
        hides: Label of this attribute -> names of the attributes that are not reported while it applies.
        dynamics: How fast it changes.
        session: What a session keeps.
        counts_key: Key of its person-seconds by label in the JSON of sessions, for the form LABEL.
        shown_by_default: Whether the toggle is on in a new page.
        needs_operator: Whether it is only reported if the server is started with the option of its name.
        is_headline: Whether it is the first line of labels and cards, and the subject of the main statistics.
        overlay: Name of a drawing on the face besides the text, such as "axes".
        derive: For derived attributes, the function that computes it; None if that is impossible for this face.
        inputs: Attributes that `derive` needs; "landmarks" stands for the landmark network.
    """

    kind: ClassVar[Kind]

    name: str
    title: str
    position: int
    labels: tuple[str, ...] = ()
    label_texts: Mapping[str, str] = field(default_factory=dict)
    chip: str = "{label}"
    card: str = "{label}"
    note: str = ""
    min_probability: float = 0.5
    min_number: tuple[str, float] | None = None
    hides: Mapping[str, Collection[str]] = field(default_factory=dict)
    dynamics: Dynamics = Dynamics.STATE
    session: SessionForm = SessionForm.LABEL
    counts_key: str = ""
    shown_by_default: bool = False
    needs_operator: bool = False
    is_headline: bool = False
    overlay: str | None = None
    derive: Callable[[DerivedInputs], Estimate | None] | None = None
    inputs: tuple[str, ...] = ()

    @property
    def columns(self) -> Sequence[SessionColumn]:
        """Columns in the rows of sessions."""
        raise NotImplementedError

    def resolve(self, estimate: Any, estimates: Mapping[str, Estimate]) -> Estimate:
        """The estimate with its label decided, given the other estimates of the face."""
        return estimate

    def hidden(self, estimate: Any) -> Estimate:
        """What is reported while another attribute hides this one."""
        raise NotImplementedError

    def rounded(self, estimate: Any) -> Estimate:
        """The estimate with the digits of docs/api.md."""
        raise NotImplementedError

    def to_json(self, estimate: Any) -> dict[str, Any]:
        """The value of the attribute's key in the JSON of a face (docs/api.md)."""
        raise NotImplementedError

    def csv_values(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of the attribute in the CSV of `analyze`, from the value that `to_json` gives."""
        raise NotImplementedError

    def chip_text(self, estimate: Any) -> str:
        """Text on the label in the video."""
        raise NotImplementedError

    def label_text(self, label: str) -> str:
        """Text of a label, such as "no mask" or "mask unsure"."""
        return self.label_texts.get(label, f"{self.name} {label}" if label == UNSURE else label)

    def describe(self) -> dict[str, Any]:
        """The description as JSON, for the page and for sessions that outlive a model."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": str(self.kind),
            "labels": list(self.labels),
            "texts": dict(self.label_texts),
            "card": self.card,
            "note": self.note,
            "min_probability": self.min_probability,
            "min_number": self.min_number and list(self.min_number),
            "dynamics": str(self.dynamics),
            "session": str(self.session),
            "counts_key": self.counts_key or self.name,
            "shown_by_default": self.shown_by_default,
            "needs_operator": self.needs_operator,
            "headline": self.is_headline,
            "derived": self.derive is not None,
        }
