"""Solve perspective-n-point problems with OpenCV, for attributes derived from landmarks."""

from __future__ import annotations

import cv2
import numpy as np


def solve_pnp(model_points: np.ndarray, image_points: np.ndarray, camera_matrix: np.ndarray) -> np.ndarray | None:
    """Rotation of a rigid object from its points in an image; see `app.attributes.attribute.PnpSolver`.

    Args:
        model_points: float (n, 3), any unit.
        image_points: float (n, 2), in pixels.
        camera_matrix: float (3, 3).
    Returns:
        Rotation matrix, float64 (3, 3); None without a solution.
    """
    found, rotation, _ = cv2.solvePnP(
        model_points.astype(np.float64), image_points.astype(np.float64), camera_matrix, None, flags=cv2.SOLVEPNP_SQPNP
    )
    return cv2.Rodrigues(rotation)[0] if found else None
