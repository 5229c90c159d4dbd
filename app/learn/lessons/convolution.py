"""Filters and feature maps of the served emotion network, layer by layer, for the face of a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.learn.base.face import largest_face
from app.learn.base.lesson import Answer, Lesson, Values
from app.learn.base.parameters import Range
from app.learn.base.tools import Tools
from app.vision.inference.face_crop import crop_face
from app.vision.inference.face_pose import FacePose
from app.vision.inference.layer_outputs import Layer, LayerReader

ATTRIBUTE = "emotion"
# Convolutions of the served network, and channels of its widest one. Another network may have fewer: then its last.
MAX_LAYERS = 14
MAX_CHANNELS = 192
# Maps and filters on a sheet, and how many stand in a row.
MAX_TILES = 64
TILES_PER_ROW = 8
TILE_GAP_PX = 1
GAP_LEVEL = 128
# Each tile is as bright as it can be, unless its channel is nearly silent beside the others.
MIN_TILE_SHARE = 0.1
# Smallest side of a tile: maps of the last layers have 6 pixels.
MIN_TILE_PX = 12


def run(image: np.ndarray, values: Values, tools: Tools) -> Answer:
    """Show what one layer makes of the face."""
    reader, card = tools.layer_reader(ATTRIBUTE), tools.predictor_of(ATTRIBUTE).card
    patch = crop_face(image, FacePose.from_face(largest_face(image, tools)), card.patch)
    logits = reader.read(patch)
    number = min(values["layer"], len(reader.convolutions))
    layer = reader.convolutions[number - 1]
    maps = reader.output(layer)
    channel = min(values["channel"], maps.shape[-1])
    probabilities = {
        head.attribute: dict(zip(head.labels, head.probabilities(part).round(4).tolist(), strict=True))
        for head, part in card.head_logits(logits)
    }
    result = {
        "layers": [_layer_to_json(one) for one in reader.layers],
        "parameters": sum(one.parameters for one in reader.layers),
        "layer": number,
        "place": reader.layers.index(layer),
        "shape": maps.shape,
        "channel": channel,
        "active": round(float((maps[..., channel - 1] > 0).mean()), 3),
        "shown": min(maps.shape[-1], MAX_TILES),
        "probabilities": probabilities[ATTRIBUTE],
        "sum": _worked_sum(reader, layer, patch, channel - 1) if number == 1 else None,
    }
    kernels, _ = reader.kernels(reader.convolutions[0])
    images = {
        "patch": patch[..., 0] if patch.shape[-1] == 1 else patch,
        "filters": tile(kernels[:MAX_TILES].mean(-1), centered=True),
        "maps": tile(np.moveaxis(maps, -1, 0)[:MAX_TILES]),
        "map": tile(maps[None, ..., channel - 1]),
    }
    return Answer(result, images)


def tile(pictures: np.ndarray, centered: bool = False) -> np.ndarray:
    """A sheet of pictures, float (n, height, width), as gray levels, uint8.

    Args:
        centered: Zero is the middle gray, as for weights; else it is black.
    """
    repeats = max(1, -(-MIN_TILE_PX // pictures.shape[1]))
    largest = np.abs(pictures).max((1, 2), keepdims=True)
    levels = _levels(pictures, np.maximum(largest, MIN_TILE_SHARE * largest.max()), centered)
    levels = levels.repeat(repeats, 1).repeat(repeats, 2)
    count, height, width = levels.shape
    columns = min(count, TILES_PER_ROW)
    rows = -(-count // columns)
    sheet = np.full((rows * (height + TILE_GAP_PX), columns * (width + TILE_GAP_PX)), GAP_LEVEL, np.uint8)
    for index, one in enumerate(levels):
        top, left = (index // columns) * (height + TILE_GAP_PX), (index % columns) * (width + TILE_GAP_PX)
        sheet[top : top + height, left : left + width] = one
    return sheet[:-TILE_GAP_PX, :-TILE_GAP_PX]


def _levels(values: np.ndarray, largest: np.ndarray, centered: bool) -> np.ndarray:
    share = values / np.maximum(largest, 1e-6)
    return np.asarray(np.rint(np.clip(127.5 * (1 + share) if centered else 255 * share, 0, 255)), np.uint8)


def _worked_sum(reader: LayerReader, layer: Layer, patch: np.ndarray, channel: int) -> dict[str, Any]:
    """The convolution in numbers where the map is strongest, away from the edge."""
    kernels, biases = reader.kernels(layer)
    inner = reader.output(layer)[1:-1, 1:-1, channel]
    row, column = (int(one) + 1 for one in np.unravel_index(inner.argmax(), inner.shape))
    around = patch[row - 1 : row + 2, column - 1 : column + 2, 0]
    # The network's first layer scales gray levels to about -2 to 2 (`Rescaling` in its recipe).
    scaled = around / 64 - 2
    kernel = kernels[channel, ..., 0]
    return {
        "row": row,
        "column": column,
        "pixels": around.tolist(),
        "scaled": scaled.round(2).tolist(),
        "kernel": kernel.round(2).tolist(),
        "bias": round(float(biases[channel]), 2),
        "value": round(float((scaled * kernel).sum() + biases[channel]), 2),
        "output": round(float(reader.output(layer)[row, column, channel]), 2),
    }


def _layer_to_json(layer: Layer) -> dict[str, Any]:
    return {"kind": layer.kind, "shape": layer.shape, "kernel": layer.kernel, "parameters": layer.parameters}


LESSON = Lesson(
    name="convolution",
    parameters={"layer": Range(1, MAX_LAYERS, 1), "channel": Range(1, MAX_CHANNELS, 1)},
    run=run,
    see_also=("python -m training summary emotion-compact",),
)
