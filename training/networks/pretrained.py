"""Saved Keras networks: load one, walk its layers, and copy the weights of matching first layers."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import Any

from app.errors import ModelError
from training.errors import first_line


def load_network(file: Path) -> Any:
    """A network as `keras.Model.save` writes it.

    Raises:
        ModelError: the file is missing or is no such network.
    """
    import keras

    try:
        return keras.models.load_model(file, compile=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} is no network that Keras has saved ({first_line(error)})") from None


def weighted_layers(model: Any) -> list[Any]:
    """The layers with weights, in order, those of nested networks included."""
    inner = (weighted_layers(layer) if hasattr(layer, "layers") else [layer] for layer in model.layers if layer.weights)
    return [layer for layers in inner for layer in layers]


def copy_trunk(model: Any, file: Path, min_layers: int) -> None:
    """Copy weights of a saved network into the first layers of `model`, as long as their shapes match.

    Args:
        file: The other network, as `keras.Model.save` writes it.
        min_layers: Number of layers that must match.
    Raises:
        ModelError: the file is missing or is no such network, or fewer layers match.
    """
    pairs = list(zip(weighted_layers(model), weighted_layers(load_network(file)), strict=False))
    matching = list(takewhile(lambda pair: _shapes(pair[0]) == _shapes(pair[1]), pairs))
    if len(matching) < min_layers:
        raise ModelError(f"the trunk of {file} is another one: {len(matching)} layers fit, not {min_layers}")
    for own, other in matching:
        own.set_weights(other.get_weights())


def _shapes(layer: Any) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]
