"""Convert estimates to the columns of an attribute in the table of person-seconds, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.attributes.attribute import Attribute, SessionForm
from app.attributes.estimate import ClassEstimate, Estimate, NumberEstimate, VectorEstimate
from app.attributes.kinds import BinaryAttribute, NumberAttribute


def counts_key(attribute: Attribute) -> str:
    """Key of the attribute's person-seconds by label in JSON."""
    return attribute.counts_key or attribute.name


def counts_labels(attribute: Attribute) -> bool:
    """Whether sessions count the labels of an attribute besides the main statistics."""
    return attribute.session is not SessionForm.MEAN and not attribute.is_headline


def to_columns(attribute: Attribute, estimate: Estimate | None) -> dict[str, Any]:
    """The values of the attribute's columns, by name; all None without an estimate."""
    names = [column.name for column in attribute.columns]
    return dict(zip(names, _values(attribute, estimate) if estimate else [None] * len(names), strict=True))


def from_columns(attribute: Attribute, values: Mapping[str, Any]) -> Estimate | None:
    """The estimate that `to_columns` stored; None if its columns are empty. `values` may have other columns."""
    stored: list[Any] = [values.get(column.name) for column in attribute.columns]
    if attribute.session is SessionForm.DISTRIBUTION:
        label, probabilities = stored
        if label is None and not probabilities:
            return None
        return ClassEstimate(dict(zip(attribute.labels, probabilities, strict=False)) if probabilities else None, label)
    if None in stored:
        return None
    if attribute.session is SessionForm.LABEL:
        return ClassEstimate(label=stored[0])
    if isinstance(attribute, BinaryAttribute):
        return attribute.from_positive(stored[0])
    if isinstance(attribute, NumberAttribute):
        return NumberEstimate(stored[0])
    return VectorEstimate(dict(zip(attribute.labels, stored, strict=True)))


def _values(attribute: Attribute, estimate: Estimate) -> list[Any]:
    if isinstance(estimate, NumberEstimate):
        return [estimate.value]
    if isinstance(estimate, VectorEstimate):
        return [(estimate.values or {}).get(name) for name in attribute.labels]
    if attribute.session is SessionForm.DISTRIBUTION:
        return [estimate.label, list(estimate.probabilities.values()) if estimate.probabilities else None]
    if attribute.session is SessionForm.MEAN and isinstance(attribute, BinaryAttribute):
        return [attribute.positive_probability(estimate)]
    return [estimate.label]
