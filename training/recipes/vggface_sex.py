"""Perceived sex from the frozen VGGFace trunk."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from training import classic, vggface
from training.augment import Augmentation
from training.data.sets import UTKFACE
from training.data.utkface import SEXES
from training.optimizers import adam
from training.recipe import Head, Recipe
from training.recipes.sex_cnn import targets


def build(trunk_weights: Path | None = None) -> keras.Model:
    """Output `p_female`, shape (n, 1); its layer `logits` over SEXES is what can be served.

    Args:
        trunk_weights: As `vggface.frozen_trunk` takes it.
    """
    inputs, x = vggface.frozen_trunk(trunk_weights)
    x = layers.Dense(512, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(256, activation="relu")(x)
    return classic.sex_model(inputs, x)


RECIPE = Recipe(
    name="vggface-sex",
    title="Perceived sex (frozen VGGFace)",
    network="sex",
    patch=vggface.PATCH,
    heads=(Head("sex", "classes", SEXES),),
    source=UTKFACE,
    build=build,
    targets=targets,
    losses=lambda: {"p_female": "binary_crossentropy"},
    metrics=lambda: {"p_female": ["accuracy"]},
    monitor=("val_accuracy", "max"),
    augmentation=Augmentation(flip=True),
    optimizer=adam(1e-4),
    epochs=20,
    batch=32,
)
