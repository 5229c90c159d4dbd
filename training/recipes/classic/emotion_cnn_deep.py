"""A slim tutorial network of unpadded convolutions under strong augmentation."""

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
    for block in ((32, 64), (128,), (256,)):
        for filters in block:
            x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.Dropout(0.1)(layers.MaxPooling2D(2)(x))
    x = layers.Dense(512, activation="relu")(layers.Flatten()(x))
    return classic.emotion_model(inputs, layers.Dropout(0.2)(x))


RECIPE = classic.emotion_recipe(
    "emotion-cnn-deep",
    "Emotion (unpadded convolutions)",
    PATCH,
    build,
    adam(),
    augmentation=Augmentation(rotation_degrees=30, scale=(0.7, 1.3), shear_degrees=0.3, flip=True),
    epochs=50,
    batch=32,
)
