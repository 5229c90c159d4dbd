"""Pictures of faces for synthetic scenes: the portraits of the demo, or images of a folder or archive."""

from __future__ import annotations

import heapq
import io
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from zlib import crc32

import cv2
import numpy as np

from app.domain import Box
from app.errors import UnreadableMedia
from app.vision.capture.demo import EILEEN_COLLINS, GRACE_HOPPER, read_portrait, to_sepia
from app.vision.capture.image_archive import iter_images
from app.vision.capture.image_file import read_image
from app.vision.detection.face_detector import FaceDetector

# The portraits' files, and the box of the face that YuNet detects in each.
PORTRAITS = ((EILEEN_COLLINS, Box(178, 63, 268, 176)), (GRACE_HOPPER, Box(183, 120, 353, 333)))
# Height of a portrait's crop in heights of the face, and its width over its height.
CROP_HEIGHT_FACES = 1.7
CROP_ASPECT = 0.8
# Smaller images are enlarged to this shorter side, so that the detector finds the face.
MIN_SIDE_PX = 160
# Images tried per picture that is needed; some show no face or several.
CANDIDATES_PER_PICTURE = 6


@dataclass(frozen=True, slots=True)
class FacePicture:
    """An RGB uint8 image, shape (height, width, 3), and the box of its face."""

    image: np.ndarray
    face: Box


def portrait_pictures() -> list[FacePicture]:
    """Eight pictures of two people in turn: as they are, mirrored, and both in sepia.

    Raises:
        UnreadableMedia: the file of a portrait is missing or damaged.
    """
    pictures = [_crop(read_portrait(file), face) for file, face in PORTRAITS]
    pictures += [_mirror(picture) for picture in pictures]
    return pictures + [FacePicture(to_sepia(picture.image), picture.face) for picture in pictures]


def pictures_in(path: Path, count: int, detector: FaceDetector) -> list[FacePicture]:
    """Select images of a folder or tar archive with exactly one detected face; always the same ones.

    If the images lie in sub-folders, such as one per expression, neighbours come from different ones.

    Raises:
        UnreadableMedia: `path` is neither a folder nor an archive, or has too few such images.
    """
    found: list[FacePicture] = []
    for content in _shuffled(path, CANDIDATES_PER_PICTURE * count):
        picture = _single_face(content, detector)
        if picture:
            found.append(picture)
        if len(found) == count:
            return found
    raise UnreadableMedia(f"{str(path)!r} has {len(found)} images of a single face, {count} are needed; give another")


def _shuffled(path: Path, count: int) -> list[bytes]:
    """Images selected and ordered by a hash of their names, from each sub-folder in turn."""
    chosen = heapq.nsmallest(count, iter_images(path), key=lambda entry: crc32(entry[0].encode()))
    folders: dict[str, list[bytes]] = {}
    for name, content in chosen:
        folders.setdefault(name.rpartition("/")[0], []).append(content)
    turns = zip_longest(*folders.values())
    return [content for turn in turns for content in turn if content is not None]


def _single_face(content: bytes, detector: FaceDetector) -> FacePicture | None:
    """The image if the detector finds one face in it."""
    try:
        image = read_image(io.BytesIO(content))
    except UnreadableMedia:
        return None
    scale = max(1.0, MIN_SIDE_PX / min(image.shape[:2]))
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    faces = detector.detect(image)
    return FacePicture(image, faces[0].box) if len(faces) == 1 else None


def _crop(image: np.ndarray, face: Box) -> FacePicture:
    """The part of a portrait around its face."""
    (x, y), side = face.center, CROP_HEIGHT_FACES * face.height
    left, top = max(0, round(x - CROP_ASPECT * side / 2)), max(0, round(y - side / 2))
    part = image[top : round(y + side / 2), left : round(x + CROP_ASPECT * side / 2)]
    return FacePicture(part, Box(face.x1 - left, face.y1 - top, face.x2 - left, face.y2 - top))


def _mirror(picture: FacePicture) -> FacePicture:
    width, face = picture.image.shape[1], picture.face
    return FacePicture(picture.image[:, ::-1], Box(width - face.x2, face.y1, width - face.x1, face.y2))
