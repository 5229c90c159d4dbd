"""Paste a face image into a full frame at a random size, place and tilt, with soft edges."""

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

WIDTH = 1280  # pixels of the frame
HEIGHT = 720
FACE_SIDE_RANGE_PX = 60.0, 300.0  # mean of the sides of the face box
MAX_TILT_DEGREES = 20.0
# Data-set images end at the face. The head around it is filled with the colours of their edge, blurred.
BORDER_FRACTION = 0.3  # width of that border, in sides of the image
BORDER_BLUR_FRACTION = 0.1  # standard deviation of its blur, in sides of the image
ROUNDNESS = 2.2  # exponent of the superellipse that is pasted; 2 is an ellipse
FADE_FRACTION = 0.2  # of the radius, over which the edge fades out


@dataclass(frozen=True, slots=True)
class PastedFace:
    """A face in a full frame.

    Attributes:
        image: RGB uint8, shape (HEIGHT, WIDTH, 3).
        face: Its pose in `image`.
        matrix: Affine map from pixels of the face image to pixels of `image`, shape (2, 3).
    """

    image: np.ndarray
    face: FacePose
    matrix: np.ndarray

    def recrop(self, width: int, height: int) -> np.ndarray:
        """Warp the face image of this size back out of the frame, RGB uint8 (height, width, 3)."""
        scale = math.hypot(self.matrix[0, 0], self.matrix[0, 1])
        smooth = self.image if scale <= 1 else cv2.GaussianBlur(self.image, (0, 0), 0.4 * scale)  # against aliasing
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(smooth, self.matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)


def paste_face(source: np.ndarray, face: FacePose, backgrounds: Backgrounds, seed: int) -> PastedFace:
    """Paste a face image into a background; all random choices depend on the seed and the image only.

    Args:
        source: RGB uint8, shape (height, width, 3).
        face: Its pose in `source`.
    """
    random = _seeded_by_image(seed, source)
    image = backgrounds.draw(random, WIDTH, HEIGHT)
    if is_grayscale(source):
        image = to_grayscale(image)
    side = float(random.uniform(*FACE_SIDE_RANGE_PX))
    tilt = float(random.uniform(-MAX_TILT_DEGREES, MAX_TILT_DEGREES))
    matrix = _placement(source, side / face.side, tilt, random)
    pixel_matrix = _between_pixel_centres(matrix)
    _draw(image, source, pixel_matrix)
    x, y = matrix[:, :2] @ (face.x, face.y) + matrix[:, 2]
    return PastedFace(image, FacePose(float(x), float(y), side, -math.radians(tilt)), pixel_matrix)


def _placement(source: np.ndarray, scale: float, tilt: float, random: np.random.Generator) -> np.ndarray:
    """Affine map (2, 3) that puts the image at a random place where it fits into the frame."""
    height, width = source.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, scale)
    reach = np.abs(matrix[:, :2]) @ (width / 2, height / 2)
    room = np.maximum(np.array([WIDTH, HEIGHT]) / 2 - reach, 0)
    matrix[:, 2] += np.array([WIDTH, HEIGHT]) / 2 + random.uniform(-room, room) - (width / 2, height / 2)
    return matrix


def _opacity(width: int, height: int) -> np.ndarray:
    """Opacity of the pasted head, uint8 (height, width): 255 in its middle, 0 at its edge."""
    x = np.abs((np.arange(width) + 0.5) / width * 2 - 1)
    y = np.abs((np.arange(height) + 0.5) / height * 2 - 1)[:, None]
    distance = (x**ROUNDNESS + y**ROUNDNESS) ** (1 / ROUNDNESS)
    alpha = ((1 - distance) / FADE_FRACTION).clip(0, 1)
    return np.rint(255 * alpha**2 * (3 - 2 * alpha)).astype(np.uint8)


def _draw(image: np.ndarray, source: np.ndarray, matrix: np.ndarray) -> None:
    """Blend a face image and its border into the part of the frame that they cover."""
    head, border = _with_border(source)
    height, width = head.shape[:2]
    matrix = matrix.copy()
    matrix[:, 2] -= matrix[:, :2] @ (border, border)
    centre = matrix @ ((width - 1) / 2, (height - 1) / 2, 1)
    reach = np.abs(matrix[:, :2]) @ (width / 2, height / 2)
    x1, y1 = np.floor(centre - reach).clip(0, (WIDTH, HEIGHT)).astype(int)
    x2, y2 = (np.ceil(centre + reach) + 1).clip(0, (WIDTH, HEIGHT)).astype(int)
    shifted = matrix - np.array([[0, 0, x1], [0, 0, y1]])
    blend_warped(image[y1:y2, x1:x2], head, shifted, _opacity(width, height))


def _with_border(source: np.ndarray) -> tuple[np.ndarray, int]:
    """The image with a border of its blurred edge colours, and the width of the border in pixels."""
    side = min(source.shape[:2])
    border = round(BORDER_FRACTION * side)
    larger = cv2.copyMakeBorder(source, border, border, border, border, cv2.BORDER_REPLICATE)
    head = cv2.GaussianBlur(larger, (0, 0), BORDER_BLUR_FRACTION * side)
    head[border:-border, border:-border] = source
    return head, border


def _between_pixel_centres(matrix: np.ndarray) -> np.ndarray:
    """Convert an affine map of edge distances to one of pixel indexes; the centre of pixel 0 is at 0.5."""
    converted = matrix.copy()
    converted[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    return converted


def _seeded_by_image(seed: int, image: np.ndarray) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}:{image.shape}".encode() + image.tobytes()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
