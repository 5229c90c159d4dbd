"""A wide tutorial network on 64-pixel colour patches, nearly all of it in one dense layer."""

from __future__ import annotations

import keras

from training.recipes.shared import classic
from training.samples.framing import fer2013_patch

PATCH = fer2013_patch(64, "rgb")


def build() -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`."""
    return classic.wide_emotion_network(PATCH, penalty=None, dropouts=(0.25, 0.25, 0.5))


RECIPE = classic.emotion_recipe(
    "emotion-cnn-64", "Emotion (wide tutorial network, 64 pixels)", PATCH, build, classic.sgd(), epochs=60, batch=64
)
