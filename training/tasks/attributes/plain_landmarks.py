"""The serving form of a network that gives landmarks as plain numbers, without a score of there being a face."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from keras import layers

from app.attributes.output_head import Head
from app.vision.inference.crop_model import LiteRtCropModel
from app.vision.inference.face_crop import PatchSpec
from app.vision.landmarks.network import LandmarkNetwork, read_landmark_card
from training.samples.landmark_points import LANDMARK_NAMES
from training.tasks.attributes.agreement import agreement
from training.tasks.base import ServingForm

LANDMARKS = "landmarks"
# Such a network takes everything for a face: its logit is always the same, above that of the score in the card.
CONSTANT_LOGIT, SCORE = 8.0, 0.5
PREDICTION_BATCH = 256
NO_SCORE = "none: every detection is taken for a face, and no face counts as covered"


def landmark_form(patch: PatchSpec, network: keras.Model, patches: np.ndarray) -> ServingForm:
    """The form of a landmark network of the app, whose last output is the logit of a face.

    Args:
        network: Gives x and y of every landmark, (n, 30).
        patches: uint8 (n, *patch.shape), to compare on.
    """
    points = network.output
    logit = layers.Rescaling(0.0, offset=CONSTANT_LOGIT, dtype="float32", name="constant")(points[:, :1])
    answer = layers.Concatenate(dtype="float32", name="answer")([points, logit])
    model = keras.Model(network.input, answer, name=LANDMARKS)
    reference = np.asarray(network.predict(patches, batch_size=PREDICTION_BATCH, verbose=0), np.float32)
    card = {"patch": asdict(patch), "points": list(LANDMARK_NAMES), "score": SCORE}
    return ServingForm(model, LANDMARKS, card, lambda folder: _compare(folder, patches, reference), {"score": NO_SCORE})


def _compare(folder: Path, patches: np.ndarray, reference: np.ndarray) -> str:
    """Compare the written network with Keras through the app's own code."""
    card = read_landmark_card(folder)
    LandmarkNetwork(card)  # the app takes it
    written = LiteRtCropModel(card, card.patch, reference.shape[1] + 1).run_patches(patches)
    head = Head(LANDMARKS, "value", tuple(map(str, range(reference.shape[1]))))
    return agreement([head], written[:, :-1], reference)
