"""The tutorials' age network: six convolutions of 128 and a plain number of years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import layers

from training.augment import Augmentation
from training.data.sample import Sample
from training.data.sets import UTKFACE
from training.framing import utkface_patch
from training.optimizers import adam
from training.recipe import Head, Recipe

PATCH = utkface_patch(48)


def build() -> keras.Model:
    """Output `years`, shape (n, 1)."""
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 255)(inputs)
    for _ in range(2):
        for _ in range(3):
            x = layers.Conv2D(128, 3, activation="relu")(x)
        x = layers.MaxPooling2D(3, strides=2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(1024, activation="relu")(x)
    x = layers.Dense(1024, activation="relu")(x)
    return keras.Model(inputs, {"years": layers.Dense(1, dtype="float32", name="years")(x)})


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """Age in years, float32 (n, 1)."""
    return {"years": np.array([float(sample.labels["age"]) for sample in samples], np.float32).reshape(-1, 1)}


RECIPE = Recipe(
    name="age-cnn",
    title="Age (tutorial network)",
    network="age",
    patch=PATCH,
    heads=(Head("age", "value", ("years",)),),
    source=UTKFACE,
    build=build,
    targets=targets,
    losses=lambda: {"years": "mse"},
    metrics=lambda: {"years": ["mae"]},
    monitor=("val_mae", "min"),
    augmentation=Augmentation(flip=True),
    optimizer=adam(1e-4),
    epochs=40,
)
