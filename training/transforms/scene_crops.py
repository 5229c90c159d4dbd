"""Cut varied training crops out of scenes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from training.datasets.readers.scenes import Scene
from training.metrics.detection_protocol import LONGEST_SIDE_PX
from training.transforms.photometric import jitter_photometric

NATURAL_SCALE = 0.5, 1.6  # around the size that whole pictures are served at
FACE_SIDE = 9.0, 170.0
LARGEST_ZOOM = 2.0
LEAST_PICTURE = 150.0  # longer side that a picture keeps in its crop: what is black teaches nothing
SMALLEST_FACE = 7.0  # below it nothing is asked
LEAST_VISIBLE = 0.6
SWAPPED = (1, 0, 2, 4, 3)  # the points of a mirrored face


@dataclass(frozen=True, slots=True)
class Crop:
    """A training picture.

    Attributes:
        image: RGB uint8, shape (size, size, 3).
        boxes: Float32 (n, 4): left, top, right, bottom in pixels.
        ignore: Bool (n,): faces too small, too hidden or too doubtful to be asked for.
        points: Float32 (n, 5, 2); not a number where unknown.
    """

    image: np.ndarray
    boxes: np.ndarray
    ignore: np.ndarray
    points: np.ndarray


def random_crop(scene: Scene, size: int, random: np.random.Generator, by_face: float = 0.6) -> Crop:
    """A crop of `size` pixels a side, scaled, turned and mirrored.

    Args:
        by_face: Share of the crops that are laid around one face; the others show much of the picture.
    """
    scale, focus = _framing(scene, size, random, by_face)
    image, known = _shrunk(scene.image, scale)
    matrix = _matrix(focus * known, scale / known, size, random)
    edge = tuple(int(tone) for tone in random.integers(0, 256, 3)) if random.random() < 0.3 else (0, 0, 0)
    moved = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=edge)
    mirrored = random.random() < 0.5
    crop = _with_faces(scene, moved, matrix @ np.diag([known, known, 1.0]), scale)
    return flip_crop(crop) if mirrored else crop


def jitter_crop(crop: Crop, random: np.random.Generator) -> Crop:
    return Crop(jitter_photometric(crop.image, random), crop.boxes, crop.ignore, crop.points)


def mosaic(scenes: Sequence[Scene], size: int, random: np.random.Generator) -> Crop:
    """Four scenes beside and above each other, each in a quarter: many small faces in one crop."""
    quarters = [random_crop(scene, size // 2, random, by_face=0.3) for scene in scenes]
    images = [quarter.image for quarter in quarters]
    image = np.vstack([np.hstack(images[:2]), np.hstack(images[2:])])
    shifts = np.array([(0, 0), (1, 0), (0, 1), (1, 1)], np.float32) * (size // 2)
    moved = list(zip(quarters, shifts, strict=True))
    return Crop(
        image,
        np.concatenate([quarter.boxes + np.tile(shift, 2) for quarter, shift in moved]),
        np.concatenate([quarter.ignore for quarter in quarters]),
        np.concatenate([quarter.points + shift for quarter, shift in moved]),
    )


def flip_crop(crop: Crop) -> Crop:
    """The crop mirrored left to right."""
    width = crop.image.shape[1]
    boxes = crop.boxes.copy()
    boxes[:, [0, 2]] = width - crop.boxes[:, [2, 0]]
    points = crop.points[:, SWAPPED].copy()
    points[..., 0] = width - 1 - points[..., 0]
    return Crop(np.ascontiguousarray(crop.image[:, ::-1]), boxes, crop.ignore, points)


def _framing(scene: Scene, size: int, random: np.random.Generator, by_face: float) -> tuple[float, np.ndarray]:
    """How far to scale and which point of the picture comes to the middle of the crop."""
    height, width = scene.image.shape[:2]
    faces = scene.boxes[~scene.ignore]
    if len(faces) and random.random() < by_face:
        face = faces[random.integers(len(faces))]
        side = float(np.sqrt((face[2] - face[0]) * (face[3] - face[1])))
        scale = min(max(_log_uniform(random, *FACE_SIDE) / side, LEAST_PICTURE / max(height, width)), LARGEST_ZOOM)
        reach = 0.4 * size / scale
        return scale, (face[:2] + face[2:]) / 2 + random.uniform(-reach, reach, 2)
    scale = LONGEST_SIDE_PX / max(height, width) * _log_uniform(random, *NATURAL_SCALE)
    # As much of the picture as fits comes into the crop.
    room = np.maximum(np.array([width, height]) - 0.7 * size / scale, 0)
    return scale, np.array([width, height]) / 2 + random.uniform(-0.5, 0.5, 2) * room


def _log_uniform(random: np.random.Generator, least: float, most: float) -> float:
    return float(np.exp(random.uniform(np.log(least), np.log(most))))


def _shrunk(image: np.ndarray, scale: float) -> tuple[np.ndarray, float]:
    """A picture that is to become smaller is shrunk by area first, as in serving; with its scale."""
    if scale >= 0.9:
        return image, 1.0
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), scale


def _matrix(focus: np.ndarray, scale: float, size: int, random: np.random.Generator) -> np.ndarray:
    """Affine map (2, 3) from the picture into the crop."""
    angle = random.uniform(-38, 38) if random.random() < 0.3 else random.normal(0, 7)
    matrix = cv2.getRotationMatrix2D((float(focus[0]), float(focus[1])), angle, scale)
    matrix[:, 2] = matrix[:, 2] + size / 2 - focus
    return matrix


def _with_faces(scene: Scene, image: np.ndarray, matrix: np.ndarray, scale: float) -> Crop:
    """The crop with what of the scene's faces lies in it; a turned face keeps the sides of its box."""
    size = image.shape[0]
    centres = (scene.boxes[:, :2] + scene.boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    halves = (scene.boxes[:, 2:] - scene.boxes[:, :2]) * scale / 2
    whole = np.concatenate([centres - halves, centres + halves], 1).astype(np.float32)
    boxes = whole.clip(0, size)
    area = np.prod(2 * halves, axis=1)
    seen = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    inside = seen > 0
    ignore = scene.ignore | (seen < LEAST_VISIBLE * area) | (area < SMALLEST_FACE**2)
    points = (scene.points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
    return Crop(image, boxes[inside], ignore[inside], points[inside])
