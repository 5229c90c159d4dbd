"""Tell the landmarks of faces, and which faces are none, by the network trained here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from app.domain import Face
from app.vision.face_frame import FIVE, FaceFrame, has_landmarks
from app.vision.modelcard import described, patch_spec
from app.vision.patch import PatchSpec, moved_by, patch_matrix
from app.vision.patch_network import PatchNetwork

FOLDER = "landmarks"
# Score of a face of which all is seen: of 300 such ones of three sets one in a hundred has less, of faces behind pillars
# or masks most that are covered by a third or more.
WHOLE = 0.999
SAME = 0.5  # overlap of two boxes that are of one face


@dataclass(frozen=True, slots=True)
class LandmarkCard:
    """What `card.json` says of a landmark network.

    Attributes:
        points: Names of the landmarks in the order of the outputs; left and right are the subject's own.
        score: Least score of a face.
    """

    title: str
    patch: PatchSpec
    points: tuple[str, ...]
    score: float
    files: Mapping[str, str]
    folder: Path


def read_landmark_card(folder: Path) -> LandmarkCard:
    """The card in a landmark network's folder.

    Raises:
        ModelError: it is missing, or lacks or distorts something.
    """
    return described(folder, lambda content: _card(content, folder))


class Reads(Protocol):
    """A network that reads patches of faces."""

    def read(self, image: np.ndarray, frames: Sequence[FaceFrame]) -> np.ndarray:
        """Outputs of every face of a picture, float32 (n, outputs)."""


class LandmarkNetwork:
    """Follows faces by their landmarks, as `follow.Follower` asks for it."""

    def __init__(self, card: LandmarkCard, network: Reads | None = None) -> None:
        """Load the network.

        Args:
            network: Instead of the one that the card speaks of.
        Raises:
            ModelError: the network is missing, altered, or does not fit its card.
        """
        self.card = card
        self._network = network or PatchNetwork(card, card.patch, 2 * len(card.points) + 1)
        self._least_logit = _logit(card.score)
        five = [card.points.index(name) for name in FIVE]
        self._order = [*five, *(index for index in range(len(card.points)) if index not in five)]

    def found(self, image: np.ndarray, faces: Sequence[Face]) -> list[Face]:
        """Those of the faces that a detector found which are faces, with their landmarks and the box around these.

        Who is covered in part keeps the box: landmarks of what is not seen are guessed, or are another one's.
        """
        marked = zip(faces, self._marked(image, faces), strict=True)
        return [replace(near, box=face.box) if near.covered else near for face, near in marked if near is not None]

    def follow(self, image: np.ndarray, faces: Sequence[Face]) -> list[Face | None]:
        """Each face with its landmarks and the box around these; None where there is none or a part is covered.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: Near where they are. Where the landmarks of one are not known, they all are looked at twice.
        """
        return [None if near is None or near.covered else near for near in self._marked(image, faces)]

    def refined(self, image: np.ndarray, frames: Sequence[FaceFrame]) -> tuple[np.ndarray, np.ndarray]:
        """As `read`, but looks twice, the second time upright and from the right distance."""
        points, _ = self.read(image, frames)
        return self.read(image, [self._frame(one) for one in points])

    def points_near(self, image: np.ndarray, frame: FaceFrame) -> np.ndarray | None:
        """The landmarks of the face that is near a frame, as `Face.points` has them; None where there is none."""
        points, logits = self.refined(image, [frame])
        return points[0][self._order] if logits[0] >= self._least_logit else None

    def read(self, image: np.ndarray, frames: Sequence[FaceFrame]) -> tuple[np.ndarray, np.ndarray]:
        """Landmarks of faces in pixels, float32 (n, points, 2) in the card's order, and the logits of their scores."""
        answers = self._network.read(image, frames)
        half = self.card.patch.size / 2
        places = answers[:, :-1].reshape(len(frames), len(self.card.points), 2) * half + half - 0.5
        back = [cv2.invertAffineTransform(patch_matrix(frame, self.card.patch)) for frame in frames]
        points = [moved_by(matrix, one) for matrix, one in zip(back, places, strict=True)]
        return np.array(points, np.float32).reshape(places.shape), answers[:, -1]

    def _frame(self, points: np.ndarray) -> FaceFrame:
        return FaceFrame.of_points(points[self._order])

    def _marked(self, image: np.ndarray, faces: Sequence[Face]) -> list[Face | None]:
        """Each face by its landmarks; None where there is none."""
        known = all(has_landmarks(face) for face in faces)
        look = self.read if known else self.refined
        answers = zip(faces, *look(image, [FaceFrame.of(face) for face in faces]), strict=True)
        near = [self._face(face, own, logit) if logit >= self._least_logit else None for face, own, logit in answers]
        others = _on_anothers(near, faces)
        return [replace(face, covered=True) if face and index in others else face for index, face in enumerate(near)]

    def _face(self, face: Face, points: np.ndarray, logit: float) -> Face:
        covered = bool(logit < _logit(WHOLE))
        return replace(face, box=self._frame(points).box, points=points[self._order], covered=covered)


def _on_anothers(near: Sequence[Face | None], expected: Sequence[Face]) -> set[int]:
    """Indices of those whose landmarks lie on another one's face: of two on one face, who was expected farther off."""
    on_anothers = set()
    for first, second in combinations([index for index, face in enumerate(near) if face], 2):
        one, other = near[first], near[second]
        if one and other and one.box.overlap(other.box) > SAME:
            nearer = one.box.overlap(expected[first].box) >= other.box.overlap(expected[second].box)
            on_anothers.add(second if nearer else first)
    return on_anothers


def _card(content: Mapping[str, Any], folder: Path) -> LandmarkCard:
    card = LandmarkCard(
        content.get("title", content["name"]),
        patch_spec(content["patch"]),
        tuple(content["points"]),
        float(content["score"]),
        dict(content["files"]),
        folder,
    )
    if content["kind"] != "landmarks":
        raise ValueError(f"kind {content['kind']!r} is no landmark network")
    missing = [name for name in FIVE if name not in card.points]
    if missing or len(set(card.points)) != len(card.points):
        raise ValueError(f"points lack {', '.join(missing) or 'names of their own'}")
    if not 0 < card.score < 1:
        raise ValueError(f"score {card.score} is not between 0 and 1")
    return card


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
