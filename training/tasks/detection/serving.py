"""The serving form of a detection network: its score threshold, and its comparison with Keras."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError
from app.vision.detection.anchor_free_detector import AnchorFreeDetector, read_detector_card
from training.engine.run_dir import BEST, teacher_of, trained_on
from training.engine.weights import load_trained
from training.metrics.detection_protocol import LONGEST_SIDE_PX, MIN_SCORE, detection_rows
from training.tasks.base import ExportOptions, ServingForm
from training.tasks.detection.label_cleaning import read_training_scenes
from training.tasks.detection.targets import STRIDES
from training.tasks.detection.validation import NMS_IOU, SceneScore
from training.tasks.recipe import Recipe

TEACHER_NOTE = "faces of the scenes that it sees nothing of count neither for nor against"
MAX_PRECISION_LOSS = 0.01  # average precision that the conversion may cost on the validation scenes
# The score threshold reaches these on the validation scenes. Many detections that count as false are unlabelled faces.
PRECISION = 0.97  # share of detections that are faces
FALSE_PER_EMPTY = 0.01  # false detections per image without a face
# A clip of an empty room, which the scenes do not stand for, has held one false face of 0.467 in 95 images.
MIN_THRESHOLD = 0.48


def serving_form(recipe: Recipe[Any], run: Path, options: ExportOptions) -> ServingForm:
    """As `Task.serving_form`: the score threshold is chosen on the validation scenes."""
    model = load_trained(recipe, options.weights or run / BEST)
    teacher = teacher_of(run)
    score = SceneScore(read_training_scenes(options.data or trained_on(run), teacher)[0]["valid"])
    reference = score.detect(model)
    threshold = max(MIN_THRESHOLD, score.threshold(reference, PRECISION, FALSE_PER_EMPTY))
    card = {
        "input": {"colour": "rgb", "longest": LONGEST_SIDE_PX, "multiple": STRIDES[-1]},
        "strides": list(STRIDES),
        "score": math.ceil(threshold * 1000) / 1000,
        "overlap": NMS_IOU,
    }
    training = {"teacher": f"{teacher.name}: {TEACHER_NOTE}"} if teacher else {}

    def check(folder: Path) -> str:
        return f"{_compare(folder, score, reference)}, served score {threshold:.3f}"

    return ServingForm(model, "detector", card, check, training)


def _compare(folder: Path, score: SceneScore, reference: Sequence[np.ndarray]) -> str:
    """Average precision of the written network through the app's own code, against that of Keras."""
    detector = AnchorFreeDetector(read_detector_card(folder), min_score=MIN_SCORE)
    loss = score.precision(reference) - score.precision(
        [detection_rows(detector.detect(image)) for image in score.images]
    )
    if loss > MAX_PRECISION_LOSS:
        raise ModelError(
            f"the converted detector loses {loss:.3f} of average precision; export it with --format float32"
        )
    return f"average precision {-loss:+.4f} against Keras"
