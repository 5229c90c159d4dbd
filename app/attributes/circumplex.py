"""Valence and arousal of the emotions, and the projection of their probabilities onto these two axes.

Valence (pleasure) and arousal are the axes of Russell's circumplex model ("A circumplex model of affect", Journal of
Personality and Social Psychology 39, 1980). The coordinates of six emotions are the mean ratings of the words happy,
angry, fearful, disgusted, sad and surprised for pleasure and arousal, from -1 to 1, by Russell and Mehrabian
("Evidence for a three-factor theory of emotions", Journal of Research in Personality 11, 1977). They are taken from
later programs that reproduce them and were not compared with the table in the paper. Neutral is placed at the origin
of both scales, since no rating of the word was found.

They are ratings of words, not of faces: the result restates the probabilities of the emotions on two axes and holds no
further information.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.attributes.attribute import DerivedInputs, Dynamics
from app.attributes.estimate import ClassEstimate, NumberEstimate
from app.attributes.kinds import NumberAttribute

# The attribute whose probabilities are projected.
EMOTION = "emotion"


@dataclass(frozen=True, slots=True)
class Affect:
    """A point of the circumplex; both coordinates from -1 to 1."""

    valence: float
    arousal: float


COORDINATES = {
    "angry": Affect(-0.51, 0.59),
    "disgust": Affect(-0.60, 0.35),
    "fear": Affect(-0.64, 0.60),
    "happy": Affect(0.81, 0.51),
    "neutral": Affect(0.0, 0.0),
    "sad": Affect(-0.63, -0.27),
    "surprise": Affect(0.40, 0.67),
}


def project(inputs: DerivedInputs, axis: str) -> NumberEstimate | None:
    """Mean coordinate of the emotions, weighted by their probabilities.

    Args:
        axis: `valence` or `arousal`.
    Returns:
        No value while the emotion is hidden; None if there is no emotion, or one without coordinates.
    """
    emotion = inputs.estimates.get(EMOTION)
    if not isinstance(emotion, ClassEstimate):
        return None
    if emotion.probabilities is None:
        return NumberEstimate()
    if not emotion.probabilities.keys() <= COORDINATES.keys():
        return None
    return NumberEstimate(
        sum(probability * getattr(COORDINATES[name], axis) for name, probability in emotion.probabilities.items())
    )


def axis_attribute(axis: str, plane_axis: str, position: int) -> NumberAttribute:
    """The attribute of one axis.

    Args:
        axis: `valence` or `arousal`.
        plane_axis: `x` or `y`.
        position: Order among the attributes.
    """
    return NumberAttribute(
        name=axis,
        title=axis.capitalize(),
        position=position,
        range=(-1.0, 1.0),
        digits=2,
        dynamics=Dynamics.EXPRESSION,
        chip=f"{axis} {{value}}",
        card=f"{axis} {{value}}",
        note="derived from the expression",
        plane=("circumplex", plane_axis),
        derive=lambda inputs: project(inputs, axis),
        inputs=(EMOTION,),
    )
