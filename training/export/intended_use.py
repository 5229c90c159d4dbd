"""What the networks are for and what they must not be used for, for cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

FOR: Mapping[str, str] = {
    "emotion": "naming the expression that a face shows in a picture, as annotators would probably have named it: for "
    "reactions seen together, teaching, talks and exhibitions",
    "age": "telling about how old a face looks, with the interval that four of five ages lie in",
    "sex": "telling how annotators would probably have perceived a face's sex, in the two classes that they were given",
    "race": "measuring how differently the other networks read groups of people",
    "landmarks": "placing the eyes, brows, nose and mouth of a face that was found, so that it can be set upright",
    "mask": "telling whether a face wears a mask, and whether it covers mouth and nose",
    "detector": "finding where faces are in a picture",
}
NOT_FOR: Mapping[str, str] = {
    "emotion": "inferring what a person feels or thinks (an expression is no feeling), least of all at work or in "
    "schools, where the European Union prohibits it",
    "age": "deciding who is old enough for anything",
    "sex": "telling a person's gender, which no face shows",
    "race": "sorting or describing people",
    "landmarks": "recognising or measuring people",
    "mask": "controlling or refusing people",
    "detector": "recognising people or watching them without their knowledge",
}
NEVER = "any decision about a person; it is often wrong, and more often for some groups of people than for others"


def use_of(card: Mapping[str, Any]) -> dict[str, list[str]]:
    """Intended use and its opposite, by what a card's network reads, or by its kind."""
    read = list(_reads(card))
    return {
        "for": [FOR[one] for one in read if one in FOR],
        "not_for": [NEVER, *(NOT_FOR[one] for one in read if one in NOT_FOR)],
    }


def _reads(card: Mapping[str, Any]) -> Iterable[str]:
    yield from (head["attribute"] for head in card.get("heads", ()))
    if "kind" in card:
        yield str(card["kind"])
