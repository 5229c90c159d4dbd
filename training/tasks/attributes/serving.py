"""The serving form of an attribute network: logits in float32, calibrated heads, and their comparison with Keras."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from app.attributes.output_head import INTERVAL_SHARE, Head
from app.vision.attributes.predictor import LiteRtPredictor
from app.vision.inference.model_card import read_card
from training.engine.run_dir import BEST, trained_on
from training.engine.weights import load_trained
from training.metrics.calibration import fit_interval_scales, fit_temperature
from training.networks.pretrained import weighted_layers
from training.tasks.attributes.agreement import agreement, same_outputs
from training.tasks.attributes.arrays import Arrays, Splits
from training.tasks.attributes.patch_cache import load_splits
from training.tasks.attributes.plain_landmarks import LANDMARKS, landmark_form
from training.tasks.attributes.tutorial_form import WHOLE_FORMATS, tutorial_network
from training.tasks.base import ExportOptions, PortableForm, ServingForm
from training.tasks.recipe import Recipe

if TYPE_CHECKING:
    from training.tasks.attributes.task import AttributeTask

MAX_COMPARED = 2000  # validation patches
PREDICTION_BATCH = 256


def serving_form(recipe: Recipe[AttributeTask], run: Path, options: ExportOptions) -> ServingForm:
    """As `Task.serving_form`: the temperatures and intervals are fitted on the validation split.

    Plain values are served as they are.
    """
    splits = _splits(recipe, run, options)
    if [head.attribute for head in recipe.task.heads] == [LANDMARKS]:
        network = serving_model(recipe, options.weights or run / BEST)
        return landmark_form(recipe.task.patch, network, splits.valid.patches[:MAX_COMPARED])
    model = serving_model(recipe, options.weights or run / BEST)
    task = recipe.task
    if task.logit_adjustment:
        shares = log_shares(splits.train.labels[task.heads[0].attribute], splits.train.weights)
        subtract_from_bias(model, task.logit_adjustment * shares)
    logits = _logits(model, splits.valid.patches)
    heads = calibrated_heads(task, logits, splits.valid)
    patches, reference = splits.valid.patches[:MAX_COMPARED], logits[:MAX_COMPARED]
    card = {"patch": asdict(task.patch), "heads": card_entries(heads)}
    return ServingForm(model, None, card, lambda folder: compare_served(folder, patches, reference), {})


def portable_form(recipe: Recipe[AttributeTask], run: Path, options: ExportOptions) -> PortableForm:
    """As `Task.portable_form`, to be compared on validation patches."""
    patches = _splits(recipe, run, options).valid.patches[:MAX_COMPARED]
    network = serving_model(recipe, options.weights or run / BEST)
    if options.file_format in WHOLE_FORMATS:
        model, answer = tutorial_network(recipe, network, options.weights or run / BEST)
        expected = np.asarray(model.predict(patches, verbose=0))
        return PortableForm(model, recipe.task.patch, patches, lambda written: same_outputs(written, expected), answer)
    reference = np.asarray(network.predict(patches, verbose=0))
    heads = recipe.task.card_heads
    return PortableForm(network, recipe.task.patch, patches, lambda written: agreement(heads, written, reference))


def serving_model(recipe: Recipe[AttributeTask], weights: Path) -> keras.Model:
    """The recipe's network up to `logits` (or its plain values), in float32 whatever it was trained in.

    Raises:
        ModelError: the weights are missing or do not fit.
    """
    model = load_trained(recipe, weights)
    plain = any(head.kind == "value" for head in recipe.task.heads)
    output = next(iter(model.output.values())) if plain else model.get_layer("logits").output
    network = keras.Model(model.input, output, name=recipe.network)
    return _with_flip_tta(network) if recipe.task.flip_tta else network


def calibrated_heads(task: AttributeTask, logits: np.ndarray, valid: Arrays) -> list[Head]:
    """The task's heads with temperatures of the highest likelihood on `calibrated_on`; those of bins with intervals.

    Args:
        logits: Of the patches of `valid`, float (n, columns).
    """
    chosen = np.array([name.startswith(task.calibrated_on) for name in valid.names], bool)
    heads, start = [], 0
    for head in task.card_heads:
        own, start = logits[:, start : start + len(head.labels)], start + len(head.labels)
        if head.kind == "value":
            heads.append(head)
            continue
        labels = valid.labels[head.attribute]
        rows = chosen & (labels >= 0)
        head = replace(head, temperature=round(fit_temperature(own[rows], labels[rows]), 4))
        heads.append(_with_intervals(head, task, own, valid) if head.kind == "bins" else head)
    return heads


def card_entries(heads: Sequence[Head]) -> list[dict[str, Any]]:
    """What a card says of its heads."""
    return [_card_entry(head) for head in heads]


def _card_entry(head: Head) -> dict[str, Any]:
    """Card entry of a head; only bins have intervals, whose scale is called `stretch` in the card."""
    if head.kind == "value":
        return {"attribute": head.attribute, "kind": "number"}
    entry = {"attribute": head.attribute, "kind": head.kind, "labels": head.labels, "temperature": head.temperature}
    return {**entry, "stretch": head.interval_scale} if head.kind == "bins" else entry


def compare_served(folder: Path, patches: np.ndarray, reference: np.ndarray) -> str:
    """Run a written model on patches through the app's own code, and say in words how close it is to Keras.

    Args:
        patches: uint8, shape (n, size, size, channels).
        reference: Outputs of Keras for the patches, float32 (n, columns).
    Raises:
        ModelError: they differ by more than the tolerance.
    """
    card = read_card(folder)
    assert card is not None
    return agreement(card.heads, LiteRtPredictor(card).predict_patches(patches), reference)


def log_shares(labels: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Logarithm of each label's share of what is drawn, float32 (labels,).

    Args:
        labels: Label indexes (n,), -1 where unknown.
        weights: How often each image is drawn (n,); None if all are drawn alike.
    """
    known = labels >= 0
    counts = np.bincount(labels[known], None if weights is None else weights[known])
    return np.log(counts / counts.sum()).astype(np.float32)


def subtract_from_bias(model: keras.Model, amounts: np.ndarray) -> None:
    """Subtract amounts, float32 (columns,), from the bias of a model's last dense layer."""
    last = [layer for layer in weighted_layers(model) if isinstance(layer, keras.layers.Dense)][-1]
    last.bias.assign(last.bias - amounts)


def _with_flip_tta(network: keras.Model) -> keras.Model:
    """The mean of a network's outputs for a patch and its mirror image, both read in one call.

    The mirror image is shifted up by a pixel: strides then fall otherwise, so that the mean depends less on where
    exactly a face lies in its patch.
    """
    inputs = keras.Input(network.input_shape[1:], dtype="uint8", name="patch")
    flipped = keras.ops.flip(inputs, 2)
    shifted = keras.ops.concatenate([flipped[:, 1:], flipped[:, -1:]], axis=1)
    outputs = network(keras.ops.concatenate([inputs, shifted], axis=0))
    return keras.Model(inputs, sum(keras.ops.split(outputs, 2, axis=0)) / 2, name=network.name)


def _splits(recipe: Recipe[AttributeTask], run: Path, options: ExportOptions) -> Splits:
    return load_splits(recipe, options.data or trained_on(run), options.cache)


def _with_intervals(head: Head, task: AttributeTask, logits: np.ndarray, valid: Arrays) -> Head:
    """The head with intervals fitted on all of the task's `interval_sets`, none of which counts more than another."""
    groups = np.full(len(valid.names), -1)
    for number, prefix in enumerate(task.interval_sets):
        groups[[name.startswith(prefix) for name in valid.names]] = number
    rows = groups >= 0
    predicted = head.expected_with_intervals(logits[rows], INTERVAL_SHARE)
    true = np.array(head.labels, float)[valid.labels[head.attribute][rows]]
    fitted = fit_interval_scales(predicted[:, 0], predicted[:, 1:], true, INTERVAL_SHARE, groups[rows])
    return replace(head, interval_scale=tuple((round(value, 1), round(factor, 3)) for value, factor in fitted))


def _logits(model: keras.Model, patches: np.ndarray) -> np.ndarray:
    if not len(patches):
        return np.zeros((0, model.output.shape[-1]), np.float32)
    return np.asarray(model.predict(patches, batch_size=PREDICTION_BATCH, verbose=0), np.float32)
