"""Convert estimates to the columns of an attribute in the rows of a session, and back.

Numbers are stored as integers in units of their last digit: a probability of 0.8123 as 8123. They take two bytes, and
their sums are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from app.attributes.attribute import Attribute, ColumnType, SessionForm
from app.attributes.estimate import ClassEstimate, Estimate, NumberEstimate, VectorEstimate
from app.attributes.kinds import BinaryAttribute, NumberAttribute


def counts_key(attribute: Attribute) -> str:
    """Key of the attribute's person-seconds by label in JSON."""
    return attribute.counts_key or attribute.name


def counts_labels(attribute: Attribute) -> bool:
    """Whether sessions count the labels of an attribute besides the main statistics."""
    return attribute.session is not SessionForm.MEAN and not attribute.is_headline


def label_column(attribute: Attribute) -> str | None:
    """The column of the attribute's label; None for one that has only numbers."""
    return next((column.name for column in attribute.columns if column.type is ColumnType.TEXT), None)


def has_mean_label(attribute: Attribute) -> bool:
    """Whether sessions keep a probability of an attribute, from which its label follows (`mean_label`)."""
    return isinstance(attribute, BinaryAttribute) and attribute.session is SessionForm.MEAN


def mean_label(attribute: Attribute, estimates: Mapping[str, Estimate | None]) -> str | None:
    """The label of a mean probability, or `unsure`; None where it is unknown.

    Args:
        estimates: Means by attribute; that of a number of which `attribute.min_number` speaks may decide.
    """
    estimate = estimates.get(attribute.name)
    if not isinstance(attribute, BinaryAttribute) or estimate is None:
        return None
    known = {name: one for name, one in estimates.items() if one is not None}
    return attribute.resolve(cast(ClassEstimate, estimate), known).label or None


class AttributeColumns:
    """The columns of one attribute.

    Attributes:
        names: In order.
    """

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute
        self.names = tuple(column.name for column in attribute.columns)
        self._scales = tuple(
            10**column.digits if column.type is ColumnType.DECIMAL else None for column in attribute.columns
        )
        self._parse = _parser(attribute)

    def values(self, estimate: Estimate | None) -> list[Any]:
        """The values, one per column; all None without an estimate."""
        if estimate is None:
            return [None] * len(self.names)
        if isinstance(estimate, NumberEstimate):
            return [estimate.value, *(estimate.interval or (None, None))][: len(self.names)]
        if isinstance(estimate, VectorEstimate):
            return [(estimate.values or {}).get(name) for name in self.attribute.labels]
        if self.attribute.session is SessionForm.DISTRIBUTION:
            return [estimate.label, *((estimate.probabilities or {}).get(name) for name in self.attribute.labels)]
        if self.attribute.session is SessionForm.MEAN and isinstance(self.attribute, BinaryAttribute):
            return [self.attribute.positive_probability(estimate)]
        return [estimate.label]

    def by_name(self, estimate: Estimate | None) -> dict[str, Any]:
        """The values by column."""
        return dict(zip(self.names, self.values(estimate), strict=True))

    def stored(self, estimate: Estimate | None) -> list[Any]:
        """The values as they are stored: integers and texts."""
        values = zip(self.values(estimate), self._scales, strict=True)
        return [value if scale is None or value is None else round(value * scale) for value, scale in values]

    def from_stored(self, stored: Sequence[Any]) -> list[Any]:
        """The values that `stored` gave, or means of them."""
        values = zip(stored, self._scales, strict=True)
        return [value if scale is None or value is None else value / scale for value, scale in values]

    def estimate(self, values: Sequence[Any]) -> Estimate | None:
        """The estimate with these values; None if they are empty."""
        return self._parse(values)

    def round(self, estimate: Estimate | None) -> Estimate | None:
        """The estimate with the attribute's digits."""
        return None if estimate is None else self._parse(self.values(self.attribute.rounded(estimate)))


def _parser(attribute: Attribute) -> Callable[[Sequence[Any]], Estimate | None]:
    if attribute.session is SessionForm.DISTRIBUTION:
        return lambda values: _parse_distribution(attribute.labels, *values)
    if attribute.session is SessionForm.LABEL:
        return lambda values: None if values[0] is None else ClassEstimate(label=values[0])
    if isinstance(attribute, BinaryAttribute):
        return lambda values: None if values[0] is None else attribute.from_positive(values[0])
    if isinstance(attribute, NumberAttribute):
        return lambda values: None if values[0] is None else _parse_number(*values)
    return lambda values: None if None in values else VectorEstimate(dict(zip(attribute.labels, values, strict=True)))


def _parse_distribution(labels: Sequence[str], label: str | None, *probabilities: float | None) -> ClassEstimate | None:
    known = {name: value for name, value in zip(labels, probabilities, strict=True) if value is not None}
    return ClassEstimate(known or None, label) if label is not None or known else None


def _parse_number(value: float, low: float | None = None, high: float | None = None) -> NumberEstimate:
    return NumberEstimate(value, None if low is None or high is None else (low, high))
