"""The VGG16 trunk with the layer names of VGGFace, frozen, its weights from a file that is not part of this project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
from keras import layers, ops

from app.errors import ModelError
from training.datasets.catalog import UTKFACE
from training.errors import first_line
from training.networks.optimizers import adam
from training.recipes.shared import classic
from training.samples.framing import utkface_patch
from training.samples.sample import Dataset
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe

PATCH = utkface_patch(224)
# Convolutions and filters of the five blocks.
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
RANDOM_START = "the VGGFace trunk is frozen with random weights; give --trunk-weights FILE (Keras HDF5 of VGG16)"
MEAN_RGB = (129.1863, 104.7624, 93.5940)  # of the pictures that VGGFace was trained on


def frozen_trunk(trunk_weights: Path | None = None) -> tuple[Any, Any]:
    """Input `patch`, uint8 (n, 224, 224, 3) RGB, and `pool5`, (n, 7, 7, 512), which no training changes.

    Args:
        trunk_weights: VGGFace's VGG16 as Keras HDF5, its top or not; None leaves random weights.
    Raises:
        ModelError: the file is missing, damaged or of another network.
    """
    inputs = classic.patch_input(PATCH)
    x = layers.Normalization(mean=MEAN_RGB, variance=(1.0, 1.0, 1.0))(inputs)
    x = ops.flip(x, axis=-1)  # VGGFace learnt from BGR
    for block, (convolutions, filters) in enumerate(BLOCKS, start=1):
        for index in range(1, convolutions + 1):
            name = f"conv{block}_{index}"
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name, trainable=False)(x)
        x = layers.MaxPooling2D(2, name=f"pool{block}")(x)
    if trunk_weights is not None:
        load_trunk(keras.Model(inputs, x), trunk_weights)
    return inputs, x


def load_trunk(trunk: keras.Model, file: Path) -> None:
    """Fill the trunk's convolutions, by name, from a Keras HDF5 file.

    Raises:
        ModelError: the file is missing, damaged or of another network.
    """
    layers_by_name = {layer.name: layer for layer in trunk.layers if layer.weights}
    try:
        with h5py.File(file) as stored:
            groups = stored.get("model_weights", stored)  # files of a whole model keep their weights one level deeper
            missing = layers_by_name.keys() - set(groups)
            if missing:
                raise ModelError(f"{file} lacks {', '.join(sorted(missing))}; give VGGFace's VGG16 as Keras HDF5")
            for name in sorted(layers_by_name):
                _fill(layers_by_name[name], groups[name], file)
    except (OSError, KeyError, IndexError) as error:
        raise ModelError(
            f"cannot read trunk weights from {file} ({first_line(error)}); give a Keras HDF5 file"
        ) from None


def _fill(layer: Any, group: Any, file: Path) -> None:
    # Keras lists kernel and bias in this attribute, in the order of layer.weights.
    arrays = [group[weight][()] for weight in group.attrs["weight_names"]]
    if [array.shape for array in arrays] != [tuple(weight.shape) for weight in layer.weights]:
        raise ModelError(f"{file}: {layer.name} has other shapes than VGG16's; give VGGFace's VGG16")
    layer.set_weights(arrays)


def dense_features(trunk_weights: Path | None) -> tuple[Any, Any]:
    """The input and, of the frozen trunk, 256 features: what the sex and race networks share."""
    inputs, x = frozen_trunk(trunk_weights)
    x = layers.Dense(512, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(0.5)(x)
    return inputs, layers.Dense(256, activation="relu")(x)


def race_recipe(name: str, races: Sequence[str]) -> Recipe[AttributeTask]:
    """The recipe for some of UTKFace's race labels; pictures with another one are rejected."""

    def read(path: Path, keep_blank: bool = False) -> Dataset:
        return UTKFACE.read(path, keep_blank).keep_labels("race", races)

    def build(trunk_weights: Path | None = None) -> keras.Model:
        return classic.softmax_model(*dense_features(trunk_weights), len(races))

    title, head = f"Race label, {len(races)} classes (frozen VGGFace)", Head("race", "classes", races)
    source = replace(UTKFACE, read=read)
    recipe = classic.recipe(name, title, head, PATCH, build, adam(1e-4), source, epochs=20, batch=32)
    return replace(recipe, random_start_notice=RANDOM_START)
