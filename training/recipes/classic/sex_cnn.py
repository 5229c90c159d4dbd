"""The tutorials' sex network: three convolutions, two dense layers and one probability."""

from __future__ import annotations

import keras
from keras import layers

from training.recipes.shared import classic
from training.samples.framing import utkface_patch

PATCH = utkface_patch(48)


def build() -> keras.Model:
    """Output `p_female`, shape (n, 1); its layer `logits` over SEXES is what can be served."""
    inputs = classic.patch_input(PATCH)
    x = classic.shares(inputs)
    for filters in (36, 64, 128):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D(3, strides=2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(512, activation="relu")(x)
    x = layers.Dense(512, activation="relu")(x)
    return classic.sex_model(inputs, x)


RECIPE = classic.sex_recipe("sex-cnn", "Perceived sex (tutorial network)", PATCH, build, epochs=40)
