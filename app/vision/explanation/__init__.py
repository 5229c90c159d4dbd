"""Which parts of a face a network reacts to."""
