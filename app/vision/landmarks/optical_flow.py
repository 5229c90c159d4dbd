"""Follow landmarks by sparse optical flow (Lucas and Kanade) from the patch in which the network last located them.

A patch is cut at the predicted position of its face, so that little motion is left between two patches. Points are
always followed from the network's own reading, never from one another's flow: errors do not add up.
"""

from __future__ import annotations

import cv2
import numpy as np

from app.domain import LandmarkTemplate

# Side of the window around a point, and levels of the image pyramid above the patch itself: enough for the motion that
# the prediction leaves, and half the time of 15 pixels and two levels. A side of the face has 66 pixels.
WINDOW_PX = 11
PYRAMID_LEVELS = 1
MAX_ITERATIONS = 10
MIN_STEP_PX = 0.03
# A point is reliable if it comes back this close to where it was when it is followed backwards, and moves as the median
# of all points does but for this distance, as eyelids and lips do.
MAX_RETURN_ERROR_PX = 0.5
MAX_DEVIATION_PX = 2.0
# With fewer reliable points the face may be turning or covered.
MIN_RELIABLE_FRACTION = 0.8


def follow_landmarks(template: LandmarkTemplate, patch: np.ndarray) -> np.ndarray | None:
    """Landmarks in a patch of the same face; None if too few of them are reliable.

    Args:
        template: Patch and landmarks of the network's last reading.
        patch: uint8, shape (size, size, 1), as large as the template's.
    Returns:
        float32 (points, 2) in pixels of the patch.
    """
    followed, is_found = _flow(template.patch, patch, template.points)
    returned, is_found_back = _flow(patch, template.patch, followed)
    motion = followed - template.points
    median = np.median(motion, axis=0)
    deviations = np.abs(motion - median).max(axis=1)
    return_errors = np.abs(returned - template.points).max(axis=1)
    reliable = is_found & is_found_back & (return_errors < MAX_RETURN_ERROR_PX) & (deviations < MAX_DEVIATION_PX)
    if reliable.mean() < MIN_RELIABLE_FRACTION:
        return None
    return np.where(reliable[:, None], followed, template.points + median)


def _flow(before: np.ndarray, after: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions (points, 2) in the second patch, and which of them are found, bool (points,)."""
    moved, is_found, _ = cv2.calcOpticalFlowPyrLK(
        before,
        after,
        points,
        np.empty_like(points),
        winSize=(WINDOW_PX, WINDOW_PX),
        maxLevel=PYRAMID_LEVELS,
        criteria=(cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, MAX_ITERATIONS, MIN_STEP_PX),
    )
    return moved, is_found.ravel() == 1
