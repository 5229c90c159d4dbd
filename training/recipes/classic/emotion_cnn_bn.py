"""The wide tutorial network on 48-pixel gray patches, with weight penalties and a slow Adam."""

from __future__ import annotations

import keras

from training.recipes.shared import classic
from training.samples.framing import fer2013_patch

PATCH = fer2013_patch()


def build() -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`."""
    return classic.wide_emotion_network(PATCH, penalty=0.01, dropouts=(0.25, 0.25, 0.5))


RECIPE = classic.emotion_recipe(
    "emotion-cnn-bn",
    "Emotion (wide tutorial network)",
    PATCH,
    build,
    classic.decaying_adam(1e-4, 1e-6),
    epochs=60,
    batch=64,
)
