"""The served mask network: the first stages of the network of age, sex and race, and one of its own on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from keras import layers

from app.vision.inference.face_crop import PatchSpec
from training.datasets.class_balance import tempered_class_weights
from training.networks import blocks
from training.networks.optimizers import nesterov
from training.networks.pretrained import copy_trunk
from training.recipes.served.demographics_compact import TRUNK_LAYERS, face_trunk
from training.samples.labels import MASK_STATES
from training.samples.sample import Sample
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe
from training.transforms.patch_augmentation import Augmentation
from training.transforms.synthetic_masks import MASKS_WITH_SYNTHETIC, SYNTHETIC_SOURCE

# Much more of what is under the chin than the patch of age shows: masks are worn there too.
PATCH = PatchSpec(size=112, colour="rgb", margin=1.6, offset_y=0.16, aligned=True)
# How differently cameras show the same face.
CAMERAS = Augmentation(
    rotation_degrees=15, scale=(0.82, 1.2), shift=0.08, flip=True, contrast=0.3, brightness=0.15, channel_gain=0.2
)
# Sources whose masks are drawn.
SYNTHETIC = (SYNTHETIC_SOURCE, "prajnasb", "maskedfacenet")


def build(trunk_weights: Path | None = None) -> keras.Model:
    """The training model: `logits` over MASK_STATES.

    Args:
        trunk_weights: File of demographics-compact's network, to start from: of masks there are few pictures.
    """
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
    x = face_trunk(x)
    x = blocks.se_residual_block(x, 160, stride=2)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.4)(x)
    logits = layers.Dense(len(MASK_STATES), dtype="float32", name="logits")(x)
    model = keras.Model(inputs, {"logits": logits})
    if trunk_weights is not None:
        copy_trunk(model, trunk_weights, TRUNK_LAYERS)
    return model


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """One-hot `logits`."""
    indexes = np.array([MASK_STATES.index(str(sample.labels["mask"])) for sample in samples], np.int64)
    return {"logits": np.eye(len(MASK_STATES), dtype=np.float32)[indexes]}


RECIPE = Recipe(
    name="mask-compact",
    title="Mask",
    network="mask",
    task=AttributeTask(
        patch=PATCH,
        heads=(Head("mask", "classes", MASK_STATES),),
        source=MASKS_WITH_SYNTHETIC,
        targets=targets,
        # Little is erased: what hides a nose or a mouth looks like a mask.
        augmentation=replace(CAMERAS, random_erasing=0.1, padding_fill=0.6, mixup=0.3),
        # Real masks are few: without this, a mask worn wrongly is a drawn one in two of three.
        draw=lambda samples: tempered_class_weights(samples, "mask", "source", dict.fromkeys(SYNTHETIC, 0.4)),
        flip_tta=True,
    ),
    build=build,
    losses=lambda: {"logits": keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)},
    metrics=lambda: {"logits": [keras.metrics.CategoricalAccuracy(name="accuracy")]},
    monitor=("val_loss", "min"),
    optimizer=nesterov(0.02),
    epochs=32,
)
