"""Training: a tiny network learns happy against sad from landmark distances, epoch by epoch.

The page sends the state of the network back with each request, so that nothing is kept here.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.learn.base.landmark_features import FEATURES, landmark_features
from app.learn.base.lesson import Answer, Lesson, Values
from app.learn.base.parameters import Range, Text
from app.learn.base.tiny_network import TinyNetwork, cross_entropy
from app.learn.base.tools import Tools
from app.numerics import sigmoid
from app.paths import ASSETS
from app.vision.inference.face_pose import has_landmarks

FILE = ASSETS / "lessons" / "happy_sad.csv"
POSITIVE = "happy"
MAX_HIDDEN = 64
MAX_EPOCHS = 1500
# The curve has a point every so many epochs.
CURVE_EPOCHS = 5
# Of the largest state: three float32 a parameter in base64, and some.
MAX_STATE_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Samples:
    """Standardised features (n, 12), and targets (n,): 1 for happy, 0 for sad."""

    features: np.ndarray
    targets: np.ndarray


def run(image: np.ndarray, values: Values, tools: Tools) -> Answer:
    """Train for some epochs from the given state, and read the face of the picture."""
    train, valid, mean, spread = load_samples(values["samples"])
    network = TinyNetwork.from_text(values["state"], len(FEATURES), values["hidden"])
    curve = [_point(network, train, valid)]
    for _ in range(values["epochs"]):
        network.train_epoch(train.features, train.targets, values["rate"], values["decay"])
        if network.epoch % CURVE_EPOCHS == 0:
            curve.append(_point(network, train, valid))
    result = {
        "epoch": network.epoch,
        "parameters": network.parameters,
        "train": len(train.targets),
        "valid": len(valid.targets),
        "curve": curve,
        "state": network.to_text(),
        "own": _read_face(image, network, mean, spread, tools),
    }
    return Answer(result)


def load_samples(count: int) -> tuple[Samples, Samples, np.ndarray, np.ndarray]:
    """So many faces to learn from, half of them happy; all those to check with; mean and spread of the features."""
    with FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    train = [row for row in rows if row["part"] == "train"]
    happy = [row for row in train if row["label"] == POSITIVE][: count // 2]
    chosen = happy + [row for row in train if row["label"] != POSITIVE][: count - count // 2]
    learned = _features(chosen)
    mean, spread = learned.mean(0), learned.std(0) + 1e-6
    valid = [row for row in rows if row["part"] == "valid"]
    return _samples(chosen, mean, spread), _samples(valid, mean, spread), mean, spread


def _samples(rows: list[dict[str, str]], mean: np.ndarray, spread: np.ndarray) -> Samples:
    return Samples((_features(rows) - mean) / spread, np.array([row["label"] == POSITIVE for row in rows], float))


def _features(rows: list[dict[str, str]]) -> np.ndarray:
    return np.array([[float(row[name]) for name in FEATURES] for row in rows])


def _point(network: TinyNetwork, train: Samples, valid: Samples) -> dict[str, Any]:
    """Loss and share of right answers on both parts."""
    found: dict[str, Any] = {"epoch": network.epoch}
    for name, part in (("train", train), ("valid", valid)):
        logits = network.logits(part.features)
        found[f"{name}_loss"] = round(cross_entropy(logits, part.targets), 4)
        found[f"{name}_accuracy"] = round(float(((logits > 0) == part.targets).mean()), 4)
    return found


def _read_face(
    image: np.ndarray, network: TinyNetwork, mean: np.ndarray, spread: np.ndarray, tools: Tools
) -> float | None:
    """Probability that the face of the picture is happy; None without a face."""
    faces = [face for face in tools.faces(image) if has_landmarks(face)]
    if not faces or faces[0].points is None:
        return None
    features = (landmark_features(faces[0].points) - mean) / spread
    return round(float(sigmoid(network.logits(features[None]))[0]), 4)


LESSON = Lesson(
    name="training",
    parameters={
        "hidden": Range(1, MAX_HIDDEN, 16),
        "samples": Range(10, 600, 60, 10),
        "rate": Range(0.001, 0.05, 0.01, 0.001),
        "decay": Range(0.0, 3.0, 0.0, 0.1),
        "epochs": Range(0, MAX_EPOCHS, 0, hidden=True),
        "state": Text(MAX_STATE_CHARACTERS),
    },
    run=run,
    see_also=("python -m training train emotion-compact --data SETS --out runs/emotion-compact",),
)
