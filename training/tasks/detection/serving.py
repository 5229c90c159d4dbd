"""Turn a run of the detector into a folder that the app serves."""

from __future__ import annotations

import math
from pathlib import Path

from app.errors import ModelError
from app.vision.detection.anchor_free_detector import AnchorFreeDetector, read_detector_card
from app.vision.inference.model_card import MODEL
from training.datasets.scene_sets import read_scene_splits
from training.engine.run_dir import BEST, teacher_of, trained_on
from training.export.model_card import write_kind_card
from training.metrics.detection_protocol import LONGEST_SIDE_PX, MIN_SCORE, detection_rows
from training.tasks.attributes.serving import KERAS_MODEL, facts, replacing, trained_model, write_models
from training.tasks.detection.targets import STRIDES
from training.tasks.detection.task import DetectorRecipe
from training.tasks.detection.validation import NMS_OVERLAP, SceneScore

TAUGHT = "faces of the scenes that it sees nothing of count neither for nor against"
# How far the served file may stray from Keras on the validation scenes, in average precision.
LARGEST_LOSS = 0.01
# What the served score lets through on the validation scenes: share of detections that are faces, and false faces a
# picture without any. Many that count as false are faces that nobody marked.
PRECISION, FALSE_PER_EMPTY = 0.97, 0.01
# A clip of an empty room, which the scenes do not stand for, has held one false face of 0.467 in 95 pictures.
LEAST_SCORE = 0.48


def export_detector(
    recipe: DetectorRecipe,
    run: Path,
    models: Path,
    data: Path | None = None,
    file_format: str = "int8",
    weights: Path | None = None,
) -> Path:
    """Write the served model of a run and return its folder.

    Args:
        data: The sets to choose the served score on; None is what the run was trained on.
        file_format: `int8` (dynamic range) or `float32`.
        weights: Instead of the run's best.
    Raises:
        ModelError: the weights are missing or do not fit, or the converted model strays from Keras.
    """
    model = trained_model(recipe, weights or run / BEST)
    teacher = teacher_of(run)
    score = SceneScore(read_scene_splits(data or trained_on(run), teacher)[0]["valid"])
    trained = score.faces(model)
    threshold = max(LEAST_SCORE, score.threshold(trained, PRECISION, FALSE_PER_EMPTY))
    folder = models / recipe.network
    with replacing(folder) as unfinished:
        write_models(model, unfinished, file_format)
        serving = {
            "input": {"colour": "rgb", "longest": LONGEST_SIDE_PX, "multiple": STRIDES[-1]},
            "strides": list(STRIDES),
            "score": math.ceil(threshold * 1000) / 1000,
            "overlap": NMS_OVERLAP,
        }
        told = facts(recipe, run, weights) | ({"teacher": f"{teacher.name}: {TAUGHT}"} if teacher else {})
        about = {"format": file_format, "parameters": model.count_params(), "training": told}
        write_kind_card(unfinished, "detector", recipe, serving, (MODEL, KERAS_MODEL), about)
        served = AnchorFreeDetector(read_detector_card(unfinished), min_score=MIN_SCORE)
        found = [detection_rows(served.detect(picture)) for picture in score.pictures]
        loss = score.precision(trained) - score.precision(found)
        if loss > LARGEST_LOSS:
            raise ModelError(
                f"the converted detector loses {loss:.3f} of average precision; export it with --format float32"
            )
    print(f"{folder}: average precision {-loss:+.4f} against Keras, served score {threshold:.3f}")
    return folder
