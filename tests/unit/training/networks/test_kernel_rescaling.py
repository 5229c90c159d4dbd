"""Small kernels get the size of new ones, and the network computes the same, also while it learns."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.networks.kernel_rescaling import rescale_kernels
from training.networks.pretrained import weighted_layers
from training.recipes.served.emotion_compact import build


def small_kernels(scale: float = 0.02) -> object:
    """The emotion network with kernels as small as long weight decay leaves them, and statistics of its own."""
    import keras

    keras.utils.set_random_seed(3)
    model = build()
    random = np.random.default_rng(3)
    for layer in weighted_layers(model):
        if isinstance(layer, keras.layers.Conv2D):
            layer.kernel.assign(np.asarray(layer.kernel) * scale)
        elif isinstance(layer, keras.layers.BatchNormalization):
            size = layer.gamma.shape
            layer.gamma.assign(random.uniform(0.3, 1.5, size))
            layer.moving_mean.assign(random.normal(0, 0.05, size))
            layer.moving_variance.assign(random.uniform(1e-4, 0.02, size))
    return model


def test_the_outputs_stay_and_the_kernels_grow() -> None:
    import keras

    model = small_kernels()
    patches = np.random.default_rng(1).integers(0, 256, (8, 48, 48, 1), np.uint8)
    before = model.predict(patches, verbose=0)["logits"]
    rescale_kernels(model)
    np.testing.assert_allclose(model.predict(patches, verbose=0)["logits"], before, atol=1e-4 * np.abs(before).max())
    for layer in weighted_layers(model):
        if isinstance(layer, keras.layers.Conv2D):
            np.testing.assert_allclose(np.std(layer.kernel), np.sqrt(2 / np.prod(layer.kernel.shape[:-1])), rtol=1e-4)


def test_a_network_that_starts_from_another_has_kernels_of_full_size(tmp_path: Path) -> None:
    import keras

    small_kernels().save(tmp_path / "model.keras")
    first = next(layer for layer in weighted_layers(build(tmp_path / "model.keras")))
    assert isinstance(first, keras.layers.Conv2D)
    np.testing.assert_allclose(np.std(first.kernel), np.sqrt(2 / 9), rtol=1e-4)
