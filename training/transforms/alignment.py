"""Cut patches out of pictures of single faces: the whole picture, or upright as detector and landmarks say."""

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
FOLDERS = (network.FOLDER, anchor_free_detector.FOLDER)  # of the networks that say where a face is
# Landmarks that put the face elsewhere than the picture does are not believed: in sides of the face, and as a factor.
FARTHEST, LARGEST_FACTOR = 0.3, 1.5


class FaceAligner:
    """Tells where the face of a picture is, as the app would."""

    def __init__(self, models: Path = MODELS) -> None:
        """Load the networks; without a detector only pictures whose framing is known are sure to be set upright.

        Raises:
            ModelError: the landmark network is missing, or a network is altered or does not fit its card.
        """
        self._landmarks = LandmarkNetwork(read_landmark_card(models / network.FOLDER))
        known = (models / anchor_free_detector.FOLDER).is_dir()
        self._detector: FaceDetector | None = build_detector(replace(Settings(), models=str(models))) if known else None

    def frame_of(self, sample: Sample, spec: PatchSpec) -> FacePose:
        """By the landmarks where the network sees them near where the face should be, else there."""
        expected = self._expected(sample, spec)
        points = self._points(sample, expected)
        return expected if points is None else FacePose.from_points(points)

    def points_of(self, sample: Sample, spec: PatchSpec) -> np.ndarray | None:
        """The landmarks of the face, as `Face.points` has them; None where the network does not see them there."""
        return self._points(sample, self._expected(sample, spec))

    def _points(self, sample: Sample, expected: FacePose) -> np.ndarray | None:
        points = self._landmarks.detect_points(sample.image, expected)
        return points if points is not None and _is_near(FacePose.from_points(points), expected) else None

    def _expected(self, sample: Sample, spec: PatchSpec) -> FacePose:
        """Where its set has the face; of a set that frames faces anyhow the largest that the detector finds."""
        found = self._detector.detect(sample.image) if self._detector and sample.framing is None else []
        if not found:
            return nominal_frame(sample, spec)
        return FacePose.from_box(max(found, key=lambda face: face.box.area).box)


def face_patches(samples: Sequence[Sample], spec: PatchSpec, models: Path = MODELS) -> np.ndarray:
    """The patch of each picture, uint8 (n, *spec.shape), aligned where the spec asks for it.

    Args:
        models: Where the networks are that say where a face is.
    Raises:
        ModelError: as for `FaceAligner`, where the spec asks for alignment.
    """
    return crop_patches(face_frames(samples, spec, models), samples, spec)


def face_frames(samples: Sequence[Sample], spec: PatchSpec, models: Path = MODELS) -> list[FacePose]:
    """Where the face of each picture is, as `face_patches` cuts it out."""
    frame_of = FaceAligner(models).frame_of if spec.aligned else nominal_frame
    return [frame_of(sample, spec) for sample in samples]


def crop_patches(frames: Sequence[FacePose], samples: Sequence[Sample], spec: PatchSpec) -> np.ndarray:
    """The patch of each picture at the place of its face, uint8 (n, *spec.shape)."""
    patches = [crop_face(sample.image, frame, spec) for frame, sample in zip(frames, samples, strict=True)]
    return np.array(patches, np.uint8).reshape(-1, *spec.shape)


def padding_masks(frames: Sequence[FacePose], samples: Sequence[Sample], spec: PatchSpec) -> np.ndarray:
    """How far each pixel of those patches lies past the edge of its picture, uint8 (n, size, size): 255 all of it."""
    size = spec.size, spec.size
    inside = [
        cv2.warpAffine(np.full(sample.image.shape[:2], 255, np.uint8), patch_matrix(frame, spec), size)
        for frame, sample in zip(frames, samples, strict=True)
    ]
    return 255 - np.array(inside, np.uint8).reshape(-1, *size)


def nominal_frame(sample: Sample, spec: PatchSpec) -> FacePose:
    """Where its set has the face of a picture; by default where the patch would show the whole picture."""
    height, width = sample.image.shape[:2]
    return whole_image_pose(width, height, sample.framing or spec)


def whole_image_patch(image: np.ndarray, spec: PatchSpec) -> np.ndarray:
    """The patch that shows the whole picture, uint8 of `spec.shape`."""
    return crop_face(image, whole_image_pose(image.shape[1], image.shape[0], spec), spec)


def _is_near(frame: FacePose, expected: FacePose) -> bool:
    away = np.hypot(frame.x - expected.x, frame.y - expected.y) / expected.side
    return bool(away <= FARTHEST and 1 / LARGEST_FACTOR <= frame.side / expected.side <= LARGEST_FACTOR)
