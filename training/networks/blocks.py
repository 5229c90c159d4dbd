"""Building blocks that several recipes share, from stock Keras layers."""

from __future__ import annotations

from typing import Any

from keras import layers

from training.networks.fused_batch_norm import batch_normalization


def conv_bn_relu(x: Any, filters: int, stride: int = 1, kernel: int = 3, activate: bool = True) -> Any:
    """Convolution without bias, batch normalisation and, unless told otherwise, ReLU."""
    x = layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False)(x)
    x = batch_normalization(momentum=0.95)(x)
    return layers.ReLU()(x) if activate else x


def se_residual_block(x: Any, filters: int, stride: int = 1) -> Any:
    """Two convolutions with squeeze-and-excitation and a shortcut."""
    shortcut = x
    if stride != 1 or x.shape[-1] != filters:
        pooled = layers.AveragePooling2D(stride)(x) if stride != 1 else x
        shortcut = conv_bn_relu(pooled, filters, kernel=1, activate=False)
    y = conv_bn_relu(x, filters, stride)
    y = conv_bn_relu(y, filters, activate=False)
    y = squeeze_excitation(y, filters)
    return layers.ReLU()(layers.Add()([y, shortcut]))


def residual_block(x: Any, filters: int) -> Any:
    """Two convolutions and a shortcut; `x` has as many channels already."""
    y = conv_bn_relu(conv_bn_relu(x, filters), filters, activate=False)
    return layers.ReLU()(layers.Add()([x, y]))


def squeeze_excitation(x: Any, filters: int, ratio: int = 8) -> Any:
    """Scale every channel by a gate computed from the means of all."""
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    gate = layers.Conv2D(filters // ratio, 1, activation="relu")(gate)
    gate = layers.Conv2D(filters, 1, activation="sigmoid")(gate)
    return layers.Multiply()([x, gate])
