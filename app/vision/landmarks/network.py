"""The landmark network: locates landmarks of faces, and rejects what is not a face."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.domain import Face, LandmarkTemplate
from app.numerics import logit
from app.vision.inference.crop_model import CropModel, LiteRtCropModel
from app.vision.inference.face_crop import PatchSpec, crop_faces, patch_matrix, transform_points
from app.vision.inference.face_pose import FIVE_POINTS, FacePose, has_landmarks
from app.vision.inference.model_card import parse_card, parse_patch_spec
from app.vision.landmarks.optical_flow import follow_landmarks

FOLDER = "landmarks"
# A face counts as occluded if its logit falls below this fraction of the face's running average.
OCCLUSION_LOGIT_FRACTION = 0.75
# Upper limit of the first average: 2 % of 300 unoccluded faces of three data sets have a lower logit.
MAX_FIRST_CONFIDENCE = 10.0
# Weight of a new logit in the running average; lower for occluded faces, so that occlusion becomes normal only slowly.
CONFIDENCE_WEIGHT = 0.1
CONFIDENCE_WEIGHT_OCCLUDED = 0.01
# Boxes with a higher intersection over union belong to the same face.
SAME_FACE_IOU = 0.5
# A face that reappears from behind an occluder is at most this many box heights from its predicted position.
MAX_REAPPEARANCE_HEIGHTS = 2.0


@dataclass(frozen=True, slots=True)
class LandmarkCard:
    """Contents of the `card.json` of a landmark network.

    Attributes:
        points: Names of the landmarks in output order; left and right are the subject's own.
        score: Minimum score of a face, 0 to 1.
    """

    title: str
    patch: PatchSpec
    points: tuple[str, ...]
    score: float
    files: Mapping[str, str]
    folder: Path


def read_landmark_card(folder: Path) -> LandmarkCard:
    """Read the card in a landmark network's folder.

    Raises:
        ModelError: the card is missing, incomplete or invalid.
    """
    return parse_card(folder, lambda content: _landmark_card(content, folder))


class LandmarkNetwork:
    """A `LandmarkTracker` that locates faces by their landmarks."""

    def __init__(self, card: LandmarkCard, model: CropModel | None = None) -> None:
        """Load the network.

        Args:
            model: Used instead of the model in the card's folder.
        Raises:
            ModelError: the network is missing, altered, or does not match its card.
        """
        self.card = card
        self._model = model or LiteRtCropModel(card, card.patch, 2 * len(card.points) + 1)
        self._min_logit = logit(card.score)
        first = [card.points.index(name) for name in FIVE_POINTS]
        # Card order -> order of `Face.points`.
        self._order = [*first, *(index for index in range(len(card.points)) if index not in first)]

    def confirm_detections(
        self, image: np.ndarray, detections: Sequence[Face], known: Sequence[Face] = ()
    ) -> list[Face]:
        """Keep the detections that are faces, with landmarks and the box derived from them.

        Occluded faces keep the detector's box, since landmarks of hidden parts are unreliable. Known faces that the
        detector missed but the network still sees come last.

        Args:
            image: RGB uint8, shape (height, width, 3).
            detections: In image pixels.
            known: Tracked faces at their predicted positions; their landmarks save a second pass.
        """
        missed = [
            face for face in known if face.is_trackable and not any(face.box.iou(found.box) for found in detections)
        ]
        located = self._locate(image, [*(_with_history(face, known) for face in detections), *missed])
        confirmed = [
            replace(face, box=detection.box) if face.occluded else face
            for detection, face in zip(detections, located[: len(detections)], strict=True)
            if face is not None
        ]
        return confirmed + [face for face in located[len(detections) :] if face is not None and not face.occluded]

    def track(self, image: np.ndarray, faces: Sequence[Face]) -> list[Face | None]:
        """Locate faces near their predicted positions; None for what is not a face or is occluded.

        Landmarks are followed by optical flow since the network last located them; where that is unreliable, the
        network runs.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: In image pixels. Faces without landmarks take two passes.
        """
        located = self._locate(image, faces, by_flow=True)
        return [None if face is None or face.occluded else face for face in located]

    def predict_refined(self, image: np.ndarray, poses: Sequence[FacePose]) -> tuple[np.ndarray, np.ndarray]:
        """Like `predict`, in two passes: the second one on crops aligned by the landmarks of the first."""
        points, _ = self.predict(image, poses)
        return self.predict(image, [self._pose(face_points) for face_points in points])

    def detect_points(self, image: np.ndarray, pose: FacePose) -> np.ndarray | None:
        """Landmarks of the face near a pose, float32 (points, 2) as in `Face.points`; None if there is no face."""
        points, logits = self.predict_refined(image, [pose])
        return points[0][self._order] if logits[0] >= self._min_logit else None

    def predict(self, image: np.ndarray, poses: Sequence[FacePose]) -> tuple[np.ndarray, np.ndarray]:
        """Run the network once per pose.

        Args:
            image: RGB uint8, shape (height, width, 3).
        Returns:
            Landmarks in image pixels in the card's order, float32 (n, points, 2), and face logits, float32 (n,).
        """
        points, logits = self._predict_patches(crop_faces(image, poses, self.card.patch))
        in_image = [self._to_image(one, pose) for one, pose in zip(points, poses, strict=True)]
        return np.array(in_image, np.float32).reshape(points.shape), logits

    def _predict_patches(self, patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Landmarks in pixels of the patches, float32 (n, points, 2), and face logits, float32 (n,)."""
        outputs = self._model.run_patches(patches)
        half = self.card.patch.size / 2
        points = outputs[:, :-1].reshape(len(patches), len(self.card.points), 2) * half + half - 0.5
        return points, outputs[:, -1]

    def _to_image(self, points: np.ndarray, pose: FacePose) -> np.ndarray:
        """Image pixels of points in a patch, float32 (points, 2)."""
        to_image = cv2.invertAffineTransform(patch_matrix(pose, self.card.patch))
        return transform_points(to_image, points).astype(np.float32)

    def _pose(self, points: np.ndarray) -> FacePose:
        return FacePose.from_points(points[self._order])

    def _locate(self, image: np.ndarray, faces: Sequence[Face], by_flow: bool = False) -> list[Face | None]:
        """Each face at the position of its landmarks; None if there is no face.

        Args:
            by_flow: Follow the landmarks where that is reliable, instead of running the network.
        """
        poses = self._poses(image, faces)
        patches = crop_faces(image, poses, self.card.patch)
        located = [
            self._follow(face, pose, patch) if by_flow else None
            for face, pose, patch in zip(faces, poses, patches, strict=True)
        ]
        unread = [index for index, face in enumerate(located) if face is None]
        points, scores = self._predict_patches(patches[unread])
        for index, face_points, score in zip(unread, points, scores.tolist(), strict=True):
            if score >= self._min_logit:
                template = LandmarkTemplate(patches[index], face_points)
                located[index] = self._with_landmarks(faces[index], poses[index], template, score)
        duplicates = _duplicates(located, faces)
        return [
            replace(face, occluded=True) if face and index in duplicates else face for index, face in enumerate(located)
        ]

    def _follow(self, face: Face, pose: FacePose, patch: np.ndarray) -> Face | None:
        """The face at landmarks that are followed by optical flow; None if that is unreliable."""
        points = None if face.template is None else follow_landmarks(face.template, patch)
        if points is None:
            return None
        in_image = self._to_image(points, pose)
        return face.move_to(self._pose(in_image).box, in_image[self._order])

    def _poses(self, image: np.ndarray, faces: Sequence[Face]) -> list[FacePose]:
        """Pose of each face from its known landmarks, else from those of a first pass."""
        poses = [FacePose.from_face(face) for face in faces]
        unknown = [index for index, face in enumerate(faces) if not has_landmarks(face)]
        points, _ = self.predict(image, [poses[index] for index in unknown])
        for index, face_points in zip(unknown, points, strict=True):
            poses[index] = self._pose(face_points)
        return poses

    def _with_landmarks(self, face: Face, pose: FacePose, template: LandmarkTemplate, score: float) -> Face:
        """The face at its landmarks, with updated confidence and occlusion state."""
        usual = min(MAX_FIRST_CONFIDENCE, score)
        if face.landmark_confidence_ema is not None:
            usual = face.landmark_confidence_ema
        occluded = score < OCCLUSION_LOGIT_FRACTION * usual
        weight = CONFIDENCE_WEIGHT_OCCLUDED if occluded else CONFIDENCE_WEIGHT
        confidence = usual + weight * (score - usual)
        points = self._to_image(template.points, pose)
        return Face(self._pose(points).box, face.score, points[self._order], confidence, occluded, template)


def _with_history(detection: Face, known: Sequence[Face]) -> Face:
    """The detection with landmarks and confidence of the known face at or near its position."""
    nearest = min(known, key=lambda face: _distance_heights(face, detection), default=detection)
    is_same = nearest.box.iou(detection.box) > SAME_FACE_IOU and not nearest.occluded
    is_near = _distance_heights(nearest, detection) < MAX_REAPPEARANCE_HEIGHTS
    return replace(
        detection,
        points=nearest.points if is_same else None,
        landmark_confidence_ema=nearest.landmark_confidence_ema if is_near else None,
    )


def _distance_heights(first: Face, second: Face) -> float:
    """Distance between the centres in heights of the first face."""
    return math.dist(first.box.center, second.box.center) / max(1.0, first.box.height)


def _duplicates(located: Sequence[Face | None], predicted: Sequence[Face]) -> set[int]:
    """Indices of faces whose landmarks lie on another face; of such a pair, the one predicted farther away."""
    duplicates = set()
    for first, second in combinations([index for index, face in enumerate(located) if face], 2):
        one, other = located[first], located[second]
        if one and other and one.box.iou(other.box) > SAME_FACE_IOU:
            is_first_nearer = one.box.iou(predicted[first].box) >= other.box.iou(predicted[second].box)
            duplicates.add(second if is_first_nearer else first)
    return duplicates


def _landmark_card(content: Mapping[str, Any], folder: Path) -> LandmarkCard:
    card = LandmarkCard(
        content.get("title", content["name"]),
        parse_patch_spec(content["patch"]),
        tuple(content["points"]),
        float(content["score"]),
        dict(content["files"]),
        folder,
    )
    if content["kind"] != "landmarks":
        raise ValueError(f"kind {content['kind']!r} is not a landmark network")
    missing = [name for name in FIVE_POINTS if name not in card.points]
    if missing or len(set(card.points)) != len(card.points):
        raise ValueError(f"points lack {', '.join(missing) or 'unique names'}")
    if not 0 < card.score < 1:
        raise ValueError(f"score {card.score} is not between 0 and 1")
    return card
