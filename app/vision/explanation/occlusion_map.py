"""Occlusion sensitivity: how far a label's probability falls when a part of the patch is covered."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

# The patch is divided into so many cells a side. A cover is a square of cells that takes every position: a quarter of
# the patch wide, which is about an eye or half a mouth, and a half, since a network that is sure needs only a part of
# what speaks for a label (half a smile is a smile). That is 74 runs of the network, whatever the patch. What a cover
# takes away is told of the cells in its middle: else all large covers at an edge would count for the cells there, and
# few for those inside.
CELLS = 8
COVER_CELLS = (2, 4)
MIDDLE_CELLS = 2


def with_covers(patch: np.ndarray) -> np.ndarray:
    """The patch as it is, and copies of it, each with a square in its mean colour.

    Args:
        patch: uint8, shape (size, size, channels).
    Returns:
        uint8, shape (1 + number of `covers`, size, size, channels).
    """
    edges = cell_edges(len(patch))
    positions = list(covers())
    patches = np.repeat(patch[None], 1 + len(positions), axis=0)
    colour = patch.mean((0, 1)).round().astype(np.uint8)
    for one, (row, column, size) in zip(patches[1:], positions, strict=True):
        one[edges[row] : edges[row + size], edges[column] : edges[column + size]] = colour
    return patches


def occlusion_map(probabilities: np.ndarray) -> np.ndarray:
    """How far a label's probability falls where the patch is covered.

    Args:
        probabilities: Of the label, for each of `with_covers`, shape (1 + number of `covers`,).
    Returns:
        For each cell the mean fall of the covers of one size with the cell in their middle, on average over the sizes
        that have any, float64 (`CELLS`, `CELLS`). It is negative where something speaks against the label.
    """
    sums, counts = (np.zeros((len(COVER_CELLS), CELLS, CELLS)) for _ in range(2))
    falls = probabilities[0] - probabilities[1:].astype(np.float64)
    for fall, (row, column, size) in zip(falls, covers(), strict=True):
        margin = (size - MIDDLE_CELLS) // 2
        rows, columns = (slice(first + margin, first + size - margin) for first in (row, column))
        sums[COVER_CELLS.index(size), rows, columns] += fall
        counts[COVER_CELLS.index(size), rows, columns] += 1
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    return np.asarray(means.sum(0) / (counts > 0).sum(0))


def covers() -> Iterator[tuple[int, int, int]]:
    """First row, first column and side of each cover, in cells."""
    for size in COVER_CELLS:
        for row, column in product(range(CELLS - size + 1), repeat=2):
            yield row, column, size


def cell_edges(size: int) -> np.ndarray:
    """First pixel of each cell along a side of `size` pixels, and the end of the last one, int (`CELLS` + 1,)."""
    return np.linspace(0, size, CELLS + 1).round().astype(int)
