"""Cameras, web nodes and recorders as processes of their own, on one or several machines, which meet in Redis."""
