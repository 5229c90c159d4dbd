"""The served landmark network: where each of fifteen points most likely is, and whether there is a face at all."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from app.vision.inference.face_crop import PatchSpec
from training.networks.blocks import conv_bn_relu, residual_block
from training.networks.optimizers import adamw
from training.recipes.shared import classic
from training.samples.landmark_points import LANDMARK_NAMES
from training.tasks.landmarks.crops import CropSettings
from training.tasks.landmarks.losses import landmark_loss, nme, told_apart
from training.tasks.landmarks.task import LandmarkTask
from training.tasks.recipe import Recipe

# Wide enough that a face stays in view where a detector's box is off.
PATCH = PatchSpec(size=96, colour="gray", margin=1.45, offset_y=0.03)
WIDTHS = (32, 64, 96)
NECK = 48
MAP = 24  # cells along each side of a point's map


def build() -> keras.Model:
    """Output `answer`, float32 (n, 31): x and y of each point, 0 in the middle of the patch and 1 at its edge; a logit.

    Each point is the mean place under a map of where it may be (Sun et al. 2018, integral regression).
    """
    inputs = classic.patch_input(PATCH)
    x = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
    x = conv_bn_relu(x, 16, stride=2)
    levels = []
    for width in WIDTHS:
        x = residual_block(conv_bn_relu(x, width, stride=2), width)
        levels.append(x)
    maps = layers.Conv2D(len(LANDMARK_NAMES), 1, dtype="float32", name="maps")(_top_down(levels))
    score = layers.Dense(1, dtype="float32", name="score")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, {"answer": layers.Concatenate(name="answer", dtype="float32")([_places(maps), score])})


def _top_down(levels: list[Any]) -> Any:
    """The finest level with what the coarser ones know."""
    *finer, coarsest = levels
    known = conv_bn_relu(coarsest, NECK, kernel=1)
    for level in reversed(finer):
        side = conv_bn_relu(level, NECK, kernel=1, activate=False)
        joined = layers.ReLU()(layers.Add()([side, layers.UpSampling2D(2)(known)]))
        known = conv_bn_relu(joined, NECK)
    return known


def _places(maps: Any) -> Any:
    """Mean place under the softmax of each map, (n, 30)."""
    flat = layers.Reshape((MAP * MAP, len(LANDMARK_NAMES)), dtype="float32")(maps)
    shares = layers.Softmax(axis=1, dtype="float32")(flat)
    grid = layers.Reshape((MAP, MAP, len(LANDMARK_NAMES)), dtype="float32")(shares)
    centres = ((np.arange(MAP) + 0.5) / MAP * 2 - 1).astype(np.float32)
    across = ops.sum(ops.sum(grid, axis=1) * centres[None, :, None], axis=1)
    down = ops.sum(ops.sum(grid, axis=2) * centres[None, :, None], axis=1)
    return layers.Reshape((2 * len(LANDMARK_NAMES),), dtype="float32")(ops.stack([across, down], axis=-1))


RECIPE = Recipe(
    name="face-landmarks",
    title="Fifteen landmarks",
    network="landmarks",
    task=LandmarkTask(CropSettings(PATCH)),
    build=build,
    losses=lambda: {"answer": landmark_loss},
    metrics=lambda: {"answer": [nme, told_apart]},
    monitor=("val_nme", "min"),
    optimizer=adamw(2e-3, weight_decay=0.02, average=0.999),
    epochs=60,
    batch=64,
)
