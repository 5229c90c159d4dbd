"""The layers of a served network and what each of them gives for one patch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.vision.inference.litert import LiteRtModel
from app.vision.inference.model_card import MODEL, ModelCard, read_verified_model

# LiteRT's names of the layers that a person would draw, and what they are called here.
LAYER_KINDS = {"CONV_2D": "conv", "DEPTHWISE_CONV_2D": "conv", "ADD": "add", "MEAN": "mean", "FULLY_CONNECTED": "dense"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer as it is served; batch normalisation and ReLU are folded into their convolution.

    Attributes:
        kind: One of the values of `LAYER_KINDS`.
        shape: Of its output: (height, width, channels), or (outputs,).
        kernel: Height and width of its kernels; None without any.
        parameters: Number of weights and biases.
        output: Index of its output's tensor.
        weights: Indices of the tensors of weights and biases.
    """

    kind: str
    shape: tuple[int, ...]
    kernel: tuple[int, int] | None
    parameters: int
    output: int
    weights: tuple[int, ...]


class LayerReader(LiteRtModel):
    """A network that keeps the outputs of all its layers, which makes it slower than the one that serves.

    Raises:
        ModelError: the network is missing or altered.
    """

    def __init__(self, card: ModelCard) -> None:
        shape = (1, None, None, None)
        super().__init__(read_verified_model(card), shape, card.folder / MODEL, keep_tensors=True)
        self._tensors = {int(one["index"]): one for one in self._interpreter.get_tensor_details()}
        operations = [one for one in self._interpreter._get_ops_details() if one["op_name"] in LAYER_KINDS]
        # The last additions join the two views of a flipped patch, the first one scales the pixels.
        first = next(index for index, one in enumerate(operations) if one["op_name"].endswith("CONV_2D"))
        last = max((i for i, one in enumerate(operations) if one["op_name"] == "FULLY_CONNECTED"), default=first)
        self.layers = [self._layer(one) for one in operations[first : last + 1]]

    @property
    def convolutions(self) -> list[Layer]:
        """The layers with kernels, from the first to the last."""
        return [layer for layer in self.layers if layer.kind == "conv"]

    def read(self, patch: np.ndarray) -> np.ndarray:
        """Run the network on a patch, uint8 (size, size, channels); returns its outputs, float32 (outputs,)."""
        return self.run(patch[None])[0]

    def output(self, layer: Layer) -> np.ndarray:
        """What a layer gave in the last run, float32 of shape `layer.shape`; of the patch that is not flipped."""
        found: np.ndarray = self._interpreter.get_tensor(layer.output)[0]
        return found.copy()

    def kernels(self, layer: Layer) -> tuple[np.ndarray, np.ndarray]:
        """Kernels, float32 (channels, height, width, input channels), and biases (channels,) of a layer."""
        weights, bias = (self._interpreter.get_tensor(index) for index in layer.weights[:2])
        scales = self._tensors[layer.weights[0]]["quantization_parameters"]["scales"]
        if len(scales):
            weights = weights * scales.reshape(-1, 1, 1, 1)
        return weights.astype(np.float32), bias.astype(np.float32)

    def _layer(self, operation: Any) -> Layer:
        kind = LAYER_KINDS[operation["op_name"]]
        weights = tuple(int(one) for one in operation["inputs"][1:]) if kind in ("conv", "dense") else ()
        output = int(operation["outputs"][0])
        kernel = tuple(self._shape(weights[0])[1:3]) if kind == "conv" else None
        parameters = sum(int(np.prod(self._shape(one))) for one in weights)
        return Layer(kind, tuple(self._shape(output)[1:]), kernel, parameters, output, weights)  # type: ignore[arg-type]

    def _shape(self, tensor: int) -> list[int]:
        return [int(side) for side in self._tensors[tensor]["shape"]]
