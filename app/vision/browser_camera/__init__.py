"""A browser's camera as a source of frames."""
