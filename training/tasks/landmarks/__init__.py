"""The landmark network: its crops, its loss, its training."""
