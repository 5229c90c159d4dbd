"""The training sets: which files belong to each, how they are recognised and balanced."""
