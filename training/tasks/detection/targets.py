"""What every cell of the detector should say of a crop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.vision.detection.anchor_free_detector import cell_grid
from training.transforms.scene_crops import Crop

STRIDES = (8, 16, 32)
# Side of the faces (root of the area, pixels) that the cells of each stride answer for; they overlap, so that a face
# between two levels teaches both.
SIDES = ((0.0, 48.0), (36.0, 104.0), (80.0, np.inf))
# A cell belongs to a face whose centre is this near, in sides of its box; a little further out nothing is asked.
CENTRAL, DOUBTFUL = 0.2, 0.35
# Columns of the targets.
FACE, WEIGHT, DISTANCES, BOXED, POINTS, POINTED = 0, 1, slice(2, 6), 6, slice(7, 17), 17
COLUMNS = 18
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a square crop, in the order of the network's rows.

    Attributes:
        centres: Float32 (cells, 2), x and y in pixels.
        strides: Float32 (cells,).
        smallest, largest: Float32 (cells,), the sides of faces that a cell answers for.
    """

    centres: np.ndarray
    strides: np.ndarray
    smallest: np.ndarray
    largest: np.ndarray


def grid(size: int) -> Grid:
    """The cells of a crop of `size` pixels a side, a multiple of the largest stride."""
    cells = cell_grid(size, size, STRIDES)
    smallest, largest = np.array(SIDES, np.float32)[np.searchsorted(STRIDES, cells[:, 2])].T
    return Grid(cells[:, :2], cells[:, 2], smallest, largest)


def targets(crop: Crop, cells: Grid) -> np.ndarray:
    """Float32 (cells, COLUMNS).

    Columns: whether the cell is a face's; the weight of that question; left, top, right and bottom distance in
    strides; whether they are known; five points x, y relative to the centre in strides; their weight.
    """
    wanted = np.zeros((len(cells.centres), COLUMNS), np.float32)
    wanted[:, WEIGHT] = 1
    if len(crop.boxes) == 0:
        return wanted
    owner, doubtful = _owners(crop, cells)
    wanted[doubtful, WEIGHT] = 0
    mine = np.flatnonzero(owner != NOBODY)
    face = owner[mine]
    stride, centre = cells.strides[mine, None], cells.centres[mine]
    boxes = crop.boxes[face]
    wanted[mine, FACE] = wanted[mine, WEIGHT] = wanted[mine, BOXED] = 1
    wanted[mine, DISTANCES] = np.concatenate([centre - boxes[:, :2], boxes[:, 2:] - centre], 1) / stride
    points = crop.points[face]
    marked = np.isfinite(points).all((1, 2))
    offsets = (points - centre[:, None]) / stride[..., None]
    wanted[mine, POINTS] = np.where(marked[:, None], offsets.reshape(-1, 10), 0)
    # Errors of points count in sides of the face, whatever the level.
    wanted[mine, POINTED] = marked * stride[:, 0] / _side(boxes)
    return wanted


def _owners(crop: Crop, cells: Grid) -> tuple[np.ndarray, np.ndarray]:
    """The face that each cell belongs to, or NOBODY, and the cells that are asked nothing."""
    size = crop.boxes[:, 2:] - crop.boxes[:, :2]
    middle = crop.boxes[:, :2] + size / 2
    side = _side(crop.boxes)
    away = np.abs(cells.centres[:, None] - middle)  # (cells, faces, 2)
    # The nearest cell of a level belongs to a face however small it is.
    central = (away <= np.maximum(CENTRAL * size, cells.strides[:, None, None] / 2)).all(-1)
    level = (side >= cells.smallest[:, None]) & (side < cells.largest[:, None])
    own = central & level & ~crop.ignore
    doubtful = ((away <= DOUBTFUL * size).all(-1)).any(1) | ((away <= size / 2).all(-1) & crop.ignore).any(1)
    # Of several faces the smallest: the larger one has other cells.
    owner = np.where(own, side, np.inf).argmin(1)
    owner[~own.any(1)] = NOBODY
    return owner, doubtful & (owner == NOBODY)


def _side(boxes: np.ndarray) -> np.ndarray:
    return np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
