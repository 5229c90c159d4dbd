"""The served mask network: a small squeeze-and-excite residual network on 96-pixel colour patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
from keras import layers

from app.vision.patch import PatchSpec
from training import blocks
from training.augment import Augmentation
from training.balance import tempered_weights
from training.data.drawn_masks import MASKS_AND_DRAWN
from training.data.masks import MASKS
from training.data.sample import Sample
from training.optimizers import nesterov
from training.recipe import Head, Recipe

# The pictures of the sources that count (real masks and none drawn) are 1.42 mean sides of the face's box, their
# centre .11 below the box's (medians of YuNet's boxes on 227 pictures); the patch of a face shows as much.
PATCH = PatchSpec(size=96, colour="rgb", margin=1.42, offset_y=0.11, aligned=True)


def build() -> keras.Model:
    """The training model: `logits` over MASKS."""
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
    x = blocks.convolution(x, 16, stride=2)
    x = blocks.residual(x, 32, stride=2)
    x = blocks.residual(x, 64, stride=2)
    x = blocks.residual(x, 64)
    x = blocks.residual(x, 96, stride=2)
    x = blocks.residual(x, 96)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    logits = layers.Dense(len(MASKS), dtype="float32", name="logits")(x)
    return keras.Model(inputs, {"logits": logits})


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """One-hot `logits`."""
    indexes = np.array([MASKS.index(str(sample.labels["mask"])) for sample in samples], np.int64)
    return {"logits": np.eye(len(MASKS), dtype=np.float32)[indexes]}


RECIPE = Recipe(
    name="mask-compact",
    title="Mask",
    network="mask",
    patch=PATCH,
    heads=(Head("mask", "classes", MASKS),),
    source=MASKS_AND_DRAWN,
    build=build,
    targets=targets,
    losses=lambda: {"logits": keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.05)},
    metrics=lambda: {"logits": [keras.metrics.CategoricalAccuracy(name="accuracy")]},
    monitor=("val_loss", "min"),
    # Little is erased: what hides a nose or a mouth looks like a mask.
    augmentation=Augmentation(
        rotation=15, scale=(0.82, 1.2), shift=0.08, flip=True, contrast=0.3, brightness=0.15, erase=0.1
    ),
    optimizer=nesterov(0.05),
    epochs=40,
    draw=lambda samples: tempered_weights(samples, "mask", "source"),
)
