"""Crop training patches from images of single faces: the whole image, or the face aligned by its landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from app.paths import resource
from app.settings import Settings
from app.vision.detection import anchor_free_detector
from app.vision.detection.face_detector import FaceDetector, build_detector
from app.vision.inference.face_crop import PatchSpec, crop_face, patch_matrix, whole_image_pose
from app.vision.inference.face_pose import FacePose
from app.vision.landmarks import network
from app.vision.landmarks.network import LandmarkNetwork, read_landmark_card
from training.samples.sample import Sample

MODELS = resource("models")
NETWORK_FOLDERS = (network.FOLDER, anchor_free_detector.FOLDER)  # the networks that locate a face
# Landmarks that place the face this far from its expected place are rejected; wide enough for a detector's error.
MAX_SHIFT_FACE_SIDES = 0.3
MAX_SCALE_FACTOR = 1.5


class FaceAligner:
    """Locates the face of an image with the same networks as the app."""

    def __init__(self, models: Path = MODELS) -> None:
        """Load the networks. Without a detector, only images whose framing is known are aligned reliably.

        Raises:
            ModelError: the landmark network is missing, or a network is altered or does not fit its card.
        """
        self._landmarks = LandmarkNetwork(read_landmark_card(models / network.FOLDER))
        has_detector = (models / anchor_free_detector.FOLDER).is_dir()
        self._detector: FaceDetector | None = (
            build_detector(replace(Settings(), models=str(models))) if has_detector else None
        )

    def face_pose(self, sample: Sample, spec: PatchSpec) -> FacePose:
        """The pose by the landmarks if they are detected near the expected place, else the expected pose."""
        expected = self._expected_pose(sample, spec)
        points = self._detect_points(sample, expected)
        return expected if points is None else FacePose.from_points(points)

    def face_points(self, sample: Sample, spec: PatchSpec) -> np.ndarray | None:
        """Landmarks in pixels, shape (15, 2), in the order of `Face.points`; None if they are not detected."""
        return self._detect_points(sample, self._expected_pose(sample, spec))

    def _detect_points(self, sample: Sample, expected: FacePose) -> np.ndarray | None:
        points = self._landmarks.detect_points(sample.image, expected)
        return points if points is not None and _is_near(FacePose.from_points(points), expected) else None

    def _expected_pose(self, sample: Sample, spec: PatchSpec) -> FacePose:
        """The pose by the framing of the data set; without a framing, that of the largest detection."""
        found = self._detector.detect(sample.image) if self._detector and sample.framing is None else []
        if not found:
            return nominal_pose(sample, spec)
        return FacePose.from_box(max(found, key=lambda face: face.box.area).box)


def face_patches(samples: Sequence[Sample], spec: PatchSpec, models: Path = MODELS) -> np.ndarray:
    """The patch of each image, uint8 (n, *spec.shape), aligned if the spec asks for it.

    Args:
        models: Folder of the networks that locate a face.
    Raises:
        ModelError: as for `FaceAligner`, if the spec asks for alignment.
    """
    return crop_patches(face_poses(samples, spec, models), samples, spec)


def face_poses(samples: Sequence[Sample], spec: PatchSpec, models: Path = MODELS) -> list[FacePose]:
    """The pose by which `face_patches` crops each image."""
    pose_of = FaceAligner(models).face_pose if spec.aligned else nominal_pose
    return [pose_of(sample, spec) for sample in samples]


def crop_patches(poses: Sequence[FacePose], samples: Sequence[Sample], spec: PatchSpec) -> np.ndarray:
    """The patch of each image at a given pose, uint8 (n, *spec.shape)."""
    patches = [crop_face(sample.image, pose, spec) for pose, sample in zip(poses, samples, strict=True)]
    return np.array(patches, np.uint8).reshape(-1, *spec.shape)


def padding_masks(poses: Sequence[FacePose], samples: Sequence[Sample], spec: PatchSpec) -> np.ndarray:
    """Which pixels of these patches are padding beyond the edge of the image, uint8 (n, size, size): 255 fully."""
    masks = [padding_mask(sample.image, pose, spec) for pose, sample in zip(poses, samples, strict=True)]
    return np.array(masks, np.uint8).reshape(-1, spec.size, spec.size)


def padding_mask(image: np.ndarray, pose: FacePose, spec: PatchSpec) -> np.ndarray:
    """As `padding_masks` of one image, uint8 (size, size)."""
    inside = cv2.warpAffine(np.full(image.shape[:2], 255, np.uint8), patch_matrix(pose, spec), (spec.size, spec.size))
    return np.asarray(255 - inside, np.uint8)


def nominal_pose(sample: Sample, spec: PatchSpec) -> FacePose:
    """The pose by the framing of the data set; without a framing, the one whose patch shows the whole image."""
    height, width = sample.image.shape[:2]
    return whole_image_pose(width, height, sample.framing or spec)


def _is_near(pose: FacePose, expected: FacePose) -> bool:
    shift = np.hypot(pose.x - expected.x, pose.y - expected.y) / expected.side
    factor = pose.side / expected.side
    return bool(shift <= MAX_SHIFT_FACE_SIDES and 1 / MAX_SCALE_FACTOR <= factor <= MAX_SCALE_FACTOR)
