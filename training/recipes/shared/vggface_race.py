"""Race labels from the frozen VGGFace trunk, for any choice of the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from keras import layers

from training.datasets.catalog import UTKFACE
from training.datasets.dataset_spec import DatasetSpec
from training.networks.optimizers import adam
from training.recipes.shared import vggface
from training.samples.sample import Dataset, Sample
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe
from training.transforms.patch_augmentation import Augmentation


def build(races: Sequence[str], trunk_weights: Path | None = None) -> keras.Model:
    """Output `probabilities` over `races`; its logits are the layer `logits`.

    Args:
        trunk_weights: As `vggface.frozen_trunk` takes it.
    """
    inputs, x = vggface.dense_features(trunk_weights)
    logits = layers.Dense(len(races), dtype="float32", name="logits")(x)
    return keras.Model(inputs, {"probabilities": layers.Softmax(dtype="float32", name="probabilities")(logits)})


def recipe(name: str, races: Sequence[str]) -> Recipe[AttributeTask]:
    """The recipe for some of UTKFace's race labels; pictures with another one are rejected."""

    def build_for_races(trunk_weights: Path | None = None) -> keras.Model:
        return build(races, trunk_weights)

    def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
        indexes = [races.index(str(sample.labels["race"])) for sample in samples]
        return {"probabilities": np.eye(len(races), dtype=np.float32)[np.array(indexes, np.int64)]}

    return Recipe(
        name=name,
        title=f"Race label, {len(races)} classes (frozen VGGFace)",
        network="race",
        task=AttributeTask(
            patch=vggface.PATCH,
            heads=(Head("race", "classes", races),),
            source=_only(races),
            targets=targets,
            augmentation=Augmentation(flip=True),
        ),
        build=build_for_races,
        losses=lambda: {"probabilities": "categorical_crossentropy"},
        metrics=lambda: {"probabilities": [keras.metrics.CategoricalAccuracy(name="accuracy")]},
        monitor=("val_accuracy", "max"),
        optimizer=adam(1e-4),
        epochs=20,
        batch=32,
    )


def _only(races: Sequence[str]) -> DatasetSpec:
    def read(path: Path, keep_blank: bool = False) -> Dataset:
        return UTKFACE.read(path, keep_blank).keep_labels("race", races)

    return replace(UTKFACE, read=read)
