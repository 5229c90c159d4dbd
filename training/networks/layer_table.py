"""The layers of a network as a table: type, output shape, parameters, and the settings that make it that layer."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One layer.

    Attributes:
        kind: Name of its class.
        shape: Of its output without the batch, such as 48x48x32; several are separated by spaces.
        parameters: Number of its weights, trained or not.
        settings: Kernel, stride, padding, activation, rate, ..., as far as they are not those of every such layer.
    """

    kind: str
    shape: str
    parameters: int
    settings: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.shape, self.settings)))


def layer_rows(model: keras.Model) -> list[LayerRow]:
    """Every layer and operation of a model in the order of computation; a model inside it is one row."""
    return [
        LayerRow(
            type(one).__name__,
            _shape(one),
            one.count_params() if isinstance(one, keras.Layer) else 0,
            ", ".join(_settings(one)),
        )
        for one in model.operations
    ]


def _shape(layer: Any) -> str:
    outputs = layer.output if isinstance(layer.output, list | tuple) else keras.tree.flatten(layer.output)
    return " ".join("x".join(map(str, output.shape[1:])) or "1" for output in outputs)


def _settings(layer: Any) -> Iterator[str]:
    """The settings that two layers of one type and shape can differ in."""
    if isinstance(layer, keras.Model):
        yield f"{len(layer.layers)} layers"
        yield "trained" if layer.trainable else "frozen"
        return
    for name in ("kernel_size", "pool_size", "strides"):
        value = getattr(layer, name, None)
        if value is not None and (name != "strides" or set(value) != {1}):
            yield f"{name.removesuffix('_size')} {'x'.join(map(str, value))}"
    if getattr(layer, "padding", "valid") != "valid":
        yield layer.padding
    yield from _activation(layer)
    yield from _rates(layer)


def _activation(layer: Any) -> Iterator[str]:
    function = getattr(layer, "activation", None)
    if function is not None and function is not keras.activations.linear:
        yield function.__name__
    if isinstance(layer, keras.layers.LeakyReLU):
        yield f"slope {float(layer.negative_slope):g}"


def _rates(layer: Any) -> Iterator[str]:
    if isinstance(layer, keras.layers.Dropout):
        yield f"rate {layer.rate:g}"
    if isinstance(layer, keras.layers.Rescaling):
        yield f"scale {float(layer.scale):.6g}, offset {float(layer.offset):g}"
    penalty = getattr(layer, "kernel_regularizer", None)
    if penalty is not None:
        yield f"L2 {float(penalty.l2):g}"
    if isinstance(layer, keras.Layer) and layer.weights and not layer.trainable:
        yield "frozen"
    if getattr(layer, "use_bias", True) is False:
        yield "no bias"


def layer_list(model: keras.Model) -> str:
    """The parameters and then every layer, a line each."""
    return "".join(f"{line}\n" for line in (total_text(model), *layer_rows(model)))


def total_text(model: keras.Model) -> str:
    """The parameters of a model in words."""
    trained = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    return f"{model.count_params():,} parameters, {trained:,} of them trained"
