"""Transfer learning on FER2013: a frozen MobileNetV2 and a new dense top."""

from __future__ import annotations

import keras
from keras import layers

from training.networks.optimizers import adam
from training.recipes.classic import emotion_cnn
from training.recipes.shared import classic
from training.samples.framing import fer2013_patch

PATCH = fer2013_patch(48, "rgb")


def build(init: str = "random") -> keras.Model:
    """Output `probabilities` over EMOTIONS; its logits are the layer `logits`.

    Args:
        init: `random` or `imagenet`; of a trunk that stays frozen only the latter is of use.
    """
    trunk = classic.application(keras.applications.MobileNetV2, PATCH.shape, init)
    trunk.trainable = False
    inputs = classic.patch_input(PATCH)
    x = trunk(layers.Rescaling(1 / 127.5, offset=-1.0)(inputs), training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(512, activation="relu")(x)
    return classic.emotion_model(inputs, layers.Dropout(0.2)(x))


RECIPE = classic.emotion_recipe(
    "emotion-mobilenetv2",
    "Emotion (frozen MobileNetV2)",
    PATCH,
    build,
    adam(),
    augmentation=emotion_cnn.RECIPE.task.augmentation,
    epochs=100,
    batch=256,
    random_start_notice="the MobileNetV2 trunk is frozen with random weights; --init imagenet gives it learnt ones",
)
