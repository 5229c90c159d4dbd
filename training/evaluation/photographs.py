"""Find the faces of a photograph as the app does, crop them for a network, and read them with one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.attributes.output_head import Head
from app.domain import Face
from app.errors import UnreadableMedia
from app.paths import ASSETS
from app.settings import Settings
from app.vision.capture.image_file import read_image
from app.vision.detection.face_detector import build_detector
from app.vision.inference.face_crop import PatchSpec, crop_face, patch_matrix, transform_points
from app.vision.inference.face_pose import FacePose
from app.vision.landmarks.landmark_tracking import load_landmark_tracker
from training.samples.framing import denormalize_points
from training.tasks.attributes.batches import vary
from training.tasks.attributes.task import AttributeTask
from training.tasks.face_model import FaceModel
from training.transforms.alignment import padding_mask

DEMO_PHOTOS = tuple(ASSETS / "portraits" / name for name in ("eileen_collins.png", "grace_hopper.jpg"))
SHOWN_LABELS = 3  # of the likeliest ones


@dataclass(frozen=True, slots=True)
class FaceReading:
    """What a network says of one face of a photograph.

    Attributes:
        answers: By attribute, one row of `FaceModel.answers`; landmarks are in pixels of the photograph, (15, 2).
    """

    face: Face
    heads: Sequence[Head]
    answers: dict[str, np.ndarray]

    @property
    def line(self) -> str:
        """In words."""
        box = self.face.box
        where = f"face at {box.x1:.0f}, {box.y1:.0f} of {box.width:.0f} x {box.height:.0f} pixels"
        return f"{where}: {'; '.join(_words(head, self.answers[head.attribute]) for head in self.heads)}"

    @property
    def values(self) -> dict[str, Any]:
        """As plain values."""
        box = [round(value, 1) for value in (self.face.box.x1, self.face.box.y1, self.face.box.x2, self.face.box.y2)]
        return {"box": box, **{head.attribute: _value(head, self.answers[head.attribute]) for head in self.heads}}


def find_faces(image: np.ndarray, models: Path) -> list[Face]:
    """The faces of an RGB image, from left to right, with landmarks where a landmark network is installed.

    Args:
        models: As the app's `--models`; without a detector OpenCV's Haar cascade is used.
    """
    detector = build_detector(replace(Settings(), models=str(models)))
    found = load_landmark_tracker(str(models)).confirm_detections(image, detector.detect(image))
    return sorted(found, key=lambda face: face.box.x1)


def face_patch(image: np.ndarray, face: Face, spec: PatchSpec) -> np.ndarray:
    """The patch of a face, uint8 of `spec.shape`, as training and the app cut it."""
    return crop_face(image, FacePose.from_face(face), spec)


def read_photograph(file: Path, model: FaceModel, models: Path) -> list[FaceReading]:
    """What a network says of each face of a photograph.

    Raises:
        UnreadableMedia: the file is missing or no picture.
    """
    image = read_image(file)
    faces = find_faces(image, models)
    if not faces:
        return []
    answers = model.answers(np.stack([face_patch(image, face, model.patch) for face in faces]))
    readings = []
    for index, face in enumerate(faces):
        own = {name: rows[index] for name, rows in answers.items()}
        if "landmarks" in own:
            own["landmarks"] = _points_in_image(own["landmarks"], face, model.patch)
        readings.append(FaceReading(face, model.heads, own))
    return readings


def vary_faces(
    task: AttributeTask, photos: Sequence[Path], models: Path, count: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The patches of the faces of photographs, and random variations of them as they are trained on.

    Args:
        photos: Files; those of the demo where there is none.
        count: Variations of each face.
    Returns:
        uint8 (faces, *patch) and (count, faces, *patch).
    Raises:
        UnreadableMedia: a file is no picture, or there is no face in any.
    """
    found = [(image, face) for image in map(read_image, photos or DEMO_PHOTOS) for face in find_faces(image, models)]
    if not found:
        raise UnreadableMedia("no face was found in these photos; give one with a larger face")
    patches = np.stack([face_patch(image, face, task.patch) for image, face in found])
    outside = np.stack([padding_mask(image, FacePose.from_face(face), task.patch) for image, face in found])
    random = np.random.default_rng(seed)
    return patches, np.stack([vary(task.augmentation, patches, outside, {}, random)[0] for _ in range(count)])


def _points_in_image(row: np.ndarray, face: Face, patch: PatchSpec) -> np.ndarray:
    """Landmarks of a patch, 0 at its centre and 1 at its edge, in pixels of the image, float64 (points, 2)."""
    pixels = denormalize_points(row.reshape(-1, 2), np.empty(patch.shape))
    return transform_points(cv2.invertAffineTransform(patch_matrix(FacePose.from_face(face), patch)), pixels)


def _words(head: Head, answer: np.ndarray) -> str:
    if head.attribute == "landmarks":
        return f"{len(answer)} landmarks"
    if head.kind in ("value", "bins"):
        interval = f" ({answer[1]:.0f} to {answer[2]:.0f})" if len(answer) > 1 else ""
        return f"{head.attribute} {answer[0]:.1f}{interval}"
    order = np.argsort(-answer)[:SHOWN_LABELS]
    return f"{head.attribute} " + ", ".join(f"{head.labels[index]} {answer[index]:.0%}" for index in order)


def _value(head: Head, answer: np.ndarray) -> Any:
    if head.attribute == "landmarks":
        return dict(zip(_point_names(head), answer.round(1).tolist(), strict=True))
    if head.kind in ("value", "bins"):
        return [round(float(value), 2) for value in answer]
    return {label: round(float(value), 4) for label, value in zip(head.labels, answer, strict=True)}


def _point_names(head: Head) -> Iterator[str]:
    """The labels of the head are x and y of each point."""
    return (label.removesuffix("_x") for label in head.labels[::2])
