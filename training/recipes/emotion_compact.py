"""The served emotion network: a small squeeze-and-excite residual network on 48-pixel gray patches."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from app.vision.patch import PatchSpec, cut, whole_picture_box
from training import blocks
from training.augment import Augmentation
from training.data import class_folders
from training.data.sample import Sample
from training.recipe import Arrays, Head, Recipe, Splits

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
VOTES = 10  # columns of ferplus_votes.csv
# A FER2013 picture is 1.14 mean sides of the face's box (median of YuNet's boxes on 500 pictures).
PATCH = PatchSpec(size=48, colour="gray", margin=1.14)


def build() -> keras.Model:
    """The training model: `logits` over LABELS, and `votes` over what FER+ annotators could choose."""
    inputs = keras.Input(PATCH.shape, dtype="uint8", name="patch")
    x = layers.Rescaling(1 / 64, offset=-2.0)(inputs)
    x = blocks.convolution(x, 32)
    x = blocks.residual(x, 48, stride=2)
    x = blocks.residual(x, 64)
    x = blocks.residual(x, 128, stride=2)
    x = blocks.residual(x, 128)
    x = blocks.residual(x, 192, stride=2)
    x = blocks.residual(x, 192)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    logits = layers.Dense(len(LABELS), dtype="float32", name="logits")(x)
    votes = layers.Dense(VOTES, dtype="float32", name="votes")(x)
    return keras.Model(inputs, {"logits": logits, "votes": votes})


def load(root: Path, patch: PatchSpec) -> Splits:
    """FER2013 class folders or tar under `root`, its `test` split for choosing; FER+ votes joined by row."""
    folder = root / "fer2013"
    dataset = class_folders.read(next((file for file in folder.glob("*.tar*")), folder))
    votes = _read_votes(folder / "ferplus_votes.csv")
    dropped = _read_rows(folder / "training_rows_to_drop.csv")
    known = [sample for sample in dataset.samples if sample.labels["emotion"] in LABELS]
    train = [s for s in known if s.split == "train" and s.row not in dropped]
    valid = [s for s in known if s.split != "train"]
    left_out = {"rejected": len(dataset.rejected), "listed rows dropped": len(known) - len(train) - len(valid)}
    return Splits(_arrays(train, patch, votes), _arrays(valid, patch, votes), None, left_out)


def _arrays(samples: Sequence[Sample], patch: PatchSpec, votes: Mapping[int, np.ndarray]) -> Arrays:
    patches = [cut(s.image, whole_picture_box(s.image.shape[1], s.image.shape[0], patch), patch) for s in samples]
    labels = [LABELS.index(str(s.labels["emotion"])) for s in samples]
    # A row of zeros adds nothing to the cross-entropy, so pictures without votes only teach `logits`.
    shares = [votes.get(s.row if s.row is not None else -1, np.zeros(VOTES, np.float32)) for s in samples]
    targets = {"logits": np.eye(len(LABELS), dtype=np.float32)[labels], "votes": np.array(shares, np.float32)}
    return Arrays(np.array(patches), targets, [s.name for s in samples])


def _read_votes(path: Path) -> dict[int, np.ndarray]:
    """Share of votes by row; empty where the file is absent."""
    if not path.exists():
        return {}
    with path.open(newline="") as file:
        rows = {int(row.pop("row")): np.array([float(v) for v in row.values()]) for row in csv.DictReader(file)}
    return {row: (counts / counts.sum()).astype(np.float32) for row, counts in rows.items() if counts.sum() > 0}


def _read_rows(path: Path) -> set[int]:
    if not path.exists():
        return set()
    with path.open(newline="") as file:
        return {int(row["row"]) for row in csv.DictReader(file)}


def _losses() -> Mapping[str, Any]:
    return {
        "logits": keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        "votes": keras.losses.CategoricalCrossentropy(from_logits=True),
    }


RECIPE = Recipe(
    name="emotion-compact",
    title="Emotion",
    network="emotion",
    patch=PATCH,
    heads=(Head("emotion", "classes", LABELS),),
    data="fer2013/ with train and test class folders (or one tar of them), ferplus_votes.csv if you have it",
    build=build,
    load=load,
    losses=_losses,
    metrics=lambda: {"logits": [keras.metrics.CategoricalAccuracy(name="accuracy")]},
    monitor=("val_logits_accuracy", "max"),
    loss_weights={"logits": 1.0, "votes": 0.5},
    augmentation=Augmentation(
        rotation=15, scale=(0.88, 1.15), shift=0.06, flip=True, contrast=0.25, brightness=0.12, erase=0.4
    ),
    epochs=20,
    learning_rate=0.08,
)
