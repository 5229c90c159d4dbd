"""Turn a head of a model card into the attribute it predicts: one of the app's own, or one that the card describes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.attributes.attribute import Attribute, Dynamics, Kind, SessionForm
from app.attributes.kinds import BinaryAttribute, ClassAttribute, NumberAttribute, VectorAttribute
from app.attributes.output_head import Head

# An attribute's name is also a word of `show` lists, a column of tables and a key in JSON.
NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Names with another meaning in one of these places.
RESERVED_NAMES = frozenset(
    ("at", "blur", "box", "boxes", "dominant", "error", "frame", "frames", "gaps", "id", "ids", "labels", "landmarks")
    + ("mean", "path", "person_id", "persons", "probabilities", "score", "session", "session_id", "time_s", "timeline")
)
# Kinds of attributes by kind of outputs: the mean of `bins` is a number.
KINDS = {
    "classes": Kind.CLASSES,
    "binary": Kind.BINARY,
    "bins": Kind.NUMBER,
    "number": Kind.NUMBER,
    "vector": Kind.VECTOR,
}
# Attributes of a card come after the app's own ones.
FIRST_CARD_POSITION = 1000


def attribute_of_head(head: Head, entry: Mapping[str, Any], known: Mapping[str, Attribute], where: str) -> Attribute:
    """The attribute that a head predicts, with the labels of the card.

    Args:
        entry: The head as it is in the card.
        known: The app's own attributes by name.
        where: Place of the head in the card, such as `heads[0]`.
    Raises:
        ValueError: the card contradicts itself or the app's own attribute; the message names the field.
    """
    own = known.get(head.attribute)
    return _own_attribute(own, head, where) if own else _card_attribute(head, entry, where)


def _own_attribute(attribute: Attribute, head: Head, where: str) -> Attribute:
    """Check that a model predicts what the app expects of its own attribute."""
    if attribute.derive is not None:
        raise ValueError(f"{where}.attribute {attribute.name!r} is computed by the app; choose another name")
    kind = KINDS[head.kind]
    if kind is not attribute.kind and not (kind is Kind.CLASSES and attribute.kind is Kind.BINARY):
        raise ValueError(f"{where}.kind {head.kind!r} does not fit {attribute.name}, which is of kind {attribute.kind}")
    required = set(attribute.labels) if isinstance(attribute, BinaryAttribute) else set(attribute.hides)
    missing = sorted(required - set(head.labels))
    if missing:
        raise ValueError(f"{where}.labels of {attribute.name} has no label {missing[0]!r}")
    return attribute if attribute.kind is Kind.NUMBER else replace(attribute, labels=head.labels)


def _card_attribute(head: Head, entry: Mapping[str, Any], where: str) -> Attribute:
    """An attribute that only the card describes."""
    if not NAME_PATTERN.fullmatch(head.attribute) or head.attribute in RESERVED_NAMES:
        raise ValueError(
            f"{where}.attribute {head.attribute!r} cannot be used as a name; "
            "use lower case letters, digits and _, and no word of the interface"
        )
    kind = KINDS[head.kind]
    texts = _texts(entry, head, where)
    common: dict[str, Any] = {
        "name": head.attribute,
        "title": _text(entry, "title", where, head.attribute.replace("_", " ").capitalize()),
        "position": FIRST_CARD_POSITION,
        "label_texts": texts,
        "note": _text(entry, "note", where, ""),
        "min_probability": _probability(entry, where),
        "dynamics": _dynamics(entry, where),
        "shown_by_default": _flag(entry, "shown_by_default", where),
        "needs_operator": _flag(entry, "needs_operator", where),
    }
    if kind in (Kind.NUMBER, Kind.VECTOR):
        return _measured(kind, head, entry, common, where)
    named = "{label}" if set(texts) >= set(head.labels) else f"{_words(head)} {{label}}"
    common |= {"labels": head.labels, "chip": named, "card": named}
    if kind is Kind.CLASSES:
        return ClassAttribute(**common)
    form = SessionForm.MEAN if common["dynamics"] is Dynamics.CONSTANT else SessionForm.LABEL
    return BinaryAttribute(**common, positive=head.labels[1], session=form)


def _measured(kind: Kind, head: Head, entry: Mapping[str, Any], common: dict[str, Any], where: str) -> Attribute:
    """A number or vector, with its unit and range."""
    unit = _text(entry, "unit", where, "")
    if unit and not NAME_PATTERN.fullmatch(unit):
        raise ValueError(f"{where}.unit {unit!r} is not one word of lower case letters")
    common |= {"unit": unit, "range": _range(entry, head, where)}
    if kind is Kind.VECTOR:
        for label in head.labels:
            if not NAME_PATTERN.fullmatch(label):
                raise ValueError(f"{where}.labels: component {label!r} is not one word of lower case letters")
        text = f"{_words(head)} " + ", ".join(f"{label} {{{label}}}" for label in head.labels)
        return VectorAttribute(**common, labels=head.labels, chip=text, card=text)
    text = f"{_words(head)} {{value}}{f' {unit}' if unit else ''}"
    return NumberAttribute(**common, chip=text, card=text)


def _words(head: Head) -> str:
    """The name in texts; unlike a title it has no braces, which would be fields."""
    return head.attribute.replace("_", " ")


def _texts(entry: Mapping[str, Any], head: Head, where: str) -> dict[str, str]:
    texts = entry.get("texts", {})
    if not isinstance(texts, Mapping) or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError(f"{where}.texts is not an object of texts by label")
    unknown = sorted(set(texts) - set(head.labels) - {"unsure"})
    if unknown:
        raise ValueError(f"{where}.texts names {unknown[0]!r}, which is not one of its labels")
    return dict(texts)


def _text(entry: Mapping[str, Any], key: str, where: str, default: str) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise ValueError(f"{where}.{key} {value!r} is not a text")
    return value


def _flag(entry: Mapping[str, Any], key: str, where: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{where}.{key} {value!r} is not true or false")
    return value


def _probability(entry: Mapping[str, Any], where: str) -> float:
    value = entry.get("min_probability", 0.5)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{where}.min_probability {value!r} is not a number from 0 to 1")
    return float(value)


def _dynamics(entry: Mapping[str, Any], where: str) -> Dynamics:
    value = entry.get("dynamics", Dynamics.STATE)
    if value not in list(Dynamics):
        raise ValueError(f"{where}.dynamics {value!r} is not one of {', '.join(Dynamics)}")
    return Dynamics(value)


def _range(entry: Mapping[str, Any], head: Head, where: str) -> tuple[float, float]:
    """The range in the card; by default that of the bins, or 0 to 1."""
    if "range" not in entry and head.kind == "bins":
        values = [float(label) for label in head.labels]
        return min(values), max(values)
    value = entry.get("range", [0, 1])
    try:
        low, high = (float(limit) for limit in value)
    except (TypeError, ValueError):
        raise ValueError(f"{where}.range {value!r} is not a list of two numbers") from None
    if low >= high:
        raise ValueError(f"{where}.range {value!r} does not ascend")
    return low, high
