"""Attributes with their texts in another language, for pages and labels in the video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.attributes.attribute import Attribute
from app.attributes.attribute_set import AttributeSet
from app.translations.dictionary import Dictionary

AREA = "attributes"
# Between the two emotions in a label of the compound expression.
PAIR_SEPARATOR = " + "
TEXT_FIELDS = ("title", "chip", "card", "note")


def localize_attributes(attributes: AttributeSet, dictionary: Dictionary) -> AttributeSet:
    """The same attributes with the texts of a dictionary."""
    return AttributeSet(tuple(localize_attribute(one, dictionary) for one in attributes), attributes.served)


def localize_attribute(attribute: Attribute, dictionary: Dictionary) -> Attribute:
    """The attribute with its texts in `attributes.NAME`; one that only a model card describes keeps its own."""
    texts: Mapping[str, Any] = dictionary.areas.get(AREA, {})
    own = texts.get(attribute.name)
    if own is None:
        return attribute
    labels = _pair_texts(attribute.labels, texts["emotion"]["labels"]) | own.get("labels", {})
    fields = {name: own[name] for name in TEXT_FIELDS if name in own}
    return replace(attribute, **fields, label_texts={**attribute.label_texts, **labels})


def _pair_texts(labels: tuple[str, ...], emotions: Mapping[str, str]) -> dict[str, str]:
    """Texts of labels that join two emotions."""
    pairs = {label: label.split(PAIR_SEPARATOR) for label in labels if PAIR_SEPARATOR in label}
    return {label: PAIR_SEPARATOR.join(emotions.get(name, name) for name in names) for label, names in pairs.items()}
