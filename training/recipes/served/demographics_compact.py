"""The served network of age, sex and race: one residual trunk on 96-pixel colour patches, three heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from training.datasets.catalog import AAF, UTKFACE
from training.datasets.class_balance import group_sampling_weights
from training.datasets.demographics import UTKFACE_AND_AAF
from training.datasets.joined_sets import prefix
from training.networks import blocks
from training.networks.optimizers import nesterov
from training.samples.framing import utkface_patch
from training.samples.labels import RACES, SEXES
from training.samples.sample import Sample
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe
from training.transforms.patch_augmentation import Augmentation

AGES = tuple(str(age) for age in range(101))
PATCH = replace(utkface_patch(96), aligned=True)
HEADS = (Head("age", "bins", AGES), Head("sex", "classes", SEXES), Head("race", "classes", RACES))
ENDS = np.cumsum([len(head.labels) for head in HEADS]).tolist()
COLUMNS = {head.attribute: slice(end - len(head.labels), end) for head, end in zip(HEADS, ENDS, strict=True)}
SEX, RACE = 1, 2  # columns of the targets
TRUNK_LAYERS = 24  # layers with weights in `face_trunk`
AGE_SPREAD_YEARS = 2.5  # an age is taught as a bell over the bins: neighbours are nearly right too
ERROR_WEIGHT, RACE_WEIGHT, SMOOTHING = 0.1, 0.5, 0.05


def build() -> keras.Model:
    """The training model: `logits` of the age bins followed by those of the sexes and of the races."""
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
    x = face_trunk(x)
    x = blocks.se_residual_block(x, 256, stride=2)
    x = blocks.se_residual_block(x, 256)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    parts = [layers.Dense(len(head.labels), dtype="float32", name=head.attribute)(x) for head in HEADS]
    logits = layers.Concatenate(dtype="float32", name="logits")(parts)
    return keras.Model(inputs, {"logits": logits})


def face_trunk(x: Any) -> Any:
    """The first stages, which tell enough of faces to be of use elsewhere."""
    x = blocks.conv_bn_relu(x, 32, stride=2)
    x = blocks.se_residual_block(x, 64, stride=2)
    x = blocks.se_residual_block(x, 128, stride=2)
    return blocks.se_residual_block(x, 128)


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """Columns of `logits`: age in years, index of the sex, index of the race or -1 where it is unknown."""
    ages = np.minimum([float(sample.labels["age"]) for sample in samples], len(AGES) - 1)
    columns = [ages, *(head.indexes(samples) for head in HEADS if head.kind == "classes")]
    return {"logits": np.stack(columns, -1).astype(np.float32)}


def demographics_loss(targets: Any, logits: Any) -> Any:
    """Of the age: cross-entropy against a bell over the bins, and the expected age's error; of the words: as told."""
    years = ops.arange(len(AGES), dtype="float32")
    bell = ops.softmax(-ops.square(years - targets[:, :1]) / (2 * AGE_SPREAD_YEARS**2))
    spread = -ops.sum(bell * ops.log_softmax(logits[:, COLUMNS["age"]]), -1)
    words = _word_loss(targets[:, SEX], logits[:, COLUMNS["sex"]])
    words = words + RACE_WEIGHT * _word_loss(targets[:, RACE], logits[:, COLUMNS["race"]])
    return spread + ERROR_WEIGHT * age_error_years(targets, logits) + words


def _word_loss(indexes: Any, logits: Any) -> Any:
    """Cross-entropy against smoothed labels, (n,); nothing where the label is unknown."""
    classes = logits.shape[-1]
    known = ops.cast(indexes >= 0, "float32")
    wanted = ops.one_hot(ops.cast(indexes, "int32"), classes) * (1 - SMOOTHING) + SMOOTHING / classes
    return -known * ops.sum(wanted * ops.log_softmax(logits), -1)


def age_error_years(targets: Any, logits: Any) -> Any:
    """Absolute error of the expected age."""
    years = ops.arange(len(AGES), dtype="float32")
    expected = ops.sum(ops.softmax(logits[:, COLUMNS["age"]]) * years, -1)
    return ops.abs(expected - targets[:, 0])


def sex_accuracy(targets: Any, logits: Any) -> Any:
    """1 where the likelier sex is the labelled one."""
    return _told(targets[:, SEX], logits[:, COLUMNS["sex"]])


def race_accuracy(targets: Any, logits: Any) -> Any:
    """Share of the known races of a batch that are the likeliest."""
    right = _told(targets[:, RACE], logits[:, COLUMNS["race"]])
    return ops.sum(right) / ops.maximum(ops.sum(ops.cast(targets[:, RACE] >= 0, "float32")), 1.0)


def _told(indexes: Any, logits: Any) -> Any:
    return ops.cast(ops.equal(ops.cast(ops.argmax(logits, -1), "float32"), indexes), "float32")


RECIPE = Recipe(
    name="demographics-compact",
    title="Age and perceived sex",
    network="demographics",
    task=AttributeTask(
        patch=PATCH,
        heads=HEADS,
        source=UTKFACE_AND_AAF,
        targets=targets,
        augmentation=Augmentation(
            rotation_degrees=12,
            scale=(0.88, 1.12),
            shift=0.06,
            flip=True,
            contrast=0.2,
            brightness=0.12,
            random_erasing=0.3,
        ),
        draw=lambda samples: group_sampling_weights(samples, ("race", "sex", "age")),
        calibrated_on=prefix(UTKFACE),
        interval_sets=(prefix(UTKFACE), prefix(AAF)),
    ),
    build=build,
    losses=lambda: {"logits": demographics_loss},
    metrics=lambda: {"logits": [age_error_years, sex_accuracy, race_accuracy]},
    monitor=("val_loss", "min"),
    optimizer=nesterov(0.04),
    epochs=28,
)
