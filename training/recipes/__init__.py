"""Recipes: one module for each network that can be trained; each defines RECIPE."""
