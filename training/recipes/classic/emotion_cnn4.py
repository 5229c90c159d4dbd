"""A tutorial network of four normalised convolutions, the second with a wide kernel, and two dense layers."""

from __future__ import annotations

import keras
from keras import layers

from training.networks.optimizers import adam
from training.recipes.shared import classic
from training.samples.framing import fer2013_patch

PATCH = fer2013_patch()


def build() -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`."""
    inputs = classic.patch_input(PATCH)
    x = classic.shares(inputs)
    for filters, kernel in ((64, 3), (128, 5), (512, 3), (512, 3)):
        x = classic.normalised_convolution(x, filters, kernel)
    x = layers.Flatten()(x)
    for units in (256, 512):
        x = classic.normalised_dense(x, units)
    return classic.emotion_model(inputs, x)


RECIPE = classic.emotion_recipe(
    "emotion-cnn4", "Emotion (four convolutions)", PATCH, build, adam(), epochs=50, batch=64
)
