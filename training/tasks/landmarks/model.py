"""The landmark network in the form that is scored: every image is one face, read twice as the app does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from app.attributes.output_head import Head
from app.vision.inference.face_crop import whole_image_pose
from app.vision.landmarks.network import LandmarkCard, LandmarkNetwork
from training.engine.run_dir import BEST
from training.engine.weights import load_trained
from training.samples.framing import normalize_points
from training.samples.landmark_points import LANDMARK_NAMES
from training.tasks.face_model import FaceModel
from training.tasks.recipe import Recipe

if TYPE_CHECKING:
    from training.tasks.landmarks.task import LandmarkTask

UNCALIBRATED_SCORE = 0.5  # threshold of a network that is not exported yet


@dataclass(frozen=True, slots=True)
class KerasPatches:
    """A Keras network in the place of `app.vision.inference.crop_model.LiteRtCropModel`."""

    model: Any

    def run_patches(self, patches: np.ndarray) -> np.ndarray:
        """Outputs for patches, uint8 (n, size, size, channels): float32 (n, columns)."""
        return np.asarray(self.model(patches, training=False)["answer"])


def trained_network(recipe: Recipe[LandmarkTask], run: Path, weights: Path | None = None) -> LandmarkNetwork:
    """The network of a run, in Keras and float32.

    Args:
        weights: Instead of the run's best.
    Raises:
        ModelError: the weights are missing or do not fit.
    """
    patch = recipe.task.crops.patch
    card = LandmarkCard(f"{recipe.title}, run {run.name}", patch, LANDMARK_NAMES, UNCALIBRATED_SCORE, {}, run)
    return LandmarkNetwork(card, KerasPatches(load_trained(recipe, weights or run / BEST)))


def landmark_face_model(network: LandmarkNetwork, suffix: str = "") -> FaceModel:
    """The network in the form that is scored: x and y of each point, 0 in the middle of the patch and 1 at its edge.

    Args:
        suffix: Of the title.
    """
    card = network.card
    size = card.patch.size
    whole = whole_image_pose(size, size, card.patch)

    def predict(patches: np.ndarray) -> np.ndarray:
        images = [cv2.cvtColor(patch, cv2.COLOR_GRAY2RGB) for patch in patches]
        points = [network.predict_refined(image, [whole])[0][0] for image in images]
        return np.stack([normalize_points(one, patches[0]).ravel() for one in points])

    head = Head("landmarks", "value", tuple(f"{name}_{axis}" for name in card.points for axis in "xy"))
    return FaceModel(card.title + suffix, card.patch, (head,), predict, card.folder)
