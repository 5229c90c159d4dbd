"""Pictures of faces to compose scenes of: the two portraits of the demo, or those of a folder or archive."""

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
from app.vision.capture.image_source import read_image
from app.vision.detection.face_detector import FaceDetector

# The portraits' files and where YuNet finds the face in each.
PORTRAITS = ((EILEEN_COLLINS, Box(178, 63, 268, 176)), (GRACE_HOPPER, Box(183, 120, 353, 333)))
AROUND = 1.7  # sides of a portrait's cut in sides of the face
LARGE_ENOUGH = 160  # shorter side in pixels that small pictures are enlarged to
TRIES = 6  # pictures looked at for each that is wanted


@dataclass(frozen=True, slots=True)
class FacePicture:
    """A picture, RGB uint8, and where in it the face is."""

    picture: np.ndarray
    face: Box


def portrait_looks() -> list[FacePicture]:
    """Eight: two people, each as in a mirror too, and all of these as old photos; two neighbours are two people.

    Raises:
        UnreadableMedia: the file of a portrait is missing or damaged.
    """
    people = [_cut(read_portrait(file), face) for file, face in PORTRAITS]
    people += [_mirrored(look) for look in people]
    return people + [FacePicture(to_sepia(look.picture), look.face) for look in people]


def looks_in(path: Path, count: int, detector: FaceDetector) -> list[FacePicture]:
    """So many pictures of a folder or tar archive in which the detector finds one face, the same ones every time.

    Where the pictures lie in folders, neighbours are of two of them: of two expressions, say.

    Raises:
        UnreadableMedia: it is neither a folder nor an archive, or shows too few faces.
    """
    looks: list[FacePicture] = []
    for content in _mixed(path, TRIES * count):
        look = _look(content, detector)
        if look:
            looks.append(look)
        if len(looks) == count:
            return looks
    raise UnreadableMedia(f"{str(path)!r} shows {len(looks)} single faces where {count} are wanted; give another one")


def _mixed(path: Path, count: int) -> list[bytes]:
    """Pictures chosen and ordered by a hash of their names, in turns from every folder."""
    chosen = heapq.nsmallest(count, iter_images(path), key=lambda named: crc32(named[0].encode()))
    folders: dict[str, list[bytes]] = {}
    for name, content in chosen:
        folders.setdefault(name.rpartition("/")[0], []).append(content)
    turns = zip_longest(*folders.values())
    return [content for turn in turns for content in turn if content is not None]


def _look(content: bytes, detector: FaceDetector) -> FacePicture | None:
    """The one face of a picture, or None."""
    try:
        picture = read_image(io.BytesIO(content))
    except UnreadableMedia:
        return None
    scale = max(1.0, LARGE_ENOUGH / min(picture.shape[:2]))
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    faces = detector.detect(picture)
    return FacePicture(picture, faces[0].box) if len(faces) == 1 else None


def _cut(picture: np.ndarray, face: Box) -> FacePicture:
    """The part of a portrait around its face, where the face keeps its place."""
    (x, y), side = face.center, AROUND * face.height
    left, top = max(0, round(x - 0.8 * side / 2)), max(0, round(y - side / 2))
    part = picture[top : round(y + side / 2), left : round(x + 0.8 * side / 2)]
    return FacePicture(part, Box(face.x1 - left, face.y1 - top, face.x2 - left, face.y2 - top))


def _mirrored(look: FacePicture) -> FacePicture:
    width, face = look.picture.shape[1], look.face
    return FacePicture(look.picture[:, ::-1], Box(width - face.x2, face.y1, width - face.x1, face.y2))
