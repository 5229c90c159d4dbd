"""The served face detector: plain convolutions to strides 8, 16 and 32, a top-down path and one head for all levels."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers

from training.networks.blocks import conv_bn_relu, residual_block
from training.networks.optimizers import adamw
from training.tasks.detection.losses import OUTPUTS, detection_loss
from training.tasks.detection.task import DetectionTask
from training.tasks.recipe import Recipe

WIDTHS = (16, 32, 64, 96, 128)
NECK = 64
LIKELY_FACE = 0.01  # what every cell says before it has learnt
LIKELY_DISTANCE = 0.7  # log of the strides from a face's centre to its edge


def build() -> keras.Model:
    """Output `cells`, float32 (n, cells, 15); sides of the input are any multiples of 32.

    By cell a score, the logs of four distances in strides and five points in strides; the levels one after the other.
    """
    inputs = keras.Input((None, None, 3), dtype="uint8", name="picture")
    x = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
    x = conv_bn_relu(x, WIDTHS[0], stride=2)
    x = conv_bn_relu(x, WIDTHS[1], stride=2)
    levels = []
    for width in WIDTHS[2:]:
        x = residual_block(conv_bn_relu(x, width, stride=2), width)
        levels.append(x)
    return keras.Model(inputs, {"cells": _heads(_top_down(levels))})


def _top_down(levels: list[Any]) -> list[Any]:
    """Every level with what the coarser ones know, finest first."""
    *finer, coarsest = levels
    known = [conv_bn_relu(coarsest, NECK, kernel=1)]
    for level in reversed(finer):
        above = layers.UpSampling2D(2)(known[0])
        joined = layers.ReLU()(layers.Add()([conv_bn_relu(level, NECK, kernel=1, activate=False), above]))
        known.insert(0, conv_bn_relu(joined, NECK))
    return known


def _heads(levels: list[Any]) -> Any:
    """The same two layers read every level."""
    hidden = layers.Conv2D(NECK, 3, padding="same", activation="relu", name="head")
    answer = layers.Conv2D(OUTPUTS, 1, dtype="float32", name="answer")
    answers = [layers.Reshape((-1, OUTPUTS), dtype="float32")(answer(hidden(level))) for level in levels]
    answer.bias.assign(_first_answer())
    return layers.Concatenate(axis=1, dtype="float32", name="cells")(answers)


def _first_answer() -> np.ndarray:
    score = -np.log(1 / LIKELY_FACE - 1)
    return np.array([score, *[LIKELY_DISTANCE] * 4, *[0.0] * 10], np.float32)


RECIPE = Recipe(
    name="face-detector",
    title="Face detector",
    network="detector",
    task=DetectionTask(),
    build=build,
    losses=lambda: {"cells": detection_loss},
    metrics=dict,
    monitor=("val_ap40", "max"),
    optimizer=adamw(2e-3, weight_decay=0.02, average=0.999),
    epochs=60,
    batch=24,
)
