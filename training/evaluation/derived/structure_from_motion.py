"""Structure from motion by factorisation: the shape of an object in space from its points in many pictures.

The camera is scaled orthographic. Tomasi and Kanade ("Shape and motion from image streams under orthography", IJCV
1992) factorise the points into affine motion and shape; the metric upgrade makes the rows of each motion orthogonal and
equally long, by least squares. With noise this makes the shape too flat, so rotations, scales and shape are then fitted
to the points in turn. A shape is known up to rotation, scale and reflection in depth.
"""

from __future__ import annotations

import numpy as np

from app.errors import UnreadableMedia

RANK = 3
# The fit ends when no point moves by more than this share of the size of the object.
TOLERANCE = 1e-5
MAX_STEPS = 500


def factorise(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Affine factorisation with metric upgrade.

    Args:
        pictures: Points of n pictures, each with its mean at 0 and of similar size, float (n, points, 2).
    Returns:
        Motion of each picture, float (n, 2, 3), and shape, float (points, 3).
    Raises:
        UnreadableMedia: the pictures do not determine a shape, such as if the object never turns.
    """
    measured = pictures.transpose(0, 2, 1).reshape(-1, pictures.shape[1])
    left, sizes, right = np.linalg.svd(measured, full_matrices=False)
    if len(sizes) < RANK:
        raise UnreadableMedia(f"{len(pictures)} faces are too few for a shape; give more")
    upgrade = _metric_upgrade((left[:, :RANK] * sizes[:RANK]).reshape(-1, 2, RANK))
    motions = (left[:, :RANK] * sizes[:RANK] @ upgrade).reshape(-1, 2, RANK)
    return motions, np.linalg.solve(upgrade, right[:RANK]).T


def fit_rigid(pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shape and rotations that fit the points best, by least squares, from `factorise`.

    Args, Returns, Raises: as `factorise`; the rows of each motion are orthogonal and equally long.
    """
    affine, shape = factorise(pictures)
    rotations, scales = _nearest_rotations(affine), np.linalg.norm(affine, axis=2).mean(1)
    for _ in range(MAX_STEPS):
        rotations, scales = _fit_motions(pictures, shape, rotations, scales)
        motions = scales[:, None, None] * rotations[:, :2]
        previous, shape = shape, shape_of(pictures, motions)
        shape *= np.linalg.norm(previous) / np.linalg.norm(shape)
        if np.abs(shape - previous).max() < TOLERANCE * np.abs(shape).max():
            break
    return motions, shape


def shape_of(pictures: np.ndarray, motions: np.ndarray) -> np.ndarray:
    """The shape that fits the points best by least squares, float (points, 3), for known motions.

    Args:
        pictures: float (n, points, 2).
        motions: float (n, 2, 3).
    """
    measured = pictures.transpose(0, 2, 1).reshape(-1, pictures.shape[1])
    return np.linalg.lstsq(motions.reshape(-1, RANK), measured, rcond=None)[0].T


def _metric_upgrade(affine: np.ndarray) -> np.ndarray:
    """Matrix (3, 3) by which the rows of affine motions (n, 2, 3) become orthogonal and equally long."""
    first, second = affine[:, 0], affine[:, 1]
    equations = np.concatenate(
        [_products(first, first) - _products(second, second), _products(first, second)], dtype=np.float64
    )
    entries = np.linalg.svd(equations)[2][-1]
    quadric = np.zeros((RANK, RANK))
    quadric[np.triu_indices(RANK)] = entries
    quadric = quadric + np.triu(quadric, 1).T
    sizes, vectors = np.linalg.eigh(quadric * np.sign(np.trace(quadric)))
    if sizes[0] <= 1e-9 * sizes[-1]:
        raise UnreadableMedia("the faces turn too little to tell their depth; give more")
    return vectors * np.sqrt(sizes)


def _products(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Coefficients (n, 6) of the upper triangle of a symmetric matrix M in first @ M @ second."""
    outer = first[:, :, None] * second[:, None, :]
    rows, columns = np.triu_indices(RANK)
    return np.where(rows == columns, outer[:, rows, columns], outer[:, rows, columns] + outer[:, columns, rows])


def _nearest_rotations(affine: np.ndarray) -> np.ndarray:
    """Rotations (n, 3, 3) whose first rows are nearest to affine motions (n, 2, 3)."""
    left, _, right = np.linalg.svd(affine, full_matrices=False)
    rows = left @ right
    return np.concatenate([rows, np.cross(rows[:, 0], rows[:, 1])[:, None]], axis=1)


def _fit_motions(
    pictures: np.ndarray, shape: np.ndarray, rotations: np.ndarray, scales: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Better rotations (n, 3, 3) and scales (n,): orthogonal Procrustes with the depths of the present ones."""
    depths = scales[:, None, None] * (rotations[:, 2:] @ shape.T)
    located = np.concatenate([pictures.transpose(0, 2, 1), depths], axis=1)
    left, _, right = np.linalg.svd(located @ shape)
    left[:, :, 2] *= np.linalg.det(left @ right)[:, None]
    turned = left @ right
    seen = turned[:, :2] @ shape.T
    return turned, (seen * pictures.transpose(0, 2, 1)).sum((1, 2)) / (seen**2).sum((1, 2))
