"""Perceived sex: how annotators label a face."""

from app.attributes.attribute import Dynamics
from app.attributes.kinds import BinaryAttribute

ATTRIBUTE = BinaryAttribute(
    name="sex",
    title="Perceived sex",
    position=30,
    labels=("male", "female"),
    positive="female",
    min_probability=0.65,  # of two labels
    min_number=("age", 4.0),  # younger faces show too little of it
    dynamics=Dynamics.CONSTANT,
    card="perceived {label} {share}",
    shown_by_default=True,
)
