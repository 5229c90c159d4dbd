"""The tutorials' age network: six convolutions of 128 and a plain number of years."""

from __future__ import annotations

import keras
from keras import layers

from training.recipes.shared import classic
from training.samples.framing import utkface_patch

PATCH = utkface_patch(48)


def build() -> keras.Model:
    """Output `years`, shape (n, 1)."""
    inputs = classic.patch_input(PATCH)
    x = classic.shares(inputs)
    for _ in range(2):
        for _ in range(3):
            x = layers.Conv2D(128, 3, activation="relu")(x)
        x = layers.MaxPooling2D(3, strides=2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(1024, activation="relu")(x)
    x = layers.Dense(1024, activation="relu")(x)
    return classic.age_model(inputs, x)


RECIPE = classic.age_recipe("age-cnn", "Age (tutorial network)", PATCH, build, epochs=40)
