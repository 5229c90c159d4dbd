"""Age in years, with an 80 % interval."""

from app.attributes.attribute import Dynamics
from app.attributes.kinds import NumberAttribute

ATTRIBUTE = NumberAttribute(
    name="age",
    title="Age",
    position=20,
    unit="years",
    range=(0.0, 100.0),
    dynamics=Dynamics.CONSTANT,
    chip="{value} years",
    card="about {value} ({low} to {high})",
    shown_by_default=True,
)
