"""The best-known tutorial network for FER2013: three pairs of convolutions and one wide dense layer."""

from __future__ import annotations

import keras
from keras import layers

from training.augment import Augmentation
from training.data.sets import EMOTIONS, FER2013
from training.emotions import one_hot
from training.framing import fer2013_patch
from training.optimizers import adam
from training.recipe import Head, Recipe

PATCH = fer2013_patch()


def build() -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`."""
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (32, 64, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
        x = layers.Dropout(0.2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(512, activation="relu")(x)
    logits = layers.Dense(len(EMOTIONS), dtype="float32", name="logits")(x)
    return keras.Model(inputs, {"probabilities": layers.Softmax(dtype="float32", name="probabilities")(logits)})


RECIPE = Recipe(
    name="emotion-cnn",
    title="Emotion (tutorial network)",
    network="emotion",
    patch=PATCH,
    heads=(Head("emotion", "classes", EMOTIONS),),
    source=FER2013,
    build=build,
    targets=lambda samples: one_hot(samples, "probabilities"),
    losses=lambda: {"probabilities": "categorical_crossentropy"},
    metrics=lambda: {"probabilities": [keras.metrics.CategoricalAccuracy(name="accuracy")]},
    monitor=("val_accuracy", "max"),
    augmentation=Augmentation(rotation=10, scale=(0.8, 1.2), shift=0.1, flip=True),
    optimizer=adam(),
    epochs=100,
    batch=256,
)
