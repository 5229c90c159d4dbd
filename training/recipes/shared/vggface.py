"""The VGG16 trunk with the layer names of VGGFace, frozen, its weights from a file that is not part of this project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
from keras import layers, ops

from app.errors import ModelError
from training.errors import first_line
from training.recipes.shared import classic
from training.samples.framing import utkface_patch

PATCH = utkface_patch(224)
# Convolutions and filters of the five blocks.
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
MEAN_RGB = (129.1863, 104.7624, 93.5940)  # of the pictures that VGGFace was trained on


def frozen_trunk(trunk_weights: Path | None = None) -> tuple[Any, Any]:
    """Input `patch`, uint8 (n, 224, 224, 3) RGB, and `pool5`, (n, 7, 7, 512), which no training changes.

    Args:
        trunk_weights: VGGFace's VGG16 as Keras HDF5, its top or not; None leaves random weights, with a notice.
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
    if trunk_weights is None:
        classic.notice(
            "the VGGFace trunk is frozen with random weights; give --trunk-weights FILE (Keras HDF5 of VGG16)"
        )
    else:
        load_trunk(keras.Model(inputs, x), trunk_weights)
    return inputs, x


def load_trunk(trunk: keras.Model, file: Path) -> None:
    """Fill the trunk's convolutions, by name, from a Keras HDF5 file.

    Raises:
        ModelError: the file is missing, damaged or of another network.
    """
    try:
        missing = _convolutions(trunk) - _named_layers(file)
        if missing:
            raise ModelError(f"{file} lacks {', '.join(sorted(missing))}; give VGGFace's VGG16 as Keras HDF5")
        _fill(trunk, file)
    except (OSError, KeyError, IndexError) as error:
        raise ModelError(
            f"cannot read trunk weights from {file} ({first_line(error)}); give a Keras HDF5 file"
        ) from None


def _convolutions(trunk: keras.Model) -> set[str]:
    return {layer.name for layer in trunk.layers if layer.weights}


def _named_layers(file: Path) -> set[str]:
    with h5py.File(file) as stored:
        return set(_layers(stored))


def _layers(stored: Any) -> Any:
    """Files of a whole model keep their weights one level deeper."""
    return stored.get("model_weights", stored)


def _fill(trunk: keras.Model, file: Path) -> None:
    with h5py.File(file) as stored:
        for name in sorted(_convolutions(trunk)):
            group = _layers(stored)[name]
            # Keras lists kernel and bias in this attribute, in the order of layer.weights.
            arrays = [group[weight][()] for weight in group.attrs["weight_names"]]
            layer = trunk.get_layer(name)
            if [array.shape for array in arrays] != [tuple(weight.shape) for weight in layer.weights]:
                raise ModelError(f"{file}: {name} has other shapes than VGG16's; give VGGFace's VGG16")
            layer.set_weights(arrays)


def dense_features(trunk_weights: Path | None) -> tuple[Any, Any]:
    """The input and, of the frozen trunk, 256 features: what the sex and race networks share."""
    inputs, x = frozen_trunk(trunk_weights)
    x = layers.Dense(512, activation="relu")(layers.Flatten()(x))
    x = layers.Dropout(0.5)(x)
    return inputs, layers.Dense(256, activation="relu")(x)
