"""Knowledge distillation: mix the predictions of a trained network into the targets (Hinton et al. 2015)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.errors import ModelError
from app.numerics import softmax
from training.networks.pretrained import load_network
from training.tasks.attributes.arrays import Arrays

PREDICTION_BATCH = 256


def distilled(arrays: Arrays, teacher: Path, weights: Mapping[str, float], student: str) -> Arrays:
    """The arrays with the teacher's predictions mixed into the targets of `logits`.

    The prediction for a patch is the mean over the patch and its mirror image.

    Args:
        teacher: File of a Keras network with the same patches and labels.
        weights: Share of the teacher's predictions in the targets, 0 to 1, by what the names of patches begin with.
        student: Name of the recipe, for error messages.
    Raises:
        ModelError: the file is missing or is no such network.
    """
    network, labels = load_network(teacher), arrays.targets["logits"]
    shapes = network.input_shape[1:], network.output_shape[1:]
    if shapes != (arrays.patches.shape[1:], labels.shape[1:]):
        raise ModelError(f"{teacher} reads and says other shapes than {student}: {shapes[0]} and {shapes[1]}")
    views = arrays.patches, arrays.patches[:, :, ::-1]
    predicted = [softmax(network.predict(view, batch_size=PREDICTION_BATCH, verbose=0)) for view in views]
    weight = _weight_of_rows(arrays.names, weights)
    logits = ((1 - weight) * labels + weight * np.mean(predicted, axis=0)).astype(np.float32)
    return replace(arrays, targets={**arrays.targets, "logits": logits})


def _weight_of_rows(names: Sequence[str], weights: Mapping[str, float]) -> np.ndarray:
    """The weight of the first prefix that fits each name, float64 (n, 1); 0 where none does."""
    found = [next((weight for start, weight in weights.items() if name.startswith(start)), 0.0) for name in names]
    return np.array(found)[:, None]
