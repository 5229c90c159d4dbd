"""Set faces of the aligned sets into pictures without a face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from app.vision.inference.face_pose import FacePose
from training.samples.landmark_points import FIVE_POINT_INDEXES
from training.samples.sample import Sample
from training.transforms.photometric import is_grayscale, to_grayscale
from training.transforms.scene_crops import Crop

MAX_FACES = 4
FACE_SIDE_RANGE_PX = 12.0, 150.0
PLACEMENT_ATTEMPTS = 8
TILT_STD_DEGREES = 12.0  # degrees: deviation of a face from upright


@dataclass(frozen=True, slots=True)
class PastableFace:
    """A face picture to be set elsewhere.

    Attributes:
        image: RGB uint8.
        box: Float32 (4,), in pixels of the picture.
        points: Float32 (5, 2).
    """

    image: np.ndarray
    box: np.ndarray
    points: np.ndarray


def pastable_face(sample: Sample) -> PastableFace:
    """A marked face picture with its box and five points."""
    assert sample.points is not None
    return pastable_face_from_points(sample, sample.points[FIVE_POINT_INDEXES])


def pastable_face_from_points(sample: Sample, points: np.ndarray) -> PastableFace:
    """A face picture with its box, by its landmarks of which the first five are those of a detector."""
    points = points[:5].astype(np.float32)
    box = FacePose.from_points(points).box
    return PastableFace(sample.image, np.array([box.x1, box.y1, box.x2, box.y2], np.float32), points)


def copy_paste(crop: Crop, cutouts: Sequence[PastableFace], random: np.random.Generator) -> Crop:
    """A crop without faces, with some cutouts set into it where there is room."""
    drawn = [cutouts[number] for number in random.integers(len(cutouts), size=int(random.integers(1, MAX_FACES + 1)))]
    # Else a patch without colours in a picture with some would give a face away.
    image = to_grayscale(crop.image) if any(is_grayscale(face.image) for face in drawn) else crop.image.copy()
    boxes: list[np.ndarray] = []
    points: list[np.ndarray] = []
    for face in drawn:
        placed = _placed(image, face, boxes, random)
        if placed is not None:
            boxes.append(placed[0])
            points.append(placed[1])
    found = np.array(boxes, np.float32).reshape(-1, 4)
    return Crop(image, found, np.zeros(len(found), bool), np.array(points, np.float32).reshape(-1, 5, 2))


def _placed(
    image: np.ndarray, face: PastableFace, taken: Sequence[np.ndarray], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray] | None:
    """Draw a cutout into the picture and return its box and points there; None where no room was found."""
    size = image.shape[0]
    target = float(np.exp(random.uniform(*np.log(FACE_SIDE_RANGE_PX))))
    extent = face.box[2:] - face.box[:2]
    scale = target / float(np.sqrt(extent[0] * extent[1]))
    half = extent * scale / 2
    if (half * 2 > 0.9 * size).any():
        return None
    for _ in range(PLACEMENT_ATTEMPTS):
        middle = random.uniform(half, size - half)
        box = np.concatenate([middle - half, middle + half])
        if not any(_overlap(box, other) for other in taken):
            matrix = cv2.getRotationMatrix2D(_centre(face.box), float(random.normal(0, TILT_STD_DEGREES)), scale)
            matrix[:, 2] += middle - _centre(face.box)
            _blend(image, face, matrix, random)
            return box, face.points @ matrix[:, :2].T + matrix[:, 2]
    return None


def blend_warped(image: np.ndarray, picture: np.ndarray, matrix: np.ndarray, opacity: np.ndarray) -> None:
    """Draw a picture into another, in place.

    Args:
        image, picture: RGB uint8.
        matrix: From pixels of `picture` to those of `image`, shape (2, 3).
        opacity: Uint8 of the picture's height and width: 0 where nothing of it shows.
    """
    size = image.shape[1], image.shape[0]
    scale = float(np.hypot(matrix[0, 0], matrix[0, 1]))
    smooth = picture if scale >= 1 else cv2.GaussianBlur(picture, (0, 0), 0.4 / scale)
    drawn = cv2.warpAffine(smooth, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    share = cv2.warpAffine(opacity, matrix, size)[..., None] / 255
    image[:] = (image * (1 - share) + drawn * share).astype(np.uint8)


def _blend(image: np.ndarray, face: PastableFace, matrix: np.ndarray, random: np.random.Generator) -> None:
    """Draw the face and some of what surrounds it, fading out softly."""
    extent = face.box[2:] - face.box[:2]
    opacity = np.zeros(face.image.shape[:2], np.uint8)
    reach = extent * random.uniform(0.52, 0.7)
    centre = tuple(round(float(value)) for value in _centre(face.box))
    cv2.ellipse(opacity, centre, tuple(round(float(value)) for value in reach), 0, 0, 360, 255, -1)
    # The pictures end close to the face: nothing of what repeats their edge may show.
    opacity[:2], opacity[-2:], opacity[:, :2], opacity[:, -2:] = 0, 0, 0, 0
    soft = cv2.GaussianBlur(opacity, (0, 0), float(extent[0]) * random.uniform(0.02, 0.08))
    blend_warped(image, face.image, matrix, soft)


def _centre(box: np.ndarray) -> tuple[float, float]:
    return float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2


def _overlap(box: np.ndarray, other: np.ndarray) -> bool:
    return bool((np.minimum(box[2:], other[2:]) > np.maximum(box[:2], other[:2])).all())
