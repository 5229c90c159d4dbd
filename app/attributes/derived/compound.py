"""Compound expression: the two emotions of a face that shows two, such as "happy + surprise".

On the faces on which a pair is shown, two names agree better with the labels than one (`emotion_pair`).
"""

from __future__ import annotations

from itertools import combinations

from app.attributes.attribute import DerivedInputs, Dynamics
from app.attributes.circumplex import COORDINATES
from app.attributes.emotion_pair import second_emotion
from app.attributes.estimate import UNSURE, ClassEstimate
from app.attributes.kinds import ClassAttribute

# Label of a face with one likely emotion.
SINGLE = "single"


def derive(inputs: DerivedInputs) -> ClassEstimate | None:
    """The pair in alphabetical order, or that there is none; unsure with the emotion, None without an emotion."""
    emotion = inputs.estimates.get("emotion")
    if not isinstance(emotion, ClassEstimate) or emotion.label is None:
        return None
    if emotion.label == UNSURE or not emotion.probabilities:
        return ClassEstimate(label=UNSURE)
    second = emotion.second or second_emotion(emotion.probabilities, emotion.label)
    return ClassEstimate(label=pair_label(emotion.label, second) if second else SINGLE)


def pair_label(first: str, second: str) -> str:
    """Label of two emotions in either order."""
    return " + ".join(sorted((first, second)))


ATTRIBUTE = ClassAttribute(
    name="compound",
    title="Compound expression",
    position=72,
    labels=(SINGLE, *(pair_label(*pair) for pair in combinations(sorted(COORDINATES), 2))),
    label_texts={SINGLE: "one emotion"},
    dynamics=Dynamics.EXPRESSION,
    note="derived from the expression",
    derive=derive,
    inputs=("emotion",),
)
