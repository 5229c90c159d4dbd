"""Record the running session."""
