"""Valence: how pleasant the expression is, from -1 to 1, by the probabilities of the emotions (`circumplex`)."""

from __future__ import annotations

from app.attributes.attribute import DerivedInputs, Dynamics
from app.attributes.circumplex import project
from app.attributes.estimate import NumberEstimate
from app.attributes.kinds import NumberAttribute


def derive(inputs: DerivedInputs) -> NumberEstimate | None:
    """Valence by the emotion; no value while the emotion is hidden, None without an emotion."""
    return project(inputs, "valence")


ATTRIBUTE = NumberAttribute(
    name="valence",
    title="Valence",
    position=70,
    range=(-1.0, 1.0),
    digits=2,
    dynamics=Dynamics.EXPRESSION,
    chip="valence {value}",
    card="valence {value}",
    note="derived from the expression",
    plane=("circumplex", "x"),
    derive=derive,
    inputs=("emotion",),
)
