"""Random training crops of scenes, with the boxes and landmarks of the faces in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.vision.inference.face_crop import transform_points
from training.datasets.readers.scenes import Scene
from training.metrics.detection_protocol import LONGEST_SIDE_PX

SCENE_SCALE_RANGE = 0.5, 1.6  # relative to the size at which whole images are served
FACE_SIDE_RANGE_PX = 9.0, 170.0  # of the face that a crop is laid around
MAX_ZOOM = 2.0
MIN_IMAGE_SIDE_PX = 150.0  # longer side of the image in its crop: black padding teaches nothing
MIN_FACE_SIDE_PX = 7.0  # smaller faces are ignored
MIN_VISIBLE_FRACTION = 0.6  # faces cut off further are ignored
FACE_CENTRED_FRACTION = 0.6  # of the crops are laid around one face
MOSAIC_FACE_CENTRED_FRACTION = 0.3
LARGE_ROTATION_FRACTION = 0.3
MAX_ROTATION_DEGREES = 38
ROTATION_STD_DEGREES = 7  # of the other crops
MIRRORED_POINTS = (1, 0, 2, 4, 3)  # order of eyes, nose and mouth corners in the mirror image


@dataclass(frozen=True, slots=True)
class Crop:
    """A training image.

    Attributes:
        image: RGB uint8, shape (size, size, 3).
        boxes: x1, y1, x2, y2 in pixels, float32 (n, 4).
        ignore: Faces too small, too much hidden or too doubtful to be asked for, bool (n,).
        points: Eyes, nose and mouth corners in pixels, float32 (n, 5, 2); NaN where unknown.
    """

    image: np.ndarray
    boxes: np.ndarray
    ignore: np.ndarray
    points: np.ndarray


def random_crop(scene: Scene, size: int, random: np.random.Generator, by_face: float = FACE_CENTRED_FRACTION) -> Crop:
    """A crop of `size` pixels a side, randomly scaled, rotated and mirrored.

    Args:
        by_face: Fraction of the crops that are laid around one face; the others show much of the image.
    """
    scale, centre = _choose_view(scene, size, random, by_face)
    image, done = _downscale(scene.image, scale)
    matrix = _crop_matrix(centre * done, scale / done, size, random)
    padding = tuple(int(tone) for tone in random.integers(0, 256, 3)) if random.random() < 0.3 else (0, 0, 0)
    warped = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=padding)
    mirrored = random.random() < 0.5
    crop = _with_faces(scene, warped, matrix @ np.diag([done, done, 1.0]), scale)
    return flip_crop(crop) if mirrored else crop


def mosaic(scenes: Sequence[Scene], size: int, random: np.random.Generator) -> Crop:
    """Crops of four scenes in the quarters of one image (mosaic, Bochkovskiy et al. 2020): many small faces."""
    quarters = [random_crop(scene, size // 2, random, MOSAIC_FACE_CENTRED_FRACTION) for scene in scenes]
    images = [quarter.image for quarter in quarters]
    image = np.vstack([np.hstack(images[:2]), np.hstack(images[2:])])
    shifts = np.array([(0, 0), (1, 0), (0, 1), (1, 1)], np.float32) * (size // 2)
    placed = list(zip(quarters, shifts, strict=True))
    return Crop(
        image,
        np.concatenate([quarter.boxes + np.tile(shift, 2) for quarter, shift in placed]),
        np.concatenate([quarter.ignore for quarter in quarters]),
        np.concatenate([quarter.points + shift for quarter, shift in placed]),
    )


def flip_crop(crop: Crop) -> Crop:
    """The crop mirrored left to right."""
    width = crop.image.shape[1]
    boxes = crop.boxes.copy()
    boxes[:, [0, 2]] = width - crop.boxes[:, [2, 0]]
    points = crop.points[:, MIRRORED_POINTS].copy()
    points[..., 0] = width - 1 - points[..., 0]
    return Crop(np.ascontiguousarray(crop.image[:, ::-1]), boxes, crop.ignore, points)


def _choose_view(scene: Scene, size: int, random: np.random.Generator, by_face: float) -> tuple[float, np.ndarray]:
    """The scale, and the point of the image (2,) that becomes the centre of the crop."""
    height, width = scene.image.shape[:2]
    faces = scene.boxes[~scene.ignore]
    if len(faces) and random.random() < by_face:
        face = faces[random.integers(len(faces))]
        side = float(np.sqrt((face[2] - face[0]) * (face[3] - face[1])))
        least = MIN_IMAGE_SIDE_PX / max(height, width)
        scale = min(max(_log_uniform(random, *FACE_SIDE_RANGE_PX) / side, least), MAX_ZOOM)
        reach = 0.4 * size / scale
        return scale, (face[:2] + face[2:]) / 2 + random.uniform(-reach, reach, 2)
    scale = LONGEST_SIDE_PX / max(height, width) * _log_uniform(random, *SCENE_SCALE_RANGE)
    # Shift the image no further than needed to fill the crop.
    room = np.maximum(np.array([width, height]) - 0.7 * size / scale, 0)
    return scale, np.array([width, height]) / 2 + random.uniform(-0.5, 0.5, 2) * room


def _log_uniform(random: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _downscale(image: np.ndarray, scale: float) -> tuple[np.ndarray, float]:
    """Shrink an image by area before it is warped, as in serving; return it with the scale that was applied."""
    if scale >= 0.9:
        return image, 1.0
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), scale


def _crop_matrix(centre: np.ndarray, scale: float, size: int, random: np.random.Generator) -> np.ndarray:
    """Affine map from the image into the crop, float64 (2, 3)."""
    if random.random() < LARGE_ROTATION_FRACTION:
        angle = random.uniform(-MAX_ROTATION_DEGREES, MAX_ROTATION_DEGREES)
    else:
        angle = random.normal(0, ROTATION_STD_DEGREES)
    matrix = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
    matrix[:, 2] = matrix[:, 2] + size / 2 - centre
    return matrix


def _with_faces(scene: Scene, image: np.ndarray, matrix: np.ndarray, scale: float) -> Crop:
    """The crop with the faces in it; a rotated face keeps the sides of its box."""
    size = image.shape[0]
    centres = transform_points(matrix, (scene.boxes[:, :2] + scene.boxes[:, 2:]) / 2)
    halves = (scene.boxes[:, 2:] - scene.boxes[:, :2]) * scale / 2
    whole = np.concatenate([centres - halves, centres + halves], 1).astype(np.float32)
    boxes = whole.clip(0, size)
    area = np.prod(2 * halves, axis=1)
    visible = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    inside = visible > 0
    ignore = scene.ignore | (visible < MIN_VISIBLE_FRACTION * area) | (area < MIN_FACE_SIDE_PX**2)
    points = transform_points(matrix, scene.points).astype(np.float32)
    return Crop(image, boxes[inside], ignore[inside], points[inside])
