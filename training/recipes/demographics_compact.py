"""The served age and sex network: one residual trunk on 64-pixel colour patches, two heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from training import blocks
from training.augment import Augmentation
from training.data import utkface
from training.data.sample import Sample
from training.data.sets import UTKFACE
from training.framing import utkface_patch
from training.optimizers import nesterov
from training.recipe import Head, Recipe

AGES = tuple(str(age) for age in range(101))
PATCH = utkface_patch(64)
AGE_SPREAD_YEARS = 2.5  # an age is taught as a bell over the bins: neighbours are nearly right too


def build() -> keras.Model:
    """The training model: `logits` of the age bins followed by those of the sexes."""
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
    x = blocks.convolution(x, 24, stride=2)
    x = blocks.residual(x, 48)
    x = blocks.residual(x, 96, stride=2)
    x = blocks.residual(x, 96)
    x = blocks.residual(x, 160, stride=2)
    x = blocks.residual(x, 160)
    x = blocks.residual(x, 224, stride=2)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    age = layers.Dense(len(AGES), dtype="float32", name="age")(x)
    sex = layers.Dense(len(utkface.SEXES), dtype="float32", name="sex")(x)
    logits = layers.Concatenate(dtype="float32", name="logits")([age, sex])
    return keras.Model(inputs, {"logits": logits})


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """Columns of `logits`: age in years, index of the sex."""
    rows = [(min(float(s.labels["age"]), len(AGES) - 1), utkface.SEXES.index(str(s.labels["sex"]))) for s in samples]
    return {"logits": np.array(rows, np.float32).reshape(-1, 2)}


def age_and_sex_loss(targets: Any, logits: Any) -> Any:
    """Cross-entropy against a bell over the age bins, absolute error of the expected age, cross-entropy of the sex."""
    years = ops.arange(len(AGES), dtype="float32")
    age, sex = targets[:, :1], ops.cast(targets[:, 1], "int32")
    bell = ops.softmax(-ops.square(years - age) / (2 * AGE_SPREAD_YEARS**2))
    logarithms = ops.log_softmax(logits[:, : len(AGES)])
    spread = -ops.sum(bell * logarithms, -1)
    error = ops.abs(ops.sum(ops.exp(logarithms) * years, -1) - age[:, 0])
    sexes = ops.one_hot(sex, len(utkface.SEXES)) * 0.95 + 0.025
    return spread + 0.1 * error - ops.sum(sexes * ops.log_softmax(logits[:, len(AGES) :]), -1)


def age_error_years(targets: Any, logits: Any) -> Any:
    """Absolute error of the expected age."""
    years = ops.arange(len(AGES), dtype="float32")
    expected = ops.sum(ops.softmax(logits[:, : len(AGES)]) * years, -1)
    return ops.abs(expected - targets[:, 0])


def sex_accuracy(targets: Any, logits: Any) -> Any:
    """1 where the likelier sex is the labelled one."""
    chosen = ops.argmax(logits[:, len(AGES) :], -1)
    return ops.cast(ops.equal(ops.cast(chosen, "int32"), ops.cast(targets[:, 1], "int32")), "float32")


RECIPE = Recipe(
    name="demographics-compact",
    title="Age and perceived sex",
    network="demographics",
    patch=PATCH,
    heads=(Head("age", "bins", AGES), Head("sex", "classes", utkface.SEXES)),
    source=UTKFACE,
    build=build,
    targets=targets,
    losses=lambda: {"logits": age_and_sex_loss},
    metrics=lambda: {"logits": [age_error_years, sex_accuracy]},
    monitor=("val_loss", "min"),
    augmentation=Augmentation(
        rotation=12, scale=(0.88, 1.12), shift=0.06, flip=True, contrast=0.2, brightness=0.12, erase=0.3
    ),
    optimizer=nesterov(0.03),
    epochs=16,
)
