"""Readers of the training sets; each yields the same `Sample`."""
