"""The affine window samples as a plain loop would, passes gradients on, and survives saving."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="no keras: the layer is not tested here")

from training.networks.spatial_transformer import IDENTITY, SpatialTransformer  # noqa: E402

TURNED = (0.8, -0.3, 0.1, 0.25, 0.9, -0.2)
FAR_OUT = (3.0, 0.0, 2.0, 0.0, 3.0, -2.0)


def expected(picture: np.ndarray, window: tuple[float, ...]) -> np.ndarray:
    """The same sampling, pixel by pixel."""
    height, width, _ = picture.shape
    a, b, c, d, e, f = window
    result = np.empty_like(picture)
    for row in range(height):
        for column in range(width):
            x, y = 2 * column / (width - 1) - 1, 2 * row / (height - 1) - 1
            at_x = min(max((a * x + b * y + c + 1) * (width - 1) / 2, 0.0), width - 1.0)
            at_y = min(max((d * x + e * y + f + 1) * (height - 1) / 2, 0.0), height - 1.0)
            left, top = math.floor(at_x), math.floor(at_y)
            right, lower = min(left + 1, width - 1), min(top + 1, height - 1)
            u, v = at_x - left, at_y - top
            above = picture[top, left] * (1 - u) + picture[top, right] * u
            below = picture[lower, left] * (1 - u) + picture[lower, right] * u
            result[row, column] = above * (1 - v) + below * v
    return result


def pictures() -> np.ndarray:
    return np.random.default_rng(3).random((3, 7, 9, 2)).astype(np.float32)


def test_the_identity_window_changes_nothing() -> None:
    sampled = SpatialTransformer()([pictures(), np.tile(np.float32(IDENTITY), (3, 1))])
    assert np.allclose(keras.ops.convert_to_numpy(sampled), pictures(), atol=1e-5)


def test_each_picture_is_sampled_through_its_own_window() -> None:
    windows = (IDENTITY, TURNED, FAR_OUT)
    sampled = keras.ops.convert_to_numpy(SpatialTransformer()([pictures(), np.float32(windows)]))
    for index, window in enumerate(windows):
        assert np.allclose(sampled[index], expected(pictures()[index], window), atol=1e-5)


@pytest.mark.soak
def test_training_moves_the_window_towards_what_it_should_show() -> None:
    picture = np.zeros((1, 16, 16, 1), np.float32)
    picture[0, 4:9, 6:11] = 1.0
    blurred = sum(np.roll(picture, shift, axis) for shift in range(-3, 4) for axis in (1, 2)) / 14
    shift = keras.Input((6,))
    source = keras.Input((16, 16, 1))
    change = keras.layers.Dense(6, use_bias=False, kernel_initializer="zeros")(shift)
    start = keras.layers.Rescaling(1.0, offset=list(IDENTITY))(change)
    model = keras.Model([source, shift], SpatialTransformer()([source, start]))
    model.compile(keras.optimizers.SGD(2.0), loss="mse")
    inputs, wanted = [blurred, np.eye(6, dtype=np.float32)[:1]], np.roll(blurred, 2, 2)
    before = model.evaluate(inputs, wanted, verbose=0)
    model.fit(inputs, wanted, epochs=30, verbose=0)
    assert model.evaluate(inputs, wanted, verbose=0) < before / 4


def test_a_saved_network_loads_with_the_layer(tmp_path: Path) -> None:
    source, window = keras.Input((7, 9, 2)), keras.Input((6,))
    model = keras.Model([source, window], SpatialTransformer(name="attention")([source, window]))
    model.save(tmp_path / "window.keras")
    loaded = keras.models.load_model(tmp_path / "window.keras")
    inputs = [pictures(), np.tile(np.float32(TURNED), (3, 1))]
    before, after = (keras.ops.convert_to_numpy(network(inputs)) for network in (model, loaded))
    assert np.array_equal(after, before)


@pytest.mark.soak
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_other_backends_sample_the_same(backend: str) -> None:
    if find_spec(backend) is None:
        pytest.skip(f"no {backend}: the layer is not tested on it here")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", "own_window or identity or towards", __file__],
        env={**os.environ, "KERAS_BACKEND": backend},
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
