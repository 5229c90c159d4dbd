"""The tutorials' sex network: three convolutions, two dense layers and one probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import layers

from training import classic
from training.augment import Augmentation
from training.data.sample import Sample
from training.data.sets import UTKFACE
from training.data.utkface import SEXES
from training.framing import utkface_patch
from training.optimizers import adam
from training.recipe import Head, Recipe

PATCH = utkface_patch(48)


def build() -> keras.Model:
    """Output `p_female`, shape (n, 1); its layer `logits` over SEXES is what can be served."""
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (36, 64, 128):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.MaxPooling2D(3, strides=2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(512, activation="relu")(x)
    x = layers.Dense(512, activation="relu")(x)
    return classic.sex_model(inputs, x)


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """1 for female, float32 (n, 1)."""
    indexes = [SEXES.index(str(sample.labels["sex"])) for sample in samples]
    return {"p_female": np.array(indexes, np.float32).reshape(-1, 1)}


RECIPE = Recipe(
    name="sex-cnn",
    title="Perceived sex (tutorial network)",
    network="sex",
    patch=PATCH,
    heads=(Head("sex", "classes", SEXES),),
    source=UTKFACE,
    build=build,
    targets=targets,
    losses=lambda: {"p_female": "binary_crossentropy"},
    metrics=lambda: {"p_female": ["accuracy"]},
    monitor=("val_accuracy", "max"),
    augmentation=Augmentation(flip=True),
    optimizer=adam(1e-4),
    epochs=40,
)
