"""Occlusion sensitivity: how far a label's probability falls when a part of the patch is covered."""

from __future__ import annotations

from itertools import product

import numpy as np

# The patch is divided into so many cells a side. A cover is a square of cells: a quarter of the patch, about as wide as
# an eye or half a mouth. It takes every position, so that the work is 49 runs of the network, whatever the patch.
CELLS = 8
COVER_CELLS = 2
COVER_POSITIONS = CELLS - COVER_CELLS + 1


def occlusion_map(probabilities: np.ndarray) -> np.ndarray:
    """How far a label's probability falls where the patch is covered.

    Args:
        probabilities: Of the label, for each of `with_covers`, shape (1 + `COVER_POSITIONS` ** 2,).
    Returns:
        For each cell the mean fall of the covers that contain it, float64 (`CELLS`, `CELLS`). It is negative where
        something speaks against the label.
    """
    falls = (probabilities[0] - probabilities[1:].astype(np.float64)).reshape(COVER_POSITIONS, COVER_POSITIONS)
    sums, counts = np.zeros((CELLS, CELLS)), np.zeros((CELLS, CELLS))
    for row, column in product(range(COVER_POSITIONS), repeat=2):
        cells = slice(row, row + COVER_CELLS), slice(column, column + COVER_CELLS)
        sums[cells] += falls[row, column]
        counts[cells] += 1
    return sums / counts


def with_covers(patch: np.ndarray) -> np.ndarray:
    """The patch as it is, and copies of it, each with a square in its mean colour, row by row.

    Args:
        patch: uint8, shape (size, size, channels).
    Returns:
        uint8, shape (1 + `COVER_POSITIONS` ** 2, size, size, channels).
    """
    edges = cell_edges(len(patch))
    patches = np.repeat(patch[None], 1 + COVER_POSITIONS**2, axis=0)
    colour = patch.mean((0, 1)).round().astype(np.uint8)
    for one, (row, column) in zip(patches[1:], product(range(COVER_POSITIONS), repeat=2), strict=True):
        one[edges[row] : edges[row + COVER_CELLS], edges[column] : edges[column + COVER_CELLS]] = colour
    return patches


def cell_edges(size: int) -> np.ndarray:
    """First pixel of each cell along a side of `size` pixels, and the end of the last one, int (`CELLS` + 1,)."""
    return np.linspace(0, size, CELLS + 1).round().astype(int)
