"""The tutorials' network for Kaggle's facial keypoints: three convolutions and thirty plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from app.vision.patch import PatchSpec
from training import classic
from training.data.face_sets import LANDMARKS
from training.data.points import NAMES
from training.data.sample import Sample
from training.framing import points_in_patch
from training.optimizers import adam
from training.recipe import Head, Recipe

# A still of YouTube Faces is 1.19 mean sides of YuNet's box of the face, its centre .028 below (median, 469 stills).
PATCH = PatchSpec(size=96, colour="gray", margin=1.19, offset_y=0.028)


def build() -> keras.Model:
    """Output `points`, shape (n, 30): x and y of every point, 0 in the middle of the patch and 1 at its edge."""
    inputs = classic.patch_input(PATCH)
    x = classic.shares(inputs)
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, padding="same")(layers.BatchNormalization()(x))
        x = layers.MaxPooling2D(2)(layers.LeakyReLU(0.1)(x))
        x = layers.Dropout(0.2)(x)
    x = layers.LeakyReLU(0.1)(layers.Dense(256)(layers.Flatten()(x)))
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(64)(x)
    return keras.Model(inputs, {"points": layers.Dense(2 * len(NAMES), dtype="float32", name="points")(x)})


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """The points of every sample as `build` gives them, float32 (n, 30)."""
    points = [points_in_patch(sample.points, sample.image) for sample in samples if sample.points is not None]
    return {"points": np.array(points, np.float32).reshape(-1, 2 * len(NAMES))}


def error_pixels(targets: Any, points: Any) -> Any:
    """Root of the mean squared error of each patch's coordinates, in pixels of the patch."""
    return ops.sqrt(ops.mean(ops.square(points - targets), -1)) * (PATCH.size / 2)


RECIPE = Recipe(
    name="landmarks-cnn",
    title="Fifteen landmarks (tutorial network)",
    network="landmarks",
    patch=PATCH,
    heads=(Head("landmarks", "value", tuple(f"{name}_{axis}" for name in NAMES for axis in "xy")),),
    source=LANDMARKS,
    build=build,
    targets=targets,
    losses=lambda: {"points": "mse"},
    metrics=lambda: {"points": [error_pixels]},
    monitor=("val_error_pixels", "min"),
    optimizer=adam(),
    epochs=60,
    batch=128,
)
