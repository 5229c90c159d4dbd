"""Batch normalisation, in one operation where Keras takes a dozen."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


def batch_normalization(momentum: float) -> layers.BatchNormalization:
    """Keras' own layer, or under bfloat16 on TensorFlow the same in one operation.

    With it a training step of `emotion-compact` took 0.44 instead of 0.62 s on two cores (one trial of 15 steps each).
    Networks that are exported are built in float32, so that what is kept holds Keras' layer alone.
    """
    fused = keras.backend.backend() == "tensorflow" and keras.mixed_precision.global_policy().name == "mixed_bfloat16"
    return (BatchNormalization if fused else layers.BatchNormalization)(momentum=momentum)


class BatchNormalization(layers.BatchNormalization):
    """Keras' layer through TensorFlow's fused operation; its name is the same, since weights are kept by it."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalised `inputs`, shape (n, height, width, channels); `mask` is not taken into account."""
        import tensorflow as tf

        learns = bool(training and self.trainable)
        running = () if learns else (self.moving_mean.value, self.moving_variance.value)
        normalised, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma.value, self.beta.value, *running, epsilon=self.epsilon, is_training=learns
        )
        if learns:
            self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
            self.moving_variance.assign(self.moving_variance * self.momentum + variance * (1 - self.momentum))
        return normalised
