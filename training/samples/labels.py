"""The class names that data sets and networks use, in the order of the network outputs."""

from __future__ import annotations

EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
SEXES = ("male", "female")
RACES = ("white", "black", "asian", "indian", "other")
MASK_STATES = ("none", "mask", "wrong")  # `wrong`: worn, but the mouth or the nose is free
MAX_AGE_YEARS = 120
