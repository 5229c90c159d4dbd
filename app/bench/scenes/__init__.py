"""Synthetic scenes with known ground truth, rendered as video for the benchmark."""
