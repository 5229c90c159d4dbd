"""Give the convolutions of a trained network the size of new ones, without a change of what the network computes."""

from __future__ import annotations

from typing import Any

import numpy as np


def rescale_kernels(model: Any) -> None:
    """Scale each kernel that feeds a batch normalisation to the standard deviation of He's initialisation.

    Batch normalisation undoes the scale of a kernel, but a step of an optimizer changes a small kernel by a larger
    share. Long weight decay leaves kernels so small that a usual learning rate destroys them within a few steps.

    Args:
        model: Keras model; its kernels, moving statistics and gains are assigned.
    """
    from keras import layers

    convolutions = {id(layer.output): layer for layer in model.layers if isinstance(layer, layers.Conv2D)}
    for norm in model.layers:
        if isinstance(norm, layers.BatchNormalization) and id(norm.input) in convolutions:
            _rescale(convolutions[id(norm.input)], norm)


def _rescale(convolution: Any, norm: Any) -> None:
    kernel = np.asarray(convolution.kernel)
    scale = np.sqrt(2 / np.prod(kernel.shape[:-1])) / kernel.std()
    variance = np.asarray(norm.moving_variance)
    # The variance is divided by together with epsilon, which does not grow with the kernel.
    gain = np.sqrt((scale**2 * variance + norm.epsilon) / (variance + norm.epsilon)) / scale
    convolution.kernel.assign(kernel * scale)
    norm.moving_mean.assign(np.asarray(norm.moving_mean) * scale)
    norm.moving_variance.assign(variance * scale**2)
    norm.gamma.assign(np.asarray(norm.gamma) * gain)
