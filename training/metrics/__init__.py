"""Metrics over predictions."""
