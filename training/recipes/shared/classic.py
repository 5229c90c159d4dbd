"""What the classic networks share: their common blocks, ends and ways of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers

from app.errors import ModelError, SettingsError
from app.vision.inference.face_crop import PatchSpec
from training.datasets.catalog import UTKFACE
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.fer2013 import FER2013
from training.errors import first_line
from training.networks.optimizers import OptimizerFactory, adam
from training.samples.labels import EMOTIONS, SEXES
from training.samples.sample import Sample
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe
from training.transforms.patch_augmentation import Augmentation

INITS = ("random", "imagenet")
FLIP = Augmentation(flip=True)

Build = Callable[..., keras.Model]


class Learning(NamedTuple):
    """How a network with one output learns: targets of the samples with n rows, loss, metric and monitored figure."""

    output: str
    targets: Callable[[Sequence[Sample]], np.ndarray]
    loss: str
    metric: Callable[[], Any]
    monitor: tuple[str, str]


def patch_input(patch: PatchSpec) -> Any:
    """The input `patch`, uint8 (n, size, size, channels)."""
    return keras.Input(patch.shape, dtype="uint8", name="patch")


def shares(inputs: Any) -> Any:
    """Tones from 0 to 1."""
    return layers.Rescaling(1 / 255)(inputs)


def normalised_convolution(x: Any, filters: int, kernel: int = 3, dropout: float = 0.25) -> Any:
    """Convolution, batch normalisation, ReLU, pooling by two and dropout."""
    x = layers.Conv2D(filters, kernel, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return layers.Dropout(dropout)(layers.MaxPooling2D(2)(x))


def normalised_dense(x: Any, units: int, dropout: float = 0.25) -> Any:
    """Dense layer, batch normalisation, ReLU and dropout."""
    x = layers.ReLU()(layers.BatchNormalization()(layers.Dense(units)(x)))
    return layers.Dropout(dropout)(x)


def wide_emotion_network(patch: PatchSpec, penalty: float | None, dropouts: Sequence[float]) -> keras.Model:
    """Two pairs of convolutions and one dense layer of 1024, which holds nearly all parameters.

    Args:
        penalty: L2 on the convolutions of 128 and 256; None has none.
        dropouts: After each pair and after the dense layer.
    """
    inputs = patch_input(patch)
    x = shares(inputs)
    for filters, padding, decay, dropout in ((32, "same", None, dropouts[0]), (128, "valid", penalty, dropouts[1])):
        for width, border in ((filters, "same"), (2 * filters, padding)):
            kernel_penalty = keras.regularizers.L2(decay) if decay else None
            x = layers.Conv2D(width, 3, padding=border, activation="relu", kernel_regularizer=kernel_penalty)(x)
        x = layers.MaxPooling2D(2)(layers.BatchNormalization()(x))
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1024, activation="relu")(layers.Flatten()(x))
    return emotion_model(inputs, layers.Dropout(dropouts[2])(x))


def emotion_model(inputs: Any, features: Any) -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`."""
    return softmax_model(inputs, features, len(EMOTIONS))


def softmax_model(inputs: Any, features: Any, labels: int) -> keras.Model:
    """Output `probabilities`, shape (n, labels); its logits are the layer `logits`."""
    logits = layers.Dense(labels, dtype="float32", name="logits")(features)
    return keras.Model(inputs, {"probabilities": layers.Softmax(dtype="float32", name="probabilities")(logits)})


def recipe(
    name: str,
    title: str,
    head: Head,
    patch: PatchSpec,
    build: Build,
    optimizer: OptimizerFactory,
    source: DatasetSpec = UTKFACE,
    learning: Learning | None = None,
    augmentation: Augmentation = FLIP,
    **training: Any,
) -> Recipe[AttributeTask]:
    """A classic network with one output; `training` holds further fields of the recipe.

    Args:
        learning: How it learns that output; None is a softmax `probabilities` over the labels of `head`.
    """
    output, targets, loss, metric, monitor = learning or _softmax(head)
    return Recipe(
        name=name,
        title=title,
        network=head.attribute,
        task=AttributeTask(patch, (head,), source, lambda samples: {output: targets(samples)}, augmentation),
        build=build,
        losses=lambda: {output: loss},
        metrics=lambda: {output: [metric()]},
        monitor=monitor,
        optimizer=optimizer,
        **training,
    )


def _softmax(head: Head) -> Learning:
    def one_hot(samples: Sequence[Sample]) -> np.ndarray:
        return np.eye(len(head.labels), dtype=np.float32)[head.indexes(samples)]

    metric = partial(keras.metrics.CategoricalAccuracy, name="accuracy")
    return Learning("probabilities", one_hot, "categorical_crossentropy", metric, ("val_accuracy", "max"))


def emotion_recipe(
    name: str, title: str, patch: PatchSpec, build: Build, optimizer: OptimizerFactory, **training: Any
) -> Recipe[AttributeTask]:
    """A classic emotion network on FER2013."""
    return recipe(name, title, Head("emotion", "classes", EMOTIONS), patch, build, optimizer, FER2013, **training)


def age_model(inputs: Any, features: Any) -> keras.Model:
    """Output `years`, shape (n, 1)."""
    return keras.Model(inputs, {"years": layers.Dense(1, dtype="float32", name="years")(features)})


def age_recipe(name: str, title: str, patch: PatchSpec, build: Build, **training: Any) -> Recipe[AttributeTask]:
    """A classic network on UTKFace that gives the age as a number, in years."""

    def years(samples: Sequence[Sample]) -> np.ndarray:
        return np.array([float(sample.labels["age"]) for sample in samples], np.float32).reshape(-1, 1)

    learning = Learning("years", years, "mse", lambda: "mae", ("val_mae", "min"))
    return recipe(
        name, title, Head("age", "value", ("years",)), patch, build, adam(1e-4), learning=learning, **training
    )


def sex_model(inputs: Any, features: Any) -> keras.Model:
    """Output `p_female`, shape (n, 1); its layer `logits` over (male, female) is what can be served."""
    logit = layers.Dense(1, dtype="float32")(features)
    # The softmax over (0, logit) is the sigmoid of the logit.
    zero = layers.Rescaling(0.0, dtype="float32")(logit)
    logits = layers.Concatenate(dtype="float32", name="logits")([zero, logit])
    p_female = layers.Activation("sigmoid", dtype="float32", name="p_female")(logits[:, 1:])
    return keras.Model(inputs, {"p_female": p_female})


def sex_recipe(name: str, title: str, patch: PatchSpec, build: Build, **training: Any) -> Recipe[AttributeTask]:
    """A classic network on UTKFace with one output for the sex: 1 for female."""
    head = Head("sex", "classes", SEXES)

    def female(samples: Sequence[Sample]) -> np.ndarray:
        return head.indexes(samples).astype(np.float32).reshape(-1, 1)

    learning = Learning("p_female", female, "binary_crossentropy", lambda: "accuracy", ("val_accuracy", "max"))
    return recipe(name, title, head, patch, build, adam(1e-4), learning=learning, **training)


def application(make: Callable[..., keras.Model], shape: tuple[int, int, int], init: str) -> keras.Model:
    """The trunk of a network of keras.applications, without its top.

    Args:
        make: Such as `keras.applications.MobileNetV2`.
        init: `random`, or `imagenet` for weights that Keras fetches once and keeps.
    Raises:
        SettingsError: `init` is neither.
        ModelError: the ImageNet weights cannot be had.
    """
    if init not in INITS:
        raise SettingsError(f"init={init} is unknown; choose {' or '.join(INITS)}")
    if init == "random":
        return make(include_top=False, weights=None, input_shape=shape)
    try:
        return make(include_top=False, weights="imagenet", input_shape=shape)
    except Exception as error:  # keras.utils.get_file raises nothing more precise
        raise ModelError(
            f"no ImageNet weights ({first_line(error)}); connect this machine to the internet, put the file "
            "into ~/.keras/models, or use --init random"
        ) from None


def sgd(learning_rate: float = 0.01) -> OptimizerFactory:
    """Plain gradient descent, as Keras starts it."""
    return OptimizerFactory(learning_rate, lambda rate, steps, steps_per_epoch: keras.optimizers.SGD(rate))


def decaying_adam(learning_rate: float, decay: float) -> OptimizerFactory:
    """Adam whose rate is divided by 1 + `decay` * steps, which Keras once called `decay`."""

    def make(learning_rate: float, steps: int, steps_per_epoch: int) -> Any:
        schedule = keras.optimizers.schedules.InverseTimeDecay(learning_rate, decay_steps=1, decay_rate=decay)
        return keras.optimizers.Adam(schedule)

    return OptimizerFactory(learning_rate, make)
