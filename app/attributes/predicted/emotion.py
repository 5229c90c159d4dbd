"""Emotion: the expression that annotators would assign to a face."""

from app.attributes.attribute import Dynamics, SessionForm
from app.attributes.kinds import ClassAttribute

ATTRIBUTE = ClassAttribute(
    name="emotion",
    title="Emotion",
    position=10,
    min_probability=0.4,  # of seven labels
    dynamics=Dynamics.EXPRESSION,
    session=SessionForm.DISTRIBUTION,
    shown_by_default=True,
    is_headline=True,
    reports_second=True,
    csv_prefix="",
)
