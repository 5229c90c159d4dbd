"""Attributes computed from landmarks or from other attributes: one module each, with its `ATTRIBUTE`."""
