"""Recipes of the networks that the app serves."""
