"""Regions of a face by its landmarks: brows, eyes, nose and mouth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.attributes.face_geometry import POINT_NAMES
from app.vision.explanation.occlusion_map import CELLS

# Words in the names of the landmarks that belong to a region.
LANDMARK_WORDS: Mapping[str, tuple[str, ...]] = {
    "brows": ("eyebrow",),
    "eyes": ("eye_",),
    "nose": ("nose",),
    "mouth": ("mouth",),
}
# How far a region reaches beyond its landmarks, in cells of the map: the tip of the nose is a single point, lids and
# lips are wider than their landmarks.
MARGIN_CELLS = 0.75


def region_cells(points: np.ndarray) -> dict[str, np.ndarray]:
    """The cells of each region, bool (`CELLS`, `CELLS`), for the regions that lie in the patch.

    Args:
        points: Landmarks as in `Face.points`, in shares of the patch's side, shape (15, 2).
    """
    found = {}
    for region, words in LANDMARK_WORDS.items():
        rows = [row for row, name in enumerate(POINT_NAMES) if any(word in name for word in words)]
        cells = np.any([_around(points[row] * CELLS) for row in rows], axis=0)
        if cells.any():
            found[region] = cells
    return found


def region_means(values: np.ndarray, regions: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Mean of a map (`CELLS`, `CELLS`) in the cells of each region."""
    return {region: float(values[cells].mean()) for region, cells in regions.items()}


def strongest_region(values: np.ndarray, regions: Mapping[str, np.ndarray]) -> str | None:
    """The region with the largest value of a map (`CELLS`, `CELLS`); None if that lies in no region."""
    cell = np.unravel_index(values.argmax(), values.shape)
    holding = [region for region, cells in regions.items() if cells[cell]]
    means = region_means(values, regions)
    return max(holding, key=lambda region: means[region], default=None)


def _around(point: np.ndarray) -> np.ndarray:
    """Whether the centre of a cell is within the margin of a point (x, y) in cells, bool (`CELLS`, `CELLS`)."""
    centers = np.arange(CELLS) + 0.5
    near_x, near_y = (np.abs(centers - coordinate) <= MARGIN_CELLS for coordinate in point)
    return near_y[:, None] & near_x[None, :]
