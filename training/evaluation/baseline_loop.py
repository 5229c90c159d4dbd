"""The loop that tutorials teach, kept to measure against: Haar, then one Keras `predict` a network and face."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from app.domain import Box
from app.errors import UnreadableMedia
from app.settings import Settings
from app.vision.capture.open_source import FrameSource, open_source
from app.vision.inference.face_crop import PatchSpec, crop_face
from app.vision.inference.face_pose import FacePose
from training.recipes.registry import find_face_recipe
from training.samples.labels import EMOTIONS

WARM_UP_FRAMES, LEAST_FRAMES = 2, 3
WHITE = (255, 255, 255)
# What each classic network calls its output.
OUTPUTS: Mapping[str, str] = {"emotion": "probabilities", "age": "years", "sex": "p_female"}

Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, slots=True)
class Network:
    """One of the three networks: how it wants the face, and its `predict`."""

    patch: PatchSpec
    predict: Predict

    def read(self, image: np.ndarray, box: Box) -> np.ndarray:
        """What it says of one face."""
        return self.predict(crop_face(image, FacePose.from_box(box), self.patch)[None])[0]


def measure(source: str, seconds: float, networks: Mapping[str, Network] | None = None) -> dict[str, float | int]:
    """Run the loop for about `seconds` after a warm-up, at least a few frames.

    Args:
        source: As the app's `--source`; a file starts again at its end.
        networks: `emotion`, `age` and `sex`; None builds the classic recipes, untrained: their speed is the same.
    Returns:
        `fps`, `faces` (mean of the frames), `width`, `height`.
    Raises:
        CameraUnavailable, UnreadableMedia: the source cannot be opened or has no picture.
    """
    networks = networks or classic_networks()
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"))
    frames = open_source(Settings(source=source, loop=True, disable_pacing=True))
    try:
        for _ in range(WARM_UP_FRAMES):
            _step(frames, cascade, networks)
        # The first `predict` compiles; it must not be timed even where the first frames show nobody.
        for network in networks.values():
            network.predict(np.zeros((1, *network.patch.shape), np.uint8))
        counts: list[int] = []
        started_s = time.perf_counter()
        while len(counts) < LEAST_FRAMES or time.perf_counter() - started_s < seconds:
            counts.append(_step(frames, cascade, networks))
        elapsed_s = time.perf_counter() - started_s
        info = frames.info
    finally:
        frames.close()
    return {
        "fps": round(len(counts) / elapsed_s, 3),
        "faces": round(float(np.mean(counts)), 2),
        "width": info.width,
        "height": info.height,
    }


def classic_networks() -> dict[str, Network]:
    """The recipes `emotion-cnn`, `age-cnn` and `sex-cnn`."""
    return {name: _classic(f"{name}-cnn", output) for name, output in OUTPUTS.items()}


def _classic(name: str, output: str) -> Network:
    recipe = find_face_recipe(name)
    model: Any = recipe.build()
    return Network(recipe.task.patch, lambda patches: np.asarray(model.predict(patches, verbose=0)[output]))


def _step(frames: FrameSource, cascade: Any, networks: Mapping[str, Network]) -> int:
    """One turn of the loop; returns the number of faces."""
    frame = frames.read()
    if frame is None:
        raise UnreadableMedia("the source ended before it could be measured; give a longer one")
    gray = cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY)
    found = cascade.detectMultiScale(gray, scaleFactor=1.1, minNeighbors=5)
    picture = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
    for x, y, width, height in found:
        box = Box(float(x), float(y), float(x + width), float(y + height))
        _draw(picture, box, _text(frame.image, box, networks))
    cv2.imencode(".jpg", picture)
    return len(found)


def _text(image: np.ndarray, box: Box, networks: Mapping[str, Network]) -> str:
    emotion = EMOTIONS[int(networks["emotion"].read(image, box).argmax())]
    age = float(networks["age"].read(image, box)[0])
    sex = "female" if networks["sex"].read(image, box)[0] >= 0.5 else "male"
    return f"{emotion} {age:.0f} {sex}"


def _draw(picture: np.ndarray, box: Box, text: str) -> None:
    corner = (int(box.x1), int(box.y1))
    cv2.rectangle(picture, corner, (int(box.x2), int(box.y2)), WHITE, 2)
    cv2.putText(picture, text, corner, cv2.FONT_HERSHEY_SIMPLEX, 0.7, WHITE, 2)


def report(figures: Mapping[str, float | int], source: str) -> str:
    """The figures in one line."""
    return (
        f"{Path(source).name}, {figures['width']}x{figures['height']}, {figures['faces']:.1f} faces a frame: "
        f"{figures['fps']:.1f} frames/s"
    )
