"""Place synthetic masks on faces: for detectors and landmarks that must not need the mouth, and for mask training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.vision.inference.face_pose import FacePose
from training.transforms.mask_texture import draw_mask
from training.transforms.scene_crops import Crop

# Outline of a mask in sides of the face box, clockwise from the upper left corner; 5 points each for the upper and the
# lower edge.
OUTLINE = np.array([
    (0.02, 0.52), (0.25, 0.47), (0.5, 0.41), (0.75, 0.47), (0.98, 0.52), (0.93, 0.78), (0.74, 0.99), (0.5, 1.04),
    (0.26, 0.99), (0.07, 0.78),
])  # fmt: skip
EARS = np.array([(-0.05, 0.4), (1.05, 0.4)])  # ends of the ties, in sides of the face box
OUTLINE_NOISE = 0.025  # standard deviation, in sides of the face box
ROTATION_STD_DEGREES = 8
MIN_FACE_WIDTH_PX = 8.0  # narrower faces get no mask
OVER_EYES_PROBABILITY = 0.15  # of masks worn wrongly: about their fraction in the data set `ilc2021`
UNDER_CHIN_PROBABILITY = 0.4


def add_masks(crop: Crop, probability: float, random: np.random.Generator) -> Crop:
    """Draw a mask over each face with some probability; the landmarks keep their places."""
    image = crop.image.copy()
    for box in crop.boxes[~crop.ignore]:
        if box[2] - box[0] >= MIN_FACE_WIDTH_PX and random.random() < probability:
            _draw_on_box(image, box, random)
    return replace(crop, image=image)


def draw_face_mask(image: np.ndarray, points: np.ndarray, state: str, random: np.random.Generator) -> np.ndarray:
    """A copy of an image with a mask drawn over its face.

    Args:
        image: RGB uint8, shape (height, width, 3).
        points: Eyes, nose tip and mouth corners in pixels, shape (5 or more, 2), in the order of `Face.points`.
        state: `mask` covers nose and mouth; `wrong` leaves the nose or both free: the mask may be under the chin or
            over the eyes.
    """
    pose = FacePose.from_points(points)
    box = pose.box
    sides, centre = np.array([box.width, box.height]), np.array([pose.x, pose.y])
    rotation = _rotation_matrix(float(np.rad2deg(pose.roll_rad)))
    # Heights along the upright face, in sides of the box, as in the outline.
    heights = ((points - centre) @ rotation / sides + 0.5)[:, 1]
    if state != "mask" and random.random() < OVER_EYES_PROBABILITY:
        outline = _outline_over_eyes(float(heights[:2].mean()), float(heights[2]), random)
    else:
        image_end = (image.shape[0] - centre[1]) / sides[1] + 0.5
        top = _upper_edge(state, heights[2], heights[3:5].mean(), image_end, random)
        outline = _outline_from(top, random)
    masked = image.copy()
    corners, ears = (((places - 0.5) * sides) @ rotation.T + centre for places in (outline, EARS))
    draw_mask(masked, corners, ears, np.array([box.x1, box.y1, box.x2, box.y2]), random)
    return masked


def _upper_edge(state: str, nose: float, mouth: float, image_end: float, random: np.random.Generator) -> float:
    """Height of the upper edge on the middle line; all heights in sides of the face box.

    Args:
        image_end: Lower edge of the image; a mask under the chin must be visible.
    """
    if state == "mask":
        return random.uniform(nose - 0.17, nose - 0.07)
    chin = random.uniform(mouth + 0.1, mouth + 0.26)
    if random.random() < UNDER_CHIN_PROBABILITY and chin + 0.1 < image_end:
        return chin
    return random.uniform(nose + 0.04, max(nose + 0.06, mouth - 0.01))


def _outline_over_eyes(eyes: float, nose: float, random: np.random.Generator) -> np.ndarray:
    """Outline of a mask pulled up over the eyes, (10, 2); the mouth is free."""
    top, bottom = random.uniform(eyes - 0.25, eyes - 0.12), random.uniform((eyes + nose) / 2, nose + 0.05)
    outline = OUTLINE + random.normal(0, OUTLINE_NOISE, OUTLINE.shape)
    heights = outline[:, 1]
    outline[:, 1] = top + (heights - heights.min()) / np.ptp(heights) * (bottom - top)
    return outline


def _outline_from(top: float, random: np.random.Generator) -> np.ndarray:
    """Outline of a mask whose upper edge is at `top`, (10, 2); the lower it sits, the flatter it is."""
    outline = OUTLINE.copy()
    lowered = max(0.0, top - OUTLINE[:, 1].min())
    outline[:5, 1] = np.maximum(top + (outline[:5, 1] - OUTLINE[2, 1]) * max(0.2, 1 - 3 * lowered), top)
    outline[5:, 1] = np.maximum(outline[5:, 1], top + np.array([0.12, 0.19, 0.21, 0.19, 0.12]))
    noise = random.normal(0, OUTLINE_NOISE, OUTLINE.shape)
    noise[1:4, 1] *= 0.4  # the middle of the upper edge decides what is covered
    return outline + noise


def _draw_on_box(image: np.ndarray, box: np.ndarray, random: np.random.Generator) -> None:
    side = box[2:] - box[:2]
    outline = OUTLINE + random.normal(0, OUTLINE_NOISE, OUTLINE.shape)
    rotation = _rotation_matrix(random.normal(0, ROTATION_STD_DEGREES))
    corners, ears = (box[:2] + ((places - 0.5) @ rotation.T + 0.5) * side for places in (outline, EARS))
    draw_mask(image, corners, ears, box, random)


def _rotation_matrix(degrees: float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
