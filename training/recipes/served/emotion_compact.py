"""The served emotion network: plain residual convolutions on 48-pixel gray patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from training.datasets.catalog import EXPRESSIONS
from training.datasets.emotions import FER2013_AND_EXPRESSIONS
from training.datasets.fer2013 import FER2013
from training.datasets.joined_sets import prefix
from training.datasets.readers.ferplus import CHOICES
from training.networks import blocks
from training.networks.kernel_rescaling import rescale_kernels
from training.networks.optimizers import nesterov
from training.networks.pretrained import copy_trunk
from training.recipes.shared.emotion import one_hot
from training.samples.framing import fer2013_patch
from training.samples.labels import EMOTIONS
from training.samples.sample import Sample
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe
from training.transforms.patch_augmentation import Augmentation

PATCH = replace(fer2013_patch(), aligned=True)
# Width and stride of the stages. Plain convolutions: as int8 they gain most, and gates cost a third of the training.
STAGES = ((64, 2), (128, 2), (128, 1), (192, 2), (192, 1))
TRUNK_LAYERS = 28  # layers with weights before the heads
# How often images of a source are drawn, compared with FER2013's. There are few of them; of mma_expw, which has three
# of the labels only, more would teach the source.
SOURCE_DRAWS: Mapping[str, float] = {
    "affectnet_masked": 2.0,
    "cfee": 1.5,
    "ckplus": 1.5,
    "google_al": 2.0,
    "google_ni": 2.0,
    "kdef": 1.5,
    "mma_expw": 0.8,
    "sfew": 2.0,
}


def build(trunk_weights: Path | None = None) -> keras.Model:
    """The training model: `logits` over EMOTIONS, and `votes` over what FER+ annotators could choose.

    Args:
        trunk_weights: File of such a network, without `votes` as it is served, to go on from.
    """
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
    x = blocks.conv_bn_relu(x, 32)
    for filters, stride in STAGES:
        x = blocks.residual_block(blocks.conv_bn_relu(x, filters, stride) if stride > 1 else x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    logits = layers.Dense(len(EMOTIONS), dtype="float32", name="logits")(x)
    votes = layers.Dense(len(CHOICES), dtype="float32", name="votes")(x)
    model = keras.Model(inputs, {"logits": logits, "votes": votes})
    if trunk_weights is not None:
        copy_trunk(model, trunk_weights, TRUNK_LAYERS)
        rescale_kernels(model)
    return model


def targets(samples: Sequence[Sample]) -> Mapping[str, np.ndarray]:
    """One-hot `logits` and the shares of `votes`."""
    # Of a row of zeros `votes_loss` teaches nothing, so pictures without votes only teach `logits`.
    nobody = np.zeros(len(CHOICES), np.float32)
    votes = np.array([nobody if s.votes is None else s.votes for s in samples], np.float32).reshape(-1, len(CHOICES))
    return {**one_hot(samples, "logits"), "votes": votes}


def draws(samples: Sequence[Sample]) -> np.ndarray:
    """How often to draw each sample, float64 (n,), 1 on average."""
    weights = np.array([SOURCE_DRAWS.get(str(sample.labels.get("source")), 1.0) for sample in samples])
    return weights / weights.mean()


def votes_loss(targets: Any, logits: Any) -> Any:
    """Cross-entropy, (n,), whose gradient is 0 too for a row of zeros.

    TensorFlow's fused operation takes for granted that a row sums to 1: it would push down all logits of pictures
    without votes, and the trunk with them.
    """
    return -ops.sum(targets * ops.log_softmax(logits), -1)


def _losses() -> Mapping[str, Any]:
    return {
        "logits": keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        "votes": votes_loss,
    }


RECIPE = Recipe(
    name="emotion-compact",
    title="Emotion",
    network="emotion",
    task=AttributeTask(
        patch=PATCH,
        heads=(Head("emotion", "classes", EMOTIONS),),
        source=FER2013_AND_EXPRESSIONS,
        targets=targets,
        augmentation=Augmentation(
            rotation_degrees=15,
            scale=(0.88, 1.15),
            shift=0.06,
            flip=True,
            contrast=0.25,
            brightness=0.12,
            random_erasing=0.4,
            padding_fill=0.7,
            mixup=0.5,
            surround_fill=0.2,
        ),
        # None: the network that it starts from, and is taught by, was adjusted by half of the shares before.
        logit_adjustment=0.0,
        # A teacher that knows FER2013 alone is often wrong about the other sources.
        distillation_weights={prefix(FER2013): 0.7, prefix(EXPRESSIONS): 0.0},
        draw=draws,
    ),
    build=build,
    losses=_losses,
    metrics=lambda: {"logits": [keras.metrics.CategoricalAccuracy(name="accuracy")]},
    monitor=("val_logits_accuracy", "max"),
    loss_weights={"logits": 1.0, "votes": 0.5},
    # Keras' decay has no momentum: this is the .0005 of a penalty in the loss.
    optimizer=nesterov(0.004, weight_decay=5e-3),
    epochs=6,
)
