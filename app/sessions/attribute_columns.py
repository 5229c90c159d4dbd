"""Convert estimates to the columns of an attribute in the table of person-seconds, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


class AttributeColumns:
    """The columns of one attribute.

    Attributes:
        names: In order.
    """

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute
        self.names = tuple(column.name for column in attribute.columns)
        self._parse = _parser(attribute)

    def values(self, estimate: Estimate | None) -> list[Any]:
        """The values to store, one per column; all None without an estimate."""
        if estimate is None:
            return [None] * len(self.names)
        if isinstance(estimate, NumberEstimate):
            return [estimate.value]
        if isinstance(estimate, VectorEstimate):
            return [(estimate.values or {}).get(name) for name in self.attribute.labels]
        if self.attribute.session is SessionForm.DISTRIBUTION:
            return [estimate.label, list(estimate.probabilities.values()) if estimate.probabilities else None]
        if self.attribute.session is SessionForm.MEAN and isinstance(self.attribute, BinaryAttribute):
            return [self.attribute.positive_probability(estimate)]
        return [estimate.label]

    def by_name(self, estimate: Estimate | None) -> dict[str, Any]:
        """The values by column."""
        return dict(zip(self.names, self.values(estimate), strict=True))

    def estimate(self, values: Sequence[Any]) -> Estimate | None:
        """The estimate that was stored as these values; None if they are empty."""
        return self._parse(values)

    def round(self, estimate: Estimate | None) -> Estimate | None:
        """The estimate as it is stored: with the attribute's digits."""
        return None if estimate is None else self._parse(self.values(self.attribute.rounded(estimate)))


def _parser(attribute: Attribute) -> Callable[[Sequence[Any]], Estimate | None]:
    if attribute.session is SessionForm.DISTRIBUTION:
        return lambda values: _parse_distribution(attribute.labels, *values)
    if attribute.session is SessionForm.LABEL:
        return lambda values: None if values[0] is None else ClassEstimate(label=values[0])
    if isinstance(attribute, BinaryAttribute):
        return lambda values: None if values[0] is None else attribute.from_positive(values[0])
    if isinstance(attribute, NumberAttribute):
        return lambda values: None if values[0] is None else NumberEstimate(values[0])
    return lambda values: None if None in values else VectorEstimate(dict(zip(attribute.labels, values, strict=True)))


def _parse_distribution(
    labels: Sequence[str], label: str | None, probabilities: Sequence[float] | None
) -> ClassEstimate | None:
    if label is None and not probabilities:
        return None
    return ClassEstimate(dict(zip(labels, probabilities, strict=False)) if probabilities else None, label)
