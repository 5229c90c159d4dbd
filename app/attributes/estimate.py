"""Estimates of one attribute of one face, by kind of attribute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Shown instead of a label whose calibrated probability is below the attribute's minimum.
UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class ClassEstimate:
    """Estimate of an attribute with labels.

    Attributes:
        probabilities: Calibrated probability by label, in the attribute's order; None if another attribute hides this
            one, or if only a label is known.
        label: Label to show, or `UNSURE`; None before a threshold or smoothing decided.
        second: Second label, if it is likely enough to be named beside the first.
    """

    probabilities: Mapping[str, float] | None = None
    label: str | None = None
    second: str | None = None


@dataclass(frozen=True, slots=True)
class NumberEstimate:
    """Estimate of a number.

    Attributes:
        value: In the attribute's unit; None if another attribute hides this one.
        interval: Central prediction interval, low and high; None if unknown.
    """

    value: float | None = None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class VectorEstimate:
    """Estimate of several numbers that belong together, by component and in the attribute's unit; None if hidden."""

    values: Mapping[str, float] | None = None


Estimate = ClassEstimate | NumberEstimate | VectorEstimate
Estimates = Mapping[str, Estimate]


def estimate_to_wire(estimate: Estimate) -> list[Any]:
    """The type and the fields of an estimate, as JSON values."""
    if isinstance(estimate, ClassEstimate):
        return ["class", estimate.probabilities, estimate.label, estimate.second]
    if isinstance(estimate, NumberEstimate):
        return ["number", estimate.value, estimate.interval]
    return ["vector", estimate.values]


def estimate_from_wire(fields: list[Any]) -> Estimate:
    """The estimate that `estimate_to_wire` packed."""
    type_name, *values = fields
    if type_name == "class":
        return ClassEstimate(*values)
    if type_name == "number":
        value, interval = values
        return NumberEstimate(value, interval and (interval[0], interval[1]))
    return VectorEstimate(*values)


def label_or_unsure(probabilities: Mapping[str, float], min_probability: float) -> str:
    """The most likely label, or `UNSURE` if its probability is below `min_probability`."""
    label, probability = max(probabilities.items(), key=lambda item: item[1])
    return label if probability >= min_probability else UNSURE
