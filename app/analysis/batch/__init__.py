"""Runs over any number of files: workers, output, manifest, progress."""
