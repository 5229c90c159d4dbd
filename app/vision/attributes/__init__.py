"""Attributes of each tracked face: inference schedule, crop quality and temporal smoothing."""
