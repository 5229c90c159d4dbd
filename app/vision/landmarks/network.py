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
from app.vision.inference.crop_model import LiteRtCropModel
from app.vision.inference.face_crop import PatchSpec, patch_matrix, transform_points
from app.vision.inference.face_pose import FIVE_POINTS, FacePose, has_landmarks
from app.vision.inference.model_card import parse_card, parse_patch_spec

FOLDER = "landmarks"
# Less than such a share of a face's usual logit tells that something covers a part of it. The usual one begins at the
# first, at most at what two in a hundred of 300 whole faces of three sets have less than, and goes towards each new one
# by such a share, by less where a part is covered: who puts on a mask is as usual after some time.
COVERED, USUAL, LEARNS, LEARNS_COVERED = 0.75, 10.0, 0.1, 0.01
SAME = 0.5  # overlap of two boxes that are of one face
NEAR = 2.0  # within so many of its heights somebody who comes out from behind something may be expected


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
    return parse_card(folder, lambda content: _card(content, folder))


class Reads(Protocol):
    """A network that reads patches of faces."""

    def read(self, image: np.ndarray, frames: Sequence[FacePose]) -> np.ndarray:
        """Outputs of every face of a picture, float32 (n, outputs)."""


class LandmarkNetwork:
    """Follows faces by their landmarks, as `follow.LandmarkTracker` asks for it."""

    def __init__(self, card: LandmarkCard, network: Reads | None = None) -> None:
        """Load the network.

        Args:
            network: Instead of the one that the card speaks of.
        Raises:
            ModelError: the network is missing, altered, or does not fit its card.
        """
        self.card = card
        self._network = network or LiteRtCropModel(card, card.patch, 2 * len(card.points) + 1)
        self._least_logit = _logit(card.score)
        five = [card.points.index(name) for name in FIVE_POINTS]
        self._order = [*five, *(index for index in range(len(card.points)) if index not in five)]

    def confirm_detections(self, image: np.ndarray, faces: Sequence[Face], known: Sequence[Face] = ()) -> list[Face]:
        """Those of the faces that a detector found which are faces, with their landmarks and the box around these.

        Who is covered in part keeps the box: landmarks of what is not seen are guessed, or are another one's. Who is
        known and still is there although the detector found nobody near comes last.

        Args:
            image: RGB uint8, shape (height, width, 3).
            known: Where motion leads those who were found before; one look is enough where landmarks are expected.
        """
        missed = [one for one in known if one.is_trackable and not any(one.box.iou(face.box) for face in faces)]
        near = self._near(image, [*(_as_known(face, known) for face in faces), *missed])
        boxes = [face.box for face in faces]
        kept = [
            replace(own, box=box) if own.occluded else own
            for box, own in zip(boxes, near[: len(faces)], strict=True)
            if own is not None
        ]
        return kept + [own for own in near[len(faces) :] if own is not None and not own.occluded]

    def track(self, image: np.ndarray, faces: Sequence[Face]) -> list[Face | None]:
        """Each face with its landmarks and the box around these; None where there is none or a part is covered.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: Near where they are. Those whose landmarks are not known are looked at twice.
        """
        return [None if own is None or own.occluded else own for own in self._near(image, faces)]

    def predict_refined(self, image: np.ndarray, frames: Sequence[FacePose]) -> tuple[np.ndarray, np.ndarray]:
        """As `read`, but looks twice, the second time upright and from the right distance."""
        points, _ = self.read(image, frames)
        return self.read(image, [self._frame(one) for one in points])

    def detect_points(self, image: np.ndarray, frame: FacePose) -> np.ndarray | None:
        """The landmarks of the face that is near a frame, as `Face.points` has them; None where there is none."""
        points, logits = self.predict_refined(image, [frame])
        return points[0][self._order] if logits[0] >= self._least_logit else None

    def read(self, image: np.ndarray, frames: Sequence[FacePose]) -> tuple[np.ndarray, np.ndarray]:
        """Landmarks of faces in pixels, float32 (n, points, 2) in the card's order, and the logits of their scores."""
        answers = self._network.read(image, frames)
        half = self.card.patch.size / 2
        places = answers[:, :-1].reshape(len(frames), len(self.card.points), 2) * half + half - 0.5
        back = [cv2.invertAffineTransform(patch_matrix(frame, self.card.patch)) for frame in frames]
        points = [transform_points(matrix, one) for matrix, one in zip(back, places, strict=True)]
        return np.array(points, np.float32).reshape(places.shape), answers[:, -1]

    def _frame(self, points: np.ndarray) -> FacePose:
        return FacePose.from_points(points[self._order])

    def _near(self, image: np.ndarray, faces: Sequence[Face]) -> list[Face | None]:
        """Each face by its landmarks; None where there is none."""
        answers = zip(faces, *self.read(image, self._frames(image, faces)), strict=True)
        near = [self._marked(face, own, logit) if logit >= self._least_logit else None for face, own, logit in answers]
        others = _on_anothers(near, faces)
        return [replace(own, occluded=True) if own and index in others else own for index, own in enumerate(near)]

    def _frames(self, image: np.ndarray, faces: Sequence[Face]) -> list[FacePose]:
        """Where to look for landmarks: where they are expected, else where a first look finds them."""
        frames = [FacePose.from_face(face) for face in faces]
        unknown = [index for index, face in enumerate(faces) if not has_landmarks(face)]
        points, _ = self.read(image, [frames[index] for index in unknown])
        for index, own in zip(unknown, points, strict=True):
            frames[index] = self._frame(own)
        return frames

    def _marked(self, face: Face, points: np.ndarray, logit: float) -> Face:
        usual = min(USUAL, float(logit)) if face.landmark_confidence_ema is None else face.landmark_confidence_ema
        occluded = bool(logit < COVERED * usual)
        landmark_confidence_ema = usual + (LEARNS_COVERED if occluded else LEARNS) * (float(logit) - usual)
        box, points = self._frame(points).box, points[self._order]
        return replace(face, box=box, points=points, landmark_confidence_ema=landmark_confidence_ema, occluded=occluded)


def _as_known(face: Face, known: Sequence[Face]) -> Face:
    """A face that a detector found, with what is known of the one that is expected there or not far off."""
    near = min(known, key=lambda one: _apart(one, face), default=face)
    points = near.points if near.box.iou(face.box) > SAME and not near.occluded else None
    return replace(
        face, points=points, landmark_confidence_ema=near.landmark_confidence_ema if _apart(near, face) < NEAR else None
    )


def _apart(one: Face, other: Face) -> float:
    """How far from one face another one is, in its sides."""
    return math.dist(one.box.center, other.box.center) / max(1.0, one.box.height)


def _on_anothers(near: Sequence[Face | None], expected: Sequence[Face]) -> set[int]:
    """Indices of those whose landmarks lie on another one's face: of two on one face, who was expected farther off."""
    on_anothers = set()
    for first, second in combinations([index for index, face in enumerate(near) if face], 2):
        one, other = near[first], near[second]
        if one and other and one.box.iou(other.box) > SAME:
            nearer = one.box.iou(expected[first].box) >= other.box.iou(expected[second].box)
            on_anothers.add(second if nearer else first)
    return on_anothers


def _card(content: Mapping[str, Any], folder: Path) -> LandmarkCard:
    card = LandmarkCard(
        content.get("title", content["name"]),
        parse_patch_spec(content["patch"]),
        tuple(content["points"]),
        float(content["score"]),
        dict(content["files"]),
        folder,
    )
    if content["kind"] != "landmarks":
        raise ValueError(f"kind {content['kind']!r} is no landmark network")
    missing = [name for name in FIVE_POINTS if name not in card.points]
    if missing or len(set(card.points)) != len(card.points):
        raise ValueError(f"points lack {', '.join(missing) or 'names of their own'}")
    if not 0 < card.score < 1:
        raise ValueError(f"score {card.score} is not between 0 and 1")
    return card


def _logit(share: float) -> float:
    return math.log(share / (1 - share))
