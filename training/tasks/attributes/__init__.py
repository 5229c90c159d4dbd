"""Attributes of single faces: emotion, age, sex, race and mask."""
