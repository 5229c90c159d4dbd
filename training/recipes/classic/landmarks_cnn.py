"""The tutorials' network for Kaggle's facial keypoints: three convolutions and thirty plain numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from app.vision.inference.face_crop import PatchSpec
from training.datasets.catalog import LANDMARKS
from training.networks.optimizers import adam
from training.recipes.shared import classic
from training.samples.framing import normalize_points
from training.samples.landmark_points import LANDMARK_NAMES, MIRRORED_ORDER
from training.samples.sample import Sample
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe
from training.transforms.patch_augmentation import Augmentation

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
    x = layers.LeakyReLU(0.1)(layers.Dense(64)(x))
    # Usual first weights answer 200 pixels off; while these answers shrink, the layers before fall silent for good.
    small = keras.initializers.RandomNormal(stddev=0.003)
    points = layers.Dense(2 * len(LANDMARK_NAMES), kernel_initializer=small, dtype="float32", name="points")(x)
    return keras.Model(inputs, {"points": points})


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """The points of every sample as `build` gives them, float32 (n, 30); NaN where one is unknown."""
    points = [normalize_points(sample.points, sample.image) for sample in samples if sample.points is not None]
    return {"points": np.array(points, np.float32).reshape(-1, 2 * len(LANDMARK_NAMES))}


def mean_square(targets: Any, points: Any) -> Any:
    """Mean squared error of each patch's known coordinates, (n,); a patch without any adds nothing."""
    known = ops.cast(ops.logical_not(ops.isnan(targets)), points.dtype)
    errors = known * (points - ops.where(ops.isnan(targets), 0.0, targets))
    return ops.sum(ops.square(errors), -1) / ops.maximum(ops.sum(known, -1), 1.0)


def error_pixels(targets: Any, points: Any) -> Any:
    """Root of the mean squared error of each patch's known coordinates, in pixels of the patch."""
    return ops.sqrt(mean_square(targets, points)) * (PATCH.size / 2)


RECIPE = Recipe(
    name="landmarks-cnn",
    title="Fifteen landmarks (tutorial network)",
    network="landmarks",
    task=AttributeTask(
        patch=PATCH,
        heads=(Head("landmarks", "value", tuple(f"{name}_{axis}" for name in LANDMARK_NAMES for axis in "xy")),),
        source=LANDMARKS,
        targets=targets,
        # Far: the points are also read in images that frame the face in another way, such as FER2013's.
        augmentation=Augmentation(
            rotation_degrees=20,
            scale=(0.8, 1.2),
            shift=0.1,
            flip=True,
            contrast=0.25,
            brightness=0.12,
            landmark_orders={"points": MIRRORED_ORDER},
        ),
    ),
    build=build,
    losses=lambda: {"points": mean_square},
    metrics=lambda: {"points": [error_pixels]},
    monitor=("val_error_pixels", "min"),
    optimizer=adam(),
    epochs=24,
    batch=32,
)
