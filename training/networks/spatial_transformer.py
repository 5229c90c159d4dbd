"""Look at a picture through an affine window that a network chooses itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, ops

WINDOW_LAYER = "window"
PREDICTION_BATCH = 256
# The window that shows the picture as it is.
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@keras.saving.register_keras_serializable(package="training")
class SpatialTransformer(layers.Layer):
    """Samples pictures bilinearly at the points of an affine window; differentiable in both inputs.

    Called with pictures (n, height, width, channels) and windows (n, 6): the rows (a, b, c) and (d, e, f) that turn
    an output position (x, y, 1), from -1 to 1 between the centres of the corner pixels, into the position to look at.
    Outside the picture its edge is repeated.
    """

    def call(self, inputs: Any) -> Any:
        """Pictures of the same shape."""
        pictures, windows = inputs
        height, width = pictures.shape[1:3]
        x, y = _positions(ops.cast(windows, "float32"), height, width)
        left, top = ops.floor(x), ops.floor(y)
        right_share, lower_share = (ops.cast(ops.expand_dims(v, -1), pictures.dtype) for v in (x - left, y - top))
        upper = _mixed(_pixels(pictures, top, left), _pixels(pictures, top, left + 1), right_share)
        lower = _mixed(_pixels(pictures, top + 1, left), _pixels(pictures, top + 1, left + 1), right_share)
        return ops.reshape(_mixed(upper, lower, lower_share), (-1, *pictures.shape[1:]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape[0]


def identity_affine_dense(x: Any) -> Any:
    """A dense layer (n, 6) that starts by showing the whole picture, whatever its input."""
    start = keras.initializers.Constant(IDENTITY)
    return layers.Dense(6, kernel_initializer="zeros", bias_initializer=start, dtype="float32", name=WINDOW_LAYER)(x)


def window_reader(network: keras.Model) -> Callable[[np.ndarray], np.ndarray] | None:
    """Computes the windows (n, 6) of a network for its inputs; None if the network has no spatial transformer."""
    if WINDOW_LAYER not in {layer.name for layer in network.layers}:
        return None
    model = keras.Model(network.input, network.get_layer(WINDOW_LAYER).output)

    def read(patches: np.ndarray) -> np.ndarray:
        return np.asarray(model.predict(patches, batch_size=PREDICTION_BATCH, verbose=0), np.float32)

    return read


def _positions(windows: Any, height: int, width: int) -> tuple[Any, Any]:
    """Where to look for every output pixel, in pixels, each (n, height * width), within the picture."""
    columns, rows = ops.meshgrid(ops.linspace(-1.0, 1.0, width), ops.linspace(-1.0, 1.0, height))
    grid = ops.stack([ops.reshape(columns, (-1,)), ops.reshape(rows, (-1,)), ops.ones((height * width,))])
    looked_at = ops.matmul(ops.reshape(windows, (-1, 2, 3)), ops.cast(grid, "float32"))
    x = (looked_at[:, 0] + 1) * (width - 1) / 2
    y = (looked_at[:, 1] + 1) * (height - 1) / 2
    return ops.clip(x, 0, width - 1), ops.clip(y, 0, height - 1)


def _pixels(pictures: Any, rows: Any, columns: Any) -> Any:
    """The pixels at whole positions (n, points), as (n, points, channels)."""
    height, width, channels = pictures.shape[1:]
    rows, columns = ops.minimum(rows, height - 1), ops.minimum(columns, width - 1)
    places = ops.expand_dims(ops.cast(rows * width + columns, "int32"), -1)
    listed = ops.reshape(pictures, (-1, height * width, channels))
    return ops.take_along_axis(listed, ops.repeat(places, channels, axis=-1), axis=1)


def _mixed(first: Any, second: Any, share: Any) -> Any:
    return first + (second - first) * share
