"""Draw masks and other covers over faces, for networks that do without the mouth, and for those that tell masks."""

from __future__ import annotations

import numpy as np

from app.vision.inference.face_pose import FacePose
from training.transforms.mask_texture import draw_mask
from training.transforms.scene_crops import Crop

# Outline of a mask in sides of a face's box, from its left upper corner clockwise.
OUTLINE = np.array([
    (0.02, 0.52), (0.25, 0.47), (0.5, 0.41), (0.75, 0.47), (0.98, 0.52), (0.93, 0.78), (0.74, 0.99), (0.5, 1.04),
    (0.26, 0.99), (0.07, 0.78),
])  # fmt: skip
EARS = np.array([(-0.05, 0.4), (1.05, 0.4)])  # likewise: where a mask is tied
SMALLEST = 8.0  # narrower faces are left alone
OVER_EYES = 0.15  # share of the masks worn wrongly: about as many as in `ilc2021`


def add_masks(crop: Crop, share: float, random: np.random.Generator) -> Crop:
    """The crop with a mask drawn over each face with probability `share`; covered points stay where they were."""
    image = crop.image.copy()
    for box in crop.boxes[~crop.ignore]:
        if box[2] - box[0] >= SMALLEST and random.random() < share:
            _draw(image, box, random)
    return Crop(image, crop.boxes, crop.ignore, crop.points)


def draw_face_mask(image: np.ndarray, points: np.ndarray, worn: str, random: np.random.Generator) -> np.ndarray:
    """A picture with a mask drawn over its face.

    Args:
        image: RGB uint8, shape (height, width, 3).
        points: Eyes, nose tip and mouth corners in its pixels, as `Face.points` has them.
        worn: `mask` covers nose and mouth, `wrong` leaves the nose free, or both: it may hang under the chin or
            lie over the eyes.
    """
    frame = FacePose.from_points(points)
    face = frame.box
    sides, middle = np.array([face.width, face.height]), np.array([frame.x, frame.y])
    # Both along the face's height, as the outline has it.
    turn = _turn(float(np.rad2deg(frame.roll_rad)))
    upright = ((points - middle) @ turn / sides + 0.5)[:, 1]
    if worn != "mask" and random.random() < OVER_EYES:
        outline = _over_eyes(float(upright[:2].mean()), float(upright[2]), random)
    else:
        end = (image.shape[0] - middle[1]) / sides[1] + 0.5
        outline = _worn(_upper_edge(worn, upright[2], upright[3:5].mean(), end, random), random)
    covered = image.copy()
    corners, ears = (((places - 0.5) * sides) @ turn.T + middle for places in (outline, EARS))
    draw_mask(covered, corners, ears, np.array([face.x1, face.y1, face.x2, face.y2]), random)
    return covered


def _upper_edge(worn: str, nose: float, mouth: float, end: float, random: np.random.Generator) -> float:
    """Where a mask begins on the middle line, as all heights in shares of the face's height.

    Args:
        end: Where the picture ends; a mask under the chin is to be seen.
    """
    if worn == "mask":
        return random.uniform(nose - 0.17, nose - 0.07)
    chin = random.uniform(mouth + 0.1, mouth + 0.26)
    if random.random() < 0.4 and chin + 0.1 < end:
        return chin
    return random.uniform(nose + 0.04, max(nose + 0.06, mouth - 0.01))


def _over_eyes(eyes: float, nose: float, random: np.random.Generator) -> np.ndarray:
    """The outline of a mask pulled up over the eyes; the mouth is free."""
    top, bottom = random.uniform(eyes - 0.25, eyes - 0.12), random.uniform((eyes + nose) / 2, nose + 0.05)
    outline = OUTLINE + random.normal(0, 0.025, OUTLINE.shape)
    heights = outline[:, 1]
    outline[:, 1] = top + (heights - heights.min()) / np.ptp(heights) * (bottom - top)
    return outline


def _worn(top: float, random: np.random.Generator) -> np.ndarray:
    """The outline of a mask whose upper edge is at `top`; the lower it sits, the flatter."""
    outline = OUTLINE.copy()
    low = max(0.0, top - OUTLINE[:, 1].min())
    outline[:5, 1] = np.maximum(top + (outline[:5, 1] - OUTLINE[2, 1]) * max(0.2, 1 - 3 * low), top)
    outline[5:, 1] = np.maximum(outline[5:, 1], top + np.array([0.12, 0.19, 0.21, 0.19, 0.12]))
    noise = random.normal(0, 0.025, OUTLINE.shape)
    noise[1:4, 1] *= 0.4  # what is covered follows from the middle of the upper edge
    return outline + noise


def _draw(image: np.ndarray, box: np.ndarray, random: np.random.Generator) -> None:
    side = box[2:] - box[:2]
    outline = OUTLINE + random.normal(0, 0.025, OUTLINE.shape)
    turn = _turn(random.normal(0, 8))
    corners, ears = (box[:2] + ((places - 0.5) @ turn.T + 0.5) * side for places in (outline, EARS))
    draw_mask(image, corners, ears, box, random)


def _turn(degrees: float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
