"""Perceived race, to measure how differently models perform for groups; off unless the operator enables it."""

from app.attributes.attribute import Dynamics
from app.attributes.kinds import ClassAttribute

ATTRIBUTE = ClassAttribute(
    name="race",
    title="Perceived race",
    position=40,
    min_probability=0.5,  # of five labels
    dynamics=Dynamics.CONSTANT,
    counts_key="races",
    chip="race {label}",
    card="perceived race {label} {share}",
    needs_operator=True,
    csv_prefix="p_",
)
