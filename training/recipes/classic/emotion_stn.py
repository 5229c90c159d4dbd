"""Deep-Emotion (Minaee and Abdolrashidi): a spatial transformer finds what tells, a small network names it."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from training.networks.optimizers import adam
from training.networks.spatial_transformer import SpatialTransformer, identity_affine_dense
from training.recipes.shared import classic
from training.samples.framing import fer2013_patch

PATCH = fer2013_patch()


def build() -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`."""
    inputs = classic.patch_input(PATCH)
    x = classic.shares(inputs)
    x = SpatialTransformer(name="attention")([x, _window(x)])
    x = layers.Conv2D(10, 3, activation="relu")(x)
    x = layers.ReLU()(layers.MaxPooling2D(2)(layers.Conv2D(10, 3)(x)))
    x = layers.Conv2D(10, 3, activation="relu")(x)
    x = layers.BatchNormalization()(layers.Conv2D(10, 3)(x))
    x = layers.ReLU()(layers.MaxPooling2D(2)(x))
    x = layers.Flatten()(layers.Dropout(0.5)(x))
    return classic.emotion_model(inputs, layers.Dense(50, activation="relu")(x))


def _window(x: Any) -> Any:
    """The localisation network: which part of the picture to look at."""
    for filters, kernel in ((8, 7), (10, 5)):
        x = layers.ReLU()(layers.MaxPooling2D(2)(layers.Conv2D(filters, kernel)(x)))
    x = layers.Dense(32, activation="relu")(layers.Flatten()(x))
    return identity_affine_dense(x)


RECIPE = classic.emotion_recipe(
    "emotion-stn", "Emotion (spatial transformer)", PATCH, build, adam(), epochs=100, batch=128
)
