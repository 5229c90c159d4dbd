"""Paste a face picture into a whole one: at random size, place and tilt, with edges that fade out."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import cv2
import numpy as np

from app.vision.inference.face_pose import FacePose
from training.transforms.backgrounds import Backgrounds
from training.transforms.copy_paste import blend_warped
from training.transforms.photometric import is_grayscale, to_grayscale

WIDTH, HEIGHT = 1280, 720
FACE_SIDE_RANGE_PX = 60.0, 300.0  # of a face, in pixels: the mean of its box's sides
MAX_TILT_DEGREES = 20.0  # degrees to either side
# Pictures of sets end at the face; what is around a head is made of the colours of their edges, blurred, and fades out.
# In sides of the picture: how far it reaches, and its blur. Of all that is pasted: 2 would be an ellipse, and the share
# of its radius over which it fades.
AROUND, BLUR = 0.3, 0.1
ROUNDNESS, FADES = 2.2, 0.2


@dataclass(frozen=True, slots=True)
class PastedFace:
    """A face in a whole picture.

    Attributes:
        image: RGB uint8, shape (HEIGHT, WIDTH, 3).
        face: Its place there.
        matrix: From pixels of the face picture to those of `image`, shape (2, 3).
    """

    image: np.ndarray
    face: FacePose
    matrix: np.ndarray

    def recrop(self, width: int, height: int) -> np.ndarray:
        """The face picture of this size as it is now, cut out at its true place and set upright."""
        scale = math.hypot(self.matrix[0, 0], self.matrix[0, 1])
        smooth = self.image if scale <= 1 else cv2.GaussianBlur(self.image, (0, 0), 0.4 * scale)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(smooth, self.matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def paste_face(picture: np.ndarray, face: FacePose, backgrounds: Backgrounds, seed: int) -> PastedFace:
    """Paste a face picture; where depends on nothing but the seed and the picture.

    Args:
        picture: RGB uint8 of any size.
        face: Its place in it.
    """
    random = _random(seed, picture)
    image = backgrounds.one(random, WIDTH, HEIGHT)
    if is_grayscale(picture):
        image = to_grayscale(image)
    side, tilt = float(random.uniform(*FACE_SIDE_RANGE_PX)), float(random.uniform(-MAX_TILT_DEGREES, MAX_TILT_DEGREES))
    scale = side / face.side
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, scale)
    reach = np.abs(matrix[:, :2]) @ (width / 2, height / 2)
    room = np.maximum(np.array([WIDTH, HEIGHT]) / 2 - reach, 0)
    matrix[:, 2] += np.array([WIDTH, HEIGHT]) / 2 + random.uniform(-room, room) - (width / 2, height / 2)
    pixels = _between_pixel_centres(matrix)
    _draw(image, picture, pixels)
    x, y = matrix[:, :2] @ (face.x, face.y) + matrix[:, 2]
    return PastedFace(image, FacePose(float(x), float(y), side, -math.radians(tilt)), pixels)


def _opacity(width: int, height: int) -> np.ndarray:
    """How much of a head shows, uint8 (height, width): all in its middle, nothing at its edge."""
    x = np.abs((np.arange(width) + 0.5) / width * 2 - 1)
    y = np.abs((np.arange(height) + 0.5) / height * 2 - 1)[:, None]
    distance = (x**ROUNDNESS + y**ROUNDNESS) ** (1 / ROUNDNESS)
    share = ((1 - distance) / FADES).clip(0, 1)
    return np.rint(255 * share**2 * (3 - 2 * share)).astype(np.uint8)


def _draw(image: np.ndarray, picture: np.ndarray, matrix: np.ndarray) -> None:
    """Lay a face picture and what is around it over that part of the image that they reach."""
    head, around = _head(picture)
    height, width = head.shape[:2]
    matrix = matrix.copy()
    matrix[:, 2] -= matrix[:, :2] @ (around, around)
    middle = matrix @ ((width - 1) / 2, (height - 1) / 2, 1)
    reach = np.abs(matrix[:, :2]) @ (width / 2, height / 2)
    x1, y1 = np.floor(middle - reach).clip(0, (WIDTH, HEIGHT)).astype(int)
    x2, y2 = (np.ceil(middle + reach) + 1).clip(0, (WIDTH, HEIGHT)).astype(int)
    moved = matrix - np.array([[0, 0, x1], [0, 0, y1]])
    blend_warped(image[y1:y2, x1:x2], head, moved, _opacity(width, height))


def _head(picture: np.ndarray) -> tuple[np.ndarray, int]:
    """The picture with something around it, and how many pixels of that there are at each side."""
    side = min(picture.shape[:2])
    around = round(AROUND * side)
    larger = cv2.copyMakeBorder(picture, around, around, around, around, cv2.BORDER_REPLICATE)
    head = cv2.GaussianBlur(larger, (0, 0), BLUR * side)
    head[around:-around, around:-around] = picture
    return head, around


def _between_pixel_centres(matrix: np.ndarray) -> np.ndarray:
    """A map of distances from the edge as one of pixels, whose centres lie at half numbers from it."""
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return moved


def _random(seed: int, picture: np.ndarray) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}:{picture.shape}".encode() + picture.tobytes()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
