"""Age from the frozen VGGFace trunk through a narrow top."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from training.recipes.shared import classic, vggface


def build(trunk_weights: Path | None = None) -> keras.Model:
    """Output `years`, shape (n, 1).

    Args:
        trunk_weights: As `vggface.frozen_trunk` takes it.
    """
    inputs, x = vggface.frozen_trunk(trunk_weights)
    x = layers.Dropout(0.7)(layers.Flatten()(x))
    x = layers.Dense(16, activation="relu")(x)
    x = layers.Dense(8, activation="relu")(x)
    return classic.age_model(inputs, x)


RECIPE = classic.age_recipe(
    "vggface-age",
    "Age (frozen VGGFace)",
    vggface.PATCH,
    build,
    epochs=20,
    batch=32,
    random_start_notice=vggface.RANDOM_START,
)
