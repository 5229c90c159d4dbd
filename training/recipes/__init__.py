"""One file a recipe; each defines `RECIPE`."""
