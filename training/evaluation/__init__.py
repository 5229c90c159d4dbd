"""Evaluation of served networks and of runs."""
