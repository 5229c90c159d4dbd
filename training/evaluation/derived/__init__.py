"""Evaluation of the attributes that are derived from landmarks or from the probabilities of a model."""
