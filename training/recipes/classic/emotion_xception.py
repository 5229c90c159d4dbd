"""Xception fine-tuned whole on emotions, on 75-pixel patches (71 are the least it takes)."""

from __future__ import annotations

import keras
from keras import layers

from training.networks.optimizers import adam
from training.recipes.shared import classic
from training.samples.framing import fer2013_patch
from training.transforms.patch_augmentation import Augmentation

PATCH = fer2013_patch(75, "rgb")


def build(init: str = "random") -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`.

    Args:
        init: `random` or `imagenet`.
    """
    trunk = classic.application(keras.applications.Xception, PATCH.shape, init)
    inputs = classic.patch_input(PATCH)
    x = trunk(layers.Rescaling(1 / 127.5, offset=-1.0)(inputs))
    return classic.emotion_model(inputs, layers.GlobalAveragePooling2D()(x))


RECIPE = classic.emotion_recipe(
    "emotion-xception",
    "Emotion (Xception)",
    PATCH,
    build,
    adam(1e-4),
    augmentation=Augmentation(rotation_degrees=10, scale=(0.9, 1.1), shift=0.1, flip=True),
    epochs=30,
    batch=64,
)
