"""Intended and prohibited uses of the networks, for model cards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FOR: Mapping[str, str] = {
    "emotion": "naming the expression that annotators would probably assign to a face, for audience reactions, "
    "teaching, talks and exhibitions",
    "age": "estimating how old a face looks, with an 80 % interval",
    "sex": "estimating how annotators would probably label a face's sex, in the two classes they were given",
    "race": "measuring how differently the other networks perform for groups of people",
    "landmarks": "locating the eyes, brows, nose and mouth of a detected face, to align it",
    "mask": "detecting whether a face wears a mask and whether the mask covers mouth and nose",
    "detector": "locating faces in an image",
}
NOT_FOR: Mapping[str, str] = {
    "emotion": "inferring what a person feels or thinks (an expression is not a feeling), least of all at work or in "
    "schools, where the European Union prohibits it",
    "age": "verifying anyone's age",
    "sex": "inferring a person's gender, which no face shows",
    "race": "sorting or describing people",
    "landmarks": "identifying or measuring people",
    "mask": "controlling people or refusing them entry",
    "detector": "identifying people or watching them without their knowledge",
}
NEVER = (
    "any decision about a person; the model is often wrong, and more often for some groups of people than for others"
)


def use_of(card: Mapping[str, Any]) -> dict[str, list[str]]:
    """Intended and prohibited uses for the attributes or the kind of a card's network."""
    read = [*(head["attribute"] for head in card.get("heads", ())), card.get("kind")]
    return {
        "for": [FOR[one] for one in read if one in FOR],
        "not_for": [NEVER, *(NOT_FOR[one] for one in read if one in NOT_FOR)],
    }
