"""Knowledge distillation: mix the predictions of a trained network into the targets (Hinton et al. 2015)."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.errors import ModelError
from app.numerics import softmax
from training.networks.pretrained import load_network
from training.tasks.attributes.arrays import Arrays

PREDICTION_BATCH = 256


def distilled(
    arrays: Arrays, teacher: Path, weights: Mapping[str, float], student: str, cache: Path | None = None
) -> Arrays:
    """The arrays with the teacher's predictions mixed into the targets of `logits`.

    The prediction for a patch is the mean over the patch and its mirror image.

    Args:
        teacher: File of a Keras network with the same patches and labels.
        weights: Share of the teacher's predictions in the targets, 0 to 1, by what the names of patches begin with.
        student: Name of the recipe, for error messages and the name of what is kept.
        cache: Folder where the predictions are kept for a run that is continued; None keeps nothing.
    Raises:
        ModelError: the file is missing or is no such network.
    """
    labels, weight = arrays.targets["logits"], _weight_of_rows(arrays.names, weights)
    predicted = _kept(arrays, teacher, student, cache)
    logits = ((1 - weight) * labels + weight * predicted).astype(np.float32)
    return replace(arrays, targets={**arrays.targets, "logits": logits})


def _kept(arrays: Arrays, teacher: Path, student: str, cache: Path | None) -> np.ndarray:
    """The teacher's predictions, from the cache if it made them for the same patches."""
    if cache is None or not teacher.is_file():
        return _predicted(arrays, teacher, student)
    key = hashlib.sha256(teacher.read_bytes())
    key.update(arrays.patches.tobytes())
    file = cache / f"{student}-taught-{key.hexdigest()[:16]}.npy"
    if not file.is_file():
        unfinished = file.with_suffix(f".{os.getpid()}.npy")
        cache.mkdir(parents=True, exist_ok=True)
        np.save(unfinished, _predicted(arrays, teacher, student))
        os.replace(unfinished, file)
    return np.asarray(np.load(file))


def _predicted(arrays: Arrays, teacher: Path, student: str) -> np.ndarray:
    """Mean probabilities of each patch and its mirror image, float32 (n, labels)."""
    network, labels = load_network(teacher), arrays.targets["logits"]
    shapes = network.input_shape[1:], network.output_shape[1:]
    if shapes != (arrays.patches.shape[1:], labels.shape[1:]):
        raise ModelError(f"{teacher} reads and says other shapes than {student}: {shapes[0]} and {shapes[1]}")
    views = arrays.patches, arrays.patches[:, :, ::-1]
    predicted = [softmax(network.predict(view, batch_size=PREDICTION_BATCH, verbose=0)) for view in views]
    return np.asarray(np.mean(predicted, axis=0), np.float32)


def _weight_of_rows(names: Sequence[str], weights: Mapping[str, float]) -> np.ndarray:
    """The weight of the first prefix that fits each name, float64 (n, 1); 0 where none does."""
    found = [next((weight for start, weight in weights.items() if name.startswith(start)), 0.0) for name in names]
    return np.array(found)[:, None]
