"""Export of a run to LiteRT with its model card."""
