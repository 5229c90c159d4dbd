"""Attributes that a network predicts from a crop of the face: one module each, with its `ATTRIBUTE`."""
