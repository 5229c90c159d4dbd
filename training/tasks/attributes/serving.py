"""Turn a run's best weights into a folder that the app serves: `model.keras`, `model.tflite` and `card.json`."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.errors import ModelError, SettingsError
from app.model_cards import CARD_FILE
from app.numerics import softmax
from app.vision.attributes.predictor import LiteRtPredictor
from app.vision.inference.model_card import AGE_INTERVAL_SHARE, MODEL, Head, read_card
from app.vision.runtime.native_logging import mute_native_stderr
from training.engine.checkpoints import first_line
from training.engine.initialisation import weighted
from training.engine.run_dir import BEST, trained_on, training_facts
from training.export.model_card import write_card
from training.metrics.calibration import fit_interval_scales, temperature
from training.tasks.attributes.patch_cache import prepared
from training.tasks.attributes.task import Arrays, Recipe, TrainableRecipe

KERAS_MODEL = "model.keras"
BEST_EPOCH = ("best_epoch", "monitor", "best")
# How far the served file may stray from Keras on the validation pictures.
LEAST_AGREEMENT = 0.98
LARGEST_DIFFERENCE = 0.02
TIED = 0.005  # labels whose probabilities differ by less may change places
# A head of many bins moves its expected value instead of a label; as a share of the bins' range.
LARGEST_SHIFT = 0.01
COMPARED = 2000
Labelled = tuple[np.ndarray, np.ndarray]  # logits (n, labels), and the index of each row's label (n,)


def export(
    recipe: Recipe,
    run: Path,
    models: Path,
    data: Path | None = None,
    file_format: str = "int8",
    weights: Path | None = None,
    cache: Path | None = None,
) -> Path:
    """Write the served model of a run and return its folder.

    Args:
        data: The set to calibrate and compare on; None is the one the run was trained on.
        file_format: `int8` (dynamic range) or `float32`.
        weights: Instead of the run's best.
    Raises:
        ModelError: the weights are missing or do not fit, or the converted model strays from Keras.
        SettingsError: the app cannot serve what the recipe predicts.
    """
    _check_servable(recipe)
    splits = prepared(recipe, data or trained_on(run), cache)
    model = serving_model(recipe, weights or run / BEST)
    if recipe.evened:
        take_off(model, recipe.evened * log_shares(splits.train.labels[recipe.heads[0].attribute]))
    logits, further = (_logits(model, part.patches) for part in (splits.valid, splits.test))
    heads = _calibrated(recipe, (logits, further), (splits.valid, splits.test))
    folder = models / recipe.network
    with replacing(folder) as unfinished:
        write_models(model, unfinished, file_format)
        about = {"format": file_format, "parameters": model.count_params(), "training": facts(recipe, run, weights)}
        write_card(unfinished, recipe, heads, (MODEL, KERAS_MODEL), about)
        agreement = compared(unfinished, splits.valid.patches[:COMPARED], logits[:COMPARED])
    print(f"{folder}: {agreement}")
    return folder


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder to write a model into, which takes the place of the old one only when all went well."""
    unfinished = folder.parent / f".{folder.name}.{os.getpid()}"
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        _put_in_place(unfinished, folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_models(model: keras.Model, folder: Path, file_format: str) -> None:
    """Write the model as Keras and as LiteRT read it."""
    model.save(folder / KERAS_MODEL)
    (folder / MODEL).write_bytes(converted(model, file_format))


def serving_model(recipe: Recipe, weights: Path) -> keras.Model:
    """The recipe's network up to `logits` (or its plain values), in float32 whatever it was trained in.

    Raises:
        ModelError: the weights are missing or do not fit.
    """
    model = trained_model(recipe, weights)
    plain = any(head.kind == "value" for head in recipe.heads)
    output = next(iter(model.output.values())) if plain else model.get_layer("logits").output
    network = keras.Model(model.input, output, name=recipe.network)
    return _of_both_images(network) if recipe.mirrored else network


def _of_both_images(network: keras.Model) -> keras.Model:
    """The mean of what a network says of a patch and of its mirror image, both read in one call.

    The latter a pixel higher: where strides fall otherwise, less depends on where exactly a face lies in its patch.
    """
    inputs = keras.Input(network.input_shape[1:], dtype="uint8", name="patch")
    mirrored = keras.ops.flip(inputs, 2)
    higher = keras.ops.concatenate([mirrored[:, 1:], mirrored[:, -1:]], axis=1)
    said = network(keras.ops.concatenate([inputs, higher], axis=0))
    return keras.Model(inputs, sum(keras.ops.split(said, 2, axis=0)) / 2, name=network.name)


def log_shares(labels: np.ndarray) -> np.ndarray:
    """The logarithm of each label's share, float32 (labels,), from the index of each picture's, -1 where unknown."""
    counts = np.bincount(labels[labels >= 0])
    return np.log(counts / counts.sum()).astype(np.float32)


def take_off(model: keras.Model, amounts: np.ndarray) -> None:
    """Take amounts (outputs,) off what the last dense layer of a serving model says."""
    last = [layer for layer in weighted(model) if isinstance(layer, keras.layers.Dense)][-1]
    last.bias.assign(last.bias - amounts)


def trained_model(recipe: TrainableRecipe, weights: Path) -> keras.Model:
    """The recipe's whole network with the weights of a run, in float32.

    Raises:
        ModelError: the weights are missing or do not fit.
    """
    if not weights.is_file():
        raise ModelError(f"there is no {weights}; train {recipe.name} first, or give the folder of its run")
    keras.mixed_precision.set_global_policy("float32")  # a network built in bfloat16 does not convert
    model = recipe.build()
    try:
        model.load_weights(weights)
    except (OSError, ValueError) as error:
        raise ModelError(f"{weights} does not fit {recipe.name} ({first_line(error)})") from None
    return model


def converted(model: keras.Model, file_format: str = "int8") -> bytes:
    """The model as LiteRT reads it; `int8` keeps weights in 8 bits and computes ranges as it runs."""
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if file_format == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with mute_native_stderr(), contextlib.redirect_stdout(io.StringIO()):
        return converter.convert()


def compared(folder: Path, patches: np.ndarray, logits: np.ndarray) -> str:
    """Run the written model on real patches through the app's own code, and say how close it is to Keras.

    Args:
        logits: What Keras says of the patches.
    Raises:
        ModelError: it strays further than the stated tolerance.
    """
    card = read_card(folder)
    assert card is not None
    return agreement(card.heads, LiteRtPredictor(card).predict_patches(patches), logits)


def agreement(heads: Sequence[Head], written: np.ndarray, logits: np.ndarray) -> str:
    """How close the outputs (n, columns) of a written model are to those of Keras.

    Raises:
        ModelError: they stray further than the stated tolerance.
    """
    ends = np.cumsum([len(head.labels) for head in heads])[:-1]
    pairs = zip(heads, np.split(written, ends, axis=-1), np.split(logits, ends, axis=-1), strict=True)
    return "; ".join(_head_agreement(head, ours, theirs) for head, ours, theirs in pairs)


def _head_agreement(head: Head, served: np.ndarray, logits: np.ndarray) -> str:
    if head.kind == "value":
        return _value_agreement(head, served, logits)
    ours, theirs = softmax(served / head.temperature), softmax(logits / head.temperature)
    difference = float(np.abs(ours - theirs).mean())
    if head.kind == "bins":
        values = np.array(head.labels, float)
        shift = float(np.abs(ours @ values - theirs @ values).mean())
        sound = shift <= LARGEST_SHIFT * np.ptp(values) and difference <= LARGEST_DIFFERENCE
        text = f"{head.attribute}: mean shift {shift:.3f}"
    else:
        agreement = _agreement(ours, theirs)
        sound = agreement >= LEAST_AGREEMENT and difference <= LARGEST_DIFFERENCE
        text = f"{head.attribute}: labels agree on {agreement:.2%}, mean difference of probabilities {difference:.4f}"
    return _unless_stray(text, sound)


def _agreement(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Share of faces (n, labels) whose label is the same, or as likely to the other."""
    chosen = theirs[np.arange(len(theirs)), ours.argmax(-1)]
    return float((chosen >= theirs.max(-1) - TIED).mean())


def _value_agreement(head: Head, served: np.ndarray, values: np.ndarray) -> str:
    shift, extent = float(np.abs(served - values).mean()), float(np.ptp(values))
    text = f"{head.attribute}: mean shift {shift:.4g} in a range of {extent:.4g}"
    return _unless_stray(text, shift <= LARGEST_SHIFT * extent)


def _unless_stray(text: str, sound: bool) -> str:
    if not sound:
        raise ModelError(f"the converted model strays from Keras ({text}); export it with --format float32")
    return text


def _check_servable(recipe: Recipe) -> None:
    for head in recipe.heads:
        if head.kind == "value":
            raise SettingsError(
                f"{recipe.name} predicts {head.attribute} as a plain number, which the app does not serve; "
                "export demographics-compact, or add --out to use it elsewhere"
            )


def _logits(model: keras.Model, patches: np.ndarray) -> np.ndarray:
    if not len(patches):
        return np.zeros((0, model.output.shape[-1]), np.float32)
    return np.asarray(model.predict(patches, batch_size=256, verbose=0), np.float32)


def _calibrated(recipe: Recipe, logits: Sequence[np.ndarray], parts: Sequence[Arrays]) -> list[Head]:
    """The heads, made as honest as the labels of the recipe's `calibrated_on` allow.

    Args:
        logits, parts: Of `valid` and `test`: how wide intervals are takes more faces of each age than one part has.
    """
    chosen = [np.array([name.startswith(recipe.calibrated_on) for name in part.names], bool) for part in parts]
    heads, start = [], 0
    for head in recipe.plain_heads:
        columns = slice(start, start := start + len(head.labels))
        labels = [part.labels[head.attribute] for part in parts]
        known = [rows & (own >= 0) for rows, own in zip(chosen, labels, strict=True)]
        pairs = [(one[rows, columns], own[rows]) for one, own, rows in zip(logits, labels, known, strict=True)]
        heads.append(_calibrated_head(head, *pairs))
    return heads


def _calibrated_head(head: Head, valid: Labelled, test: Labelled) -> Head:
    """At the temperature at which the labels of `valid` are likeliest; of bins, with intervals of the right share."""
    head = replace(head, temperature=round(temperature(*valid), 4))
    if head.kind != "bins":
        return head
    logits, labels = (np.concatenate(pair) for pair in zip(valid, test, strict=True))
    told = head.expected_with_intervals(logits, AGE_INTERVAL_SHARE)
    found = fit_interval_scales(told[:, 0], told[:, 1:], np.array(head.labels, float)[labels], AGE_INTERVAL_SHARE)
    return replace(head, interval_scale=tuple((round(value, 1), round(factor, 3)) for value, factor in found))


def facts(recipe: TrainableRecipe, run: Path, weights: Path | None) -> dict[str, Any]:
    """What the run tells of its training; of its best epoch only where that epoch's weights are served."""
    told = training_facts(recipe, run)
    if weights is None:
        return told
    return {name: told[name] for name in told if name not in BEST_EPOCH} | {"weights": weights.name}


def _put_in_place(unfinished: Path, folder: Path) -> None:
    """Move the three files; the card goes last, since the other two must be there for it."""
    folder.mkdir(exist_ok=True)
    for name in (KERAS_MODEL, MODEL, CARD_FILE):
        os.replace(unfinished / name, folder / name)
