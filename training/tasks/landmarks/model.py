"""The landmark network as a model that is scored: every picture is a face, looked at twice as the app does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.vision.inference.face_crop import PatchSpec, crop_face, whole_image_pose
from app.vision.inference.face_pose import FacePose
from app.vision.inference.model_card import Head
from app.vision.landmarks.network import FOLDER, LandmarkCard, LandmarkNetwork, read_landmark_card
from training.engine.run_dir import BEST
from training.samples.framing import normalize_points
from training.samples.landmark_points import LANDMARK_NAMES
from training.tasks.landmarks.task import LandmarkRecipe

Reader = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class KerasPatches:
    """A Keras network in the place of `app.vision.inference.crop_model.LiteRtCropModel`."""

    model: Any
    patch: PatchSpec

    def run(self, image: np.ndarray, poses: Sequence[FacePose]) -> np.ndarray:
        patches = np.stack([crop_face(image, pose, self.patch) for pose in poses])
        return np.asarray(self.model(patches, training=False)["answer"])


def served_landmarks(models: Path) -> LandmarkNetwork:
    """The landmark network in a folder of models.

    Raises:
        ModelError: there is none, or it is damaged, altered, or does not fit its card.
    """
    return LandmarkNetwork(read_landmark_card(models / FOLDER))


def trained_landmarks(recipe: LandmarkRecipe, run: Path, weights: Path | None = None) -> LandmarkNetwork:
    """The network of a run, in Keras and float32, with its best weights.

    Args:
        weights: Instead of the best.
    Raises:
        ModelError: the weights are missing or do not fit.
    """
    from training.tasks.attributes.serving import trained_model

    card = LandmarkCard(f"{recipe.title}, run {run.name}", recipe.patch, LANDMARK_NAMES, 0.5, {}, run)
    return LandmarkNetwork(card, KerasPatches(trained_model(recipe, weights or run / BEST), recipe.patch))


def heads_of(card: LandmarkCard) -> tuple[Head, ...]:
    """The points as plain numbers, x and y of each."""
    return (Head("landmarks", "value", tuple(f"{name}_{axis}" for name in card.points for axis in "xy")),)


def reader_of(network: LandmarkNetwork) -> Reader:
    """Tells the points of patches that show a whole picture each: (n, 2 * points), 0 in the middle, 1 at the edge."""
    size = network.card.patch.size
    whole = whole_image_pose(size, size, network.card.patch)

    def read(patches: np.ndarray) -> np.ndarray:
        pictures = [cv2.cvtColor(patch, cv2.COLOR_GRAY2RGB) for patch in patches]
        points = [network.predict_refined(picture, [whole])[0][0] for picture in pictures]
        return np.stack([normalize_points(one, patches[0]).ravel() for one in points])

    return read
