"""Age from the frozen VGGFace trunk through a narrow top."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from training import vggface
from training.augment import Augmentation
from training.data.sets import UTKFACE
from training.optimizers import adam
from training.recipe import Head, Recipe
from training.recipes.age_cnn import targets


def build(trunk_weights: Path | None = None) -> keras.Model:
    """Output `years`, shape (n, 1).

    Args:
        trunk_weights: As `vggface.frozen_trunk` takes it.
    """
    inputs, x = vggface.frozen_trunk(trunk_weights)
    x = layers.Dropout(0.7)(layers.Flatten()(x))
    x = layers.Dense(16, activation="relu")(x)
    x = layers.Dense(8, activation="relu")(x)
    return keras.Model(inputs, {"years": layers.Dense(1, dtype="float32", name="years")(x)})


RECIPE = Recipe(
    name="vggface-age",
    title="Age (frozen VGGFace)",
    network="age",
    patch=vggface.PATCH,
    heads=(Head("age", "value", ("years",)),),
    source=UTKFACE,
    build=build,
    targets=targets,
    losses=lambda: {"years": "mse"},
    metrics=lambda: {"years": ["mae"]},
    monitor=("val_mae", "min"),
    augmentation=Augmentation(flip=True),
    optimizer=adam(1e-4),
    epochs=20,
    batch=32,
)
