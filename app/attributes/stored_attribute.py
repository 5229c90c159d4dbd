"""Attributes from descriptions that were stored, the inverse of `Attribute.describe`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from app.attributes.attribute import Attribute, DerivedInputs, Dynamics, Kind, SessionForm
from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import Estimate
from app.attributes.kinds import BinaryAttribute, ClassAttribute, NumberAttribute, VectorAttribute

CLASSES_BY_KIND: Mapping[Kind, type[Attribute]] = {
    Kind.CLASSES: ClassAttribute,
    Kind.BINARY: BinaryAttribute,
    Kind.NUMBER: NumberAttribute,
    Kind.VECTOR: VectorAttribute,
}
MEASURED_KINDS = (Kind.NUMBER, Kind.VECTOR)
# Sessions of one file mostly share one description.
DESCRIPTIONS_IN_MEMORY = 32


def attributes_to_text(attributes: AttributeSet) -> str:
    """The descriptions of attributes, as they are stored with a session."""
    return json.dumps(attributes.describe())


@lru_cache(maxsize=DESCRIPTIONS_IN_MEMORY)
def attributes_from_text(stored: str) -> AttributeSet:
    """The attributes that `attributes_to_text` stored.

    Raises:
        ValueError: the text is damaged.
    """
    return attributes_from_descriptions(json.loads(stored))


def attribute_from_description(description: Mapping[str, Any]) -> Attribute:
    """The attribute that `describe` described, with everything that sessions and pages read.

    A derived attribute cannot be computed again: its `derive` gives no estimate.

    Raises:
        ValueError: a field is missing or invalid; the message names it.
    """
    try:
        return _attribute(description)
    except (KeyError, TypeError, ValueError) as error:
        name = description.get("name") if isinstance(description, Mapping) else None
        raise ValueError(f"the stored description of attribute {name!r} is invalid: {error}") from None


def attributes_from_descriptions(descriptions: Iterable[Mapping[str, Any]]) -> AttributeSet:
    """The set that `AttributeSet.describe` described, in order.

    Raises:
        ValueError: as `attribute_from_description`, or no attribute is the headline.
    """
    descriptions = list(descriptions)
    attributes = tuple(map(attribute_from_description, descriptions))
    if not any(attribute.is_headline for attribute in attributes):
        raise ValueError("the stored descriptions lack the attribute of the main statistics")
    served = (attribute.name for attribute, one in zip(attributes, descriptions, strict=True) if one.get("served"))
    return AttributeSet(attributes, frozenset(served))


def _attribute(description: Mapping[str, Any]) -> Attribute:
    kind = Kind(description["kind"])
    fields: dict[str, Any] = {key: str(description[key]) for key in ("name", "title", "card", "note", "counts_key")}
    fields |= {key: bool(description[key]) for key in ("shown_by_default", "needs_operator")}
    if kind is Kind.BINARY:
        fields["positive"] = str(description["positive"])
    if kind in MEASURED_KINDS:
        low, high = description["range"]
        fields |= {"unit": str(description["unit"]), "range": (low, high), "digits": int(description["digits"])}
    if description.get("plane"):
        fields["plane"] = (str(description["plane"]["name"]), str(description["plane"]["axis"]))
    return CLASSES_BY_KIND[kind](
        **fields,
        position=0,  # sets keep the order of the descriptions
        labels=tuple(map(str, description["labels"])),
        label_texts=dict(description["texts"]),
        min_probability=float(description["min_probability"]),
        min_number=_min_number(description["min_number"]),
        dynamics=Dynamics(description["dynamics"]),
        session=SessionForm(description["session"]),
        is_headline=bool(description["headline"]),
        derive=_derive_nothing if description["derived"] else None,
    )


def _min_number(value: Any) -> tuple[str, float] | None:
    if value is None:
        return None
    name, minimum = value
    return str(name), float(minimum)


def _derive_nothing(_: DerivedInputs) -> Estimate | None:
    return None
