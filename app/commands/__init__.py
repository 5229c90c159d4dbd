"""The commands of `python -m app`, one module for each group."""
