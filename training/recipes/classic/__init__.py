"""Recipes of the networks that tutorials and papers describe."""
