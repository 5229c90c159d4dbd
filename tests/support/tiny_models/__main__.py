"""Write tiny but real models whose answers can be worked out by hand.

`python -m tests.support.tiny_models tests/models` writes those that the tests use.

Emotion: the brighter the patch, the happier; the darker, the sadder. Age: 100 times the mean brightness. Sex: female
where red outweighs blue. Race: always `other`. Mask, in a folder of models of its own, `masks`: worn where the patch is
green, worn wrong where it is blue. Glasses, in a folder of their own, `further`, with the card of docs/attributes.md:
random weights, but always `glasses`. Detector, in a folder of models of its own, `own`: a red cell of 8 pixels, a green
one of 16 or a blue one of 32 is a face, whose box and points are DISTANCES and POINTS of its stride. Landmarks, in a
folder of their own, `marks`: a bright dot is a nose, and the other points lie around it as PLACES has them.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tests.support.tiny_models.documented_card import documented_card

EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
EMOTION = {
    "name": "emotion",
    "title": "Emotion",
    "recipe": "tiny",
    "patch": {"size": 48, "colour": "gray", "margin": 1.14, "offset_y": 0.0},
    "heads": [{"attribute": "emotion", "kind": "classes", "labels": list(EMOTIONS), "temperature": 1.0}],
}
RACES = ("white", "black", "asian", "indian", "other")
DEMOGRAPHICS = {
    "name": "demographics",
    "title": "Age and perceived sex",
    "recipe": "tiny",
    "patch": {"size": 64, "colour": "rgb", "margin": 1.057, "offset_y": 0.083},
    "heads": [
        {"attribute": "age", "kind": "bins", "labels": [str(age) for age in range(101)], "temperature": 1.0},
        {"attribute": "sex", "kind": "classes", "labels": ["male", "female"], "temperature": 1.0},
        {"attribute": "race", "kind": "classes", "labels": list(RACES), "temperature": 1.0},
    ],
}
MASK = {
    "name": "mask",
    "title": "Mask",
    "recipe": "tiny",
    "patch": {"size": 32, "colour": "rgb", "margin": 1.057, "offset_y": 0.083},
    "heads": [{"attribute": "mask", "kind": "classes", "labels": ["none", "mask", "wrong"], "temperature": 1.0}],
}
DETECTOR = {
    "name": "detector",
    "title": "Face detector",
    "kind": "detector",
    "recipe": "tiny",
    "input": {"colour": "rgb", "longest": 320, "larger": 640, "multiple": 32},
    "strides": [8, 16, 32],
    "score": 0.5,
    "overlap": 0.3,
}
LANDMARKS = {
    "name": "landmarks",
    "title": "Landmarks",
    "kind": "landmarks",
    "recipe": "tiny",
    "patch": {"size": 96, "colour": "gray", "margin": 1.5},
    "points": [
        "left_eye_center", "right_eye_center", "nose_tip", "mouth_left_corner", "mouth_right_corner",
        "mouth_center_top_lip",
    ],
    "score": 0.5,
}  # fmt: skip
# From the nose, in halves of the patch.
PLACES = ((0.25, -0.25), (-0.25, -0.25), (0.0, 0.0), (0.2, 0.25), (-0.2, 0.25), (0.0, 0.2))
# To left, top, right and bottom; eyes, nose and mouth corners. All in strides, from the cell's centre.
DISTANCES = (1.0, 1.5, 2.0, 2.5)
POINTS = ((-0.5, -0.5), (0.5, -0.5), (0.0, 0.0), (-0.25, 0.75), (0.25, 0.75))


def main(folder: Path) -> None:
    write(folder / "emotion", EMOTION, *emotion_weights())
    write(folder / "demographics", DEMOGRAPHICS, *demographics_weights())
    write(folder / "masks" / "mask", MASK, *mask_weights())
    write(folder / "further" / "glasses", documented_card(), *glasses_weights())
    save(folder / "own" / "detector", DETECTOR, detector_model())
    save(folder / "marks" / "landmarks", LANDMARKS, landmark_model())


def emotion_weights() -> tuple[np.ndarray, np.ndarray]:
    """Weights on the mean brightness, 0 to 1."""
    kernel, bias = np.zeros((1, 7)), np.zeros(7)
    kernel[0, EMOTIONS.index("happy")], bias[EMOTIONS.index("happy")] = 10, -5
    kernel[0, EMOTIONS.index("sad")], bias[EMOTIONS.index("sad")] = -10, 5
    return kernel, bias


def demographics_weights() -> tuple[np.ndarray, np.ndarray]:
    """Weights on the mean red, green and blue; the bins form a bell around 100 times their mean."""
    ages = np.arange(101)
    kernel, bias = np.zeros((3, 108)), np.zeros(108)
    kernel[:, :101], bias[:101] = 4 * ages / 3, -(ages**2) / 50
    kernel[0, 102], kernel[2, 102] = 10, -10
    bias[107] = 5
    return kernel, bias


def mask_weights() -> tuple[np.ndarray, np.ndarray]:
    """Weights on the mean red, green and blue; 4 for `none` where they are equal, 20 for the others in full colour."""
    return np.array([[0, -10, -10], [0, 20, -10], [0, -10, 20]]), np.array([4, 0, 0])


def glasses_weights() -> tuple[np.ndarray, np.ndarray]:
    """Small random weights on the mean red, green and blue; a logit of 5 for the second label, `glasses`."""
    return np.random.default_rng(0).normal(0, 0.1, (3, 3)), np.array([0, 5, 0])


def detector_model() -> keras.Model:
    """By level, a logit of 10 where its colour is full and -30 where there is none, and the same face everywhere."""
    source = keras.Input((None, None, 3), batch_size=1, dtype="uint8")
    shares = keras.layers.Rescaling(1 / 255)(source)
    levels = []
    for channel, stride in enumerate(DETECTOR["strides"]):
        kernel, bias = np.zeros((1, 1, 3, 15)), np.array([-30, *np.log(DISTANCES), *np.ravel(POINTS)])
        kernel[0, 0, channel, 0] = 40
        level = keras.layers.Conv2D(15, 1)
        cells = level(keras.layers.AveragePooling2D(stride)(shares))
        level.set_weights([kernel, bias])
        levels.append(keras.layers.Reshape((-1, 15))(cells))
    return keras.Model(source, keras.layers.Concatenate(axis=1)(levels))


def landmark_model() -> keras.Model:
    """PLACES around the middle of what is bright, and a logit of 10 where something is, of -10 where nothing is."""
    cells = 24
    source = keras.Input((96, 96, 1), dtype="uint8")
    light = keras.layers.AveragePooling2D(96 // cells)(keras.layers.Rescaling(1 / 255)(source))
    shares = keras.layers.Softmax()(keras.layers.Rescaling(100)(keras.layers.Reshape((cells * cells,))(light)))
    points = keras.layers.Dense(2 * len(PLACES))
    places = points(shares)
    centres = (np.arange(cells) + 0.5) / cells * 2 - 1
    grid = np.stack(np.meshgrid(centres, centres), -1).reshape(-1, 2)
    points.set_weights([np.tile(grid, len(PLACES)), np.ravel(PLACES)])
    score = keras.layers.Rescaling(20, offset=-10)(keras.layers.GlobalMaxPooling2D()(light))
    return keras.Model(source, keras.layers.Concatenate()([places, score]))


def write(folder: Path, card: dict[str, Any], kernel: np.ndarray, bias: np.ndarray) -> None:
    size, channels = card["patch"]["size"], len(kernel)
    source = keras.Input((size, size, channels), dtype="uint8")
    means = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(source))
    dense = keras.layers.Dense(len(bias))
    model = keras.Model(source, dense(means))
    dense.set_weights([kernel, bias])
    save(folder, card, model)


def save(folder: Path, card: dict[str, Any], model: keras.Model) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    (folder / "model.tflite").write_bytes(content)
    files = {"model.tflite": hashlib.sha256(content).hexdigest()}
    card = {**card, "files": files, "parameters": model.count_params()}
    (folder / "card.json").write_text(json.dumps(card, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
