"""Copy-paste augmentation (Ghiasi et al. 2021): read faces and blend them into images without a face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.errors import ModelError
from app.vision.inference.face_crop import transform_points
from app.vision.inference.face_pose import FacePose
from training.datasets.dataset_spec import locate
from training.datasets.fer2013 import FER2013
from training.datasets.readers import aaf, ytf68
from training.samples.framing import fer2013_patch
from training.samples.landmark_points import FIVE_POINT_INDEXES
from training.samples.sample import Sample
from training.transforms.alignment import FaceAligner
from training.transforms.photometric import is_grayscale, to_grayscale
from training.transforms.scene_crops import Crop

MAX_FACES = 4
FACE_SIDE_RANGE_PX = 12.0, 150.0
PLACEMENT_ATTEMPTS = 8
TILT_STD_DEGREES = 12.0
MAX_CROP_FRACTION = 0.9  # of the side of the crop that a face may fill
VISIBLE_RADIUS_RANGE = 0.52, 0.7  # of the ellipse that is pasted, in sides of the face box
FEATHER_RANGE = 0.02, 0.08  # blur of its edge, in widths of the face box
# One in so many images is enough: the faces are small and change with every crop.
STEPS: Mapping[str, int] = {"aaf": 3, "ytf68": 2, "fer2013": 6}


@dataclass(frozen=True, slots=True)
class PastableFace:
    """A face image to be blended into another.

    Attributes:
        image: RGB uint8, shape (height, width, 3).
        box: x1, y1, x2, y2 in pixels, float32 (4,).
        points: Eyes, nose and mouth corners in pixels, float32 (5, 2).
    """

    image: np.ndarray
    box: np.ndarray
    points: np.ndarray


def pastable_face(sample: Sample) -> PastableFace:
    """The face of a sample with landmarks."""
    assert sample.points is not None
    return pastable_face_from_points(sample, sample.points[FIVE_POINT_INDEXES])


def pastable_face_from_points(sample: Sample, points: np.ndarray) -> PastableFace:
    """The face of a sample by landmarks (5 or more, 2) in the order of `Face.points`."""
    points = points[:5].astype(np.float32)
    box = FacePose.from_points(points).box
    return PastableFace(sample.image, np.array([box.x1, box.y1, box.x2, box.y2], np.float32), points)


def copy_paste(crop: Crop, faces: Sequence[PastableFace], random: np.random.Generator) -> Crop:
    """A crop without faces, with some of `faces` blended into it where there is room."""
    chosen = [faces[number] for number in random.integers(len(faces), size=int(random.integers(1, MAX_FACES + 1)))]
    # A gray patch in a colour image would give the pasted face away.
    image = to_grayscale(crop.image) if any(is_grayscale(face.image) for face in chosen) else crop.image.copy()
    boxes: list[np.ndarray] = []
    points: list[np.ndarray] = []
    for face in chosen:
        placed = _place_face(image, face, boxes, random)
        if placed is not None:
            boxes.append(placed[0])
            points.append(placed[1])
    all_boxes = np.array(boxes, np.float32).reshape(-1, 4)
    return Crop(image, all_boxes, np.zeros(len(all_boxes), bool), np.array(points, np.float32).reshape(-1, 5, 2))


def blend_warped(image: np.ndarray, source: np.ndarray, matrix: np.ndarray, opacity: np.ndarray) -> None:
    """Warp an image and alpha-blend it into another, in place.

    Args:
        image, source: RGB uint8, shape (height, width, 3).
        matrix: Affine map from pixels of `source` to pixels of `image`, shape (2, 3).
        opacity: uint8 of the height and width of `source`; 0 is transparent.
    """
    size = image.shape[1], image.shape[0]
    scale = float(np.hypot(matrix[0, 0], matrix[0, 1]))
    smooth = source if scale >= 1 else cv2.GaussianBlur(source, (0, 0), 0.4 / scale)  # against aliasing
    warped = cv2.warpAffine(smooth, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(opacity, matrix, size)[..., None] / 255
    image[:] = (image * (1 - alpha) + warped * alpha).astype(np.uint8)


def _place_face(
    image: np.ndarray, face: PastableFace, occupied: Sequence[np.ndarray], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray] | None:
    """Blend a face into the image and return its box (4,) and points (5, 2); None if there is no room."""
    size = image.shape[0]
    target_side = float(np.exp(random.uniform(*np.log(FACE_SIDE_RANGE_PX))))
    extent = face.box[2:] - face.box[:2]
    scale = target_side / float(np.sqrt(extent[0] * extent[1]))
    half = extent * scale / 2
    if (half * 2 > MAX_CROP_FRACTION * size).any():
        return None
    for _ in range(PLACEMENT_ATTEMPTS):
        centre = random.uniform(half, size - half)
        box = np.concatenate([centre - half, centre + half])
        if not any(_intersect(box, other) for other in occupied):
            matrix = cv2.getRotationMatrix2D(_centre(face.box), float(random.normal(0, TILT_STD_DEGREES)), scale)
            matrix[:, 2] += centre - _centre(face.box)
            _blend_face(image, face, matrix, random)
            return box, transform_points(matrix, face.points)
    return None


def _blend_face(image: np.ndarray, face: PastableFace, matrix: np.ndarray, random: np.random.Generator) -> None:
    """Blend the face and some of its surroundings, with a soft edge."""
    extent = face.box[2:] - face.box[:2]
    opacity = np.zeros(face.image.shape[:2], np.uint8)
    radii = extent * random.uniform(*VISIBLE_RADIUS_RANGE)
    centre = tuple(round(float(value)) for value in _centre(face.box))
    cv2.ellipse(opacity, centre, tuple(round(float(value)) for value in radii), 0, 0, 360, 255, -1)
    # The images end close to the face: none of the repeated edge may show.
    opacity[:2], opacity[-2:], opacity[:, :2], opacity[:, -2:] = 0, 0, 0, 0
    soft = cv2.GaussianBlur(opacity, (0, 0), float(extent[0]) * random.uniform(*FEATHER_RANGE))
    blend_warped(image, face.image, matrix, soft)


def _centre(box: np.ndarray) -> tuple[float, float]:
    return float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2


def _intersect(box: np.ndarray, other: np.ndarray) -> bool:
    return bool((np.minimum(box[2:], other[2:]) > np.maximum(box[:2], other[:2])).all())


def read_pastable_faces(data: Path) -> list[PastableFace]:
    """Faces of All-Age-Faces, YouTube Faces and FER2013, as far as they are in the folder of data sets."""
    found: list[PastableFace] = []
    if (folder := data / "aaf").is_dir():
        samples = aaf.read(locate(folder, "aaf"), folder / aaf.LABELS_FILE, folder / aaf.POINTS_FILE).samples
        found += [pastable_face(one) for one in samples[:: STEPS["aaf"]] if one.has_all_landmarks]
    if (folder := data / "ytf68").is_dir():
        samples = ytf68.read(locate(folder, "ytf68"), folder / ytf68.POINTS_FILE).samples
        found += [pastable_face(one) for one in samples[:: STEPS["ytf68"]]]
    if (folder := data / "fer2013").is_dir():
        found += _detected_faces(FER2013.split(FER2013.read(folder, False)).train[:: STEPS["fer2013"]])
    return found


def _detected_faces(samples: Sequence[Sample]) -> list[PastableFace]:
    """Faces of a data set without landmarks, where the served network detects them; none without that network."""
    try:
        aligner = FaceAligner()
    except ModelError:
        return []
    points = [aligner.face_points(sample, fer2013_patch()) for sample in samples]
    found = [(sample, one) for sample, one in zip(samples, points, strict=True) if one is not None]
    return [pastable_face_from_points(sample, one) for sample, one in found]
