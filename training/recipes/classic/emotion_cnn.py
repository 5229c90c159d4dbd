"""The best-known tutorial network for FER2013: three pairs of convolutions and one wide dense layer."""

from __future__ import annotations

import keras
from keras import layers

from training.networks.optimizers import adam
from training.recipes.shared import classic
from training.samples.framing import fer2013_patch
from training.transforms.patch_augmentation import Augmentation

PATCH = fer2013_patch()


def build() -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`."""
    inputs = classic.patch_input(PATCH)
    x = classic.shares(inputs)
    for filters in (32, 64, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(0.2)(x)
    x = layers.Flatten()(x)
    return classic.emotion_model(inputs, layers.Dense(512, activation="relu")(x))


RECIPE = classic.emotion_recipe(
    "emotion-cnn",
    "Emotion (tutorial network)",
    PATCH,
    build,
    adam(),
    augmentation=Augmentation(rotation_degrees=10, scale=(0.8, 1.2), shift=0.1, flip=True),
    epochs=100,
    batch=256,
)
