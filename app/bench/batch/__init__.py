"""Measure `analyze` over many pictures: `make bench-batch`."""
