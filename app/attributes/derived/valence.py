"""Valence: how pleasant the expression is, from -1 to 1, by the probabilities of the emotions (`circumplex`)."""

from app.attributes.circumplex import axis_attribute

ATTRIBUTE = axis_attribute("valence", "x", position=70)
