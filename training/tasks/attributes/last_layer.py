"""Fit the last layer of a trained network anew on all sources, over a trunk that stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
from scipy.optimize import minimize

from app.numerics import softmax
from training.engine.run_dir import BEST, TAUGHT_BY, write_run, write_split_lists
from training.engine.weights import weights_id, with_initial_weights
from training.tasks.attributes.arrays import Arrays
from training.tasks.attributes.distillation import distilled
from training.tasks.attributes.patch_cache import default_cache, load_splits
from training.tasks.attributes.task import AttributeTask
from training.tasks.base import SEED, SPLITS
from training.tasks.recipe import Recipe

PREDICTION_BATCH = 256
ITERATIONS = 60
# Weight of the squared distance from the old kernel in the loss. More forgets less and learns less.
PULL = 1e-3
Layer = tuple[np.ndarray, np.ndarray]  # kernel (features, labels) and bias (labels,)


def refit(
    recipe: Recipe[AttributeTask], data: Path, network: Path, out: Path, share: float, cache: Path | None = None
) -> Path:
    """Write a run whose weights are those of a network with another last layer, and return their file.

    The features of a trunk that learned from one source often hold what the others need, and the last layer alone
    cannot forget much (Kirichenko et al. 2023). It is fitted on the unmodified training patches, drawn as in the
    recipe, against labels and the network's own predictions, mixed as in the recipe.

    Args:
        network: Served Keras file of the recipe.
        share: How far to go from the old last layer (0) to the fitted one (1) (Wortsman et al. 2022).
    Raises:
        SettingsError: `out` holds another run, or the recipe starts from no network.
        UnreadableMedia: the set cannot be found, or lacks images to train or to validate on.
        ModelError: the network is missing or is no such network.
    """
    recipe = with_initial_weights(recipe, trunk_weights=network)
    facts = {"seed": SEED, TAUGHT_BY: weights_id(network), "last_layer_share": share}
    write_run(recipe, data, out, {**recipe.start, **facts})
    splits = load_splits(recipe, data, cache or default_cache())
    write_split_lists({split: getattr(splits, split).names for split in SPLITS}, splits.rejected, out)
    weights = recipe.task.distillation_weights
    train = distilled(splits.train, network, weights, recipe.name, cache or default_cache())
    model = recipe.build()
    last = model.get_layer("logits")
    old = np.asarray(last.kernel, np.float64), np.asarray(last.bias, np.float64)
    fitted = fit_layer(_features(model, last, train), train.targets["logits"], _frequencies(train), old)
    last.set_weights([one + share * (other - one) for one, other in zip(old, fitted, strict=True)])
    model.save_weights(out / BEST)
    return out / BEST


def fit_layer(features: np.ndarray, targets: np.ndarray, frequencies: np.ndarray, old: Layer) -> Layer:
    """The layer of the lowest cross-entropy near an old one.

    Args:
        features: float (n, features).
        targets: Probabilities, float (n, labels).
        frequencies: Of each row, float (n,), with the sum 1.
    """
    shape = old[0].shape

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        kernel, bias = values[: old[0].size].reshape(shape), values[old[0].size :]
        probabilities = softmax(features @ kernel + bias)
        error = (probabilities - targets) * frequencies[:, None]
        entropy = -(frequencies @ (targets * np.log(np.maximum(probabilities, 1e-12))).sum(1))
        moved = kernel - old[0]
        gradient = features.T @ error + 2 * PULL * moved
        return float(entropy + PULL * np.square(moved).sum()), np.concatenate([gradient.ravel(), error.sum(0)])

    start = np.concatenate([old[0].ravel(), old[1]])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}).x
    return found[: old[0].size].reshape(shape), found[old[0].size :]


def _features(model: Any, last: Any, arrays: Arrays) -> np.ndarray:
    """What the last layer reads of each patch, float32 (n, features)."""
    trunk = keras.Model(model.input, last.input)
    return np.asarray(trunk.predict(arrays.patches, batch_size=PREDICTION_BATCH, verbose=0), np.float32)


def _frequencies(arrays: Arrays) -> np.ndarray:
    weights = np.ones(len(arrays.patches)) if arrays.weights is None else arrays.weights
    return np.asarray(weights / weights.sum())
