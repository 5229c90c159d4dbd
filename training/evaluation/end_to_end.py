"""Evaluate the whole pipeline of the app, from frame to attributes, on labelled faces pasted into full frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.attributes.attribute_set import AttributeSet, own_attributes
from app.attributes.estimate import Estimate, NumberEstimate
from app.domain import Box, Frame, Track
from app.settings import Settings
from app.vision.attributes.predictor import load_predictors
from app.vision.detection.face_detector import FaceDetector, build_detector
from app.vision.inference.face_pose import FacePose
from app.vision.landmarks.landmark_tracking import load_landmark_tracker
from app.vision.worker.pipeline import Pipeline
from app.vision.worker.stage_timer import StageTimer
from training.datasets.dataset_spec import DatasetSpec
from training.evaluation.evaluation_sets import EvaluationTask, task_of_people
from training.evaluation.faces import note_on, read_labelled, score_samples, subsample
from training.evaluation.scored_model import served_model
from training.metrics.detection_protocol import MIN_IOU
from training.metrics.predictions import wilson_interval
from training.metrics.scores import Scores, degradation_figures
from training.samples.framing import fer2013_patch
from training.samples.sample import Rejection, Sample
from training.tasks.face_model import FaceModel
from training.transforms.alignment import nominal_pose
from training.transforms.backgrounds import Backgrounds, find_backgrounds
from training.transforms.copy_paste import pastable_face
from training.transforms.paste_faces import FACE_SIDE_RANGE_PX, PastedFace, paste_face

SIDE_BAND_PX = 60  # width of the bands of face size in the figures
# Without landmarks the place of a face is known roughly: a box of half to twice its size counts.
MAX_SIZE_FACTOR = 2.0
RULES = (
    "Each face image is pasted once into a frame of 1280x720, at a random place: its face 60 to 300 pixels large (mean "
    "of the sides of its box), tilted by at most 20 degrees. If its landmarks are known, it is detected when a box "
    "overlaps its own with an IoU of at least 0.4. Otherwise only the usual position of the face is known: a box of "
    "half to twice its size is required, with its centre inside. Original image (direct): the model's prediction for "
    "the image of the set. Pasted: its prediction for the pasted image, cropped at the true location; the difference "
    "is the effect of the pasting. Full pipeline: the app's prediction for the frame. All three are for the same "
    "faces, those that were detected and have a prediction."
)


# Attributes whose predictions are compared.
PIPELINE_ATTRIBUTES = ("emotion", "age", "sex", "race")


@dataclass(frozen=True, slots=True)
class PipelineTrial:
    """What the pipeline reported for one frame.

    Attributes:
        face: Pose of the pasted face.
        track: The track at its place; None if it was missed.
        false_detections: Number of tracks elsewhere.
    """

    face: FacePose
    track: Track | None
    false_detections: int


@dataclass(frozen=True, slots=True)
class AttributeComparison:
    """The scores of one attribute for the same n faces, by what was given to the model.

    Attributes:
        rows: Indexes of their samples, shape (n,).
        direct: From the image of the data set.
        pasted: From the pasted face, cropped at its true place.
        pipeline: From the pipeline of the app.
    """

    rows: np.ndarray
    direct: Scores
    pasted: Scores
    pipeline: Scores

    @property
    def error_increase(self) -> np.ndarray:
        """Error of the pipeline minus that of the direct prediction, float64 (n,): 0 or 1 for classes, or years."""
        return self.pipeline.sample_errors() - self.direct.sample_errors()

    @property
    def error_increase_by_pasting(self) -> np.ndarray:
        """Error after pasting minus that of the direct prediction, float64 (n,)."""
        return self.pasted.sample_errors() - self.direct.sample_errors()


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """The result of an evaluation.

    Attributes:
        figures: Flat.
        compared: By attribute, for the faces that were detected and predicted.
        note: A caveat about the figures, if there is one.
        folder: Folder of the model.
    """

    figures: Mapping[str, float | int]
    detector: FaceDetector
    source: DatasetSpec
    samples: Sequence[Sample] = field(repr=False)
    trials: Sequence[PipelineTrial] = field(repr=False)
    compared: Mapping[str, AttributeComparison] = field(repr=False)
    rejected: Sequence[Rejection]
    backgrounds: Backgrounds
    seed: int
    note: str | None
    folder: Path

    def pasted(self, index: int) -> PastedFace:
        """Render the frame of a sample again."""
        return paste(self.samples[index], self.backgrounds, self.seed)


def score_pipeline(
    data: Path, split: str | None, limit: int | None, settings: Settings, seed: int = 0
) -> PipelineReport:
    """Score what the app would serve.

    Args:
        split: `train`, `valid` or `test`; None scores every image.
        limit: Largest number of images, spread evenly over the data set.
        settings: Which detector and models to use.
        seed: Decides where each face is pasted.
    Raises:
        SettingsError: the pipeline predicts none of the labels of the data set, or there is no such split.
        UnreadableMedia: the data set has no usable image.
        ModelError, DetectorUnavailable: a model or the detector cannot be loaded.
    """
    task = task_of_people(data)
    model = served_model(Path(settings.models), task.served)
    detector, backgrounds = build_detector(settings), find_backgrounds(data)
    # Predictions count wherever a face is found, also where the app would hide them behind a mask.
    attributes = AttributeSet(tuple(replace(attribute, hides={}) for attribute in own_attributes()))
    pipeline = Pipeline(
        detector,
        load_predictors(settings.models),
        attributes=attributes,
        landmark_tracker=load_landmark_tracker(settings.models),
    )
    faces = read_labelled(task, model, data, split)
    samples = subsample(faces.samples, limit)
    trials, recropped = [], []
    for sample in samples:
        frame = paste(sample, backgrounds, seed)
        trials.append(run_pipeline(pipeline, frame, sample.has_all_landmarks))
        recropped.append(replace(sample, image=frame.recrop(*sample.image.shape[1::-1])))
    compared = _compare(model, task, samples, recropped, trials)
    return PipelineReport(
        figures={**detection_figures(trials), **_comparison_figures(compared), "rejected": len(faces.rejected)},
        detector=detector,
        source=faces.source,
        samples=samples,
        trials=trials,
        compared=compared,
        rejected=faces.rejected,
        backgrounds=backgrounds,
        seed=seed,
        note=note_on(samples, split),
        folder=model.folder,
    )


def paste(sample: Sample, backgrounds: Backgrounds, seed: int) -> PastedFace:
    """Paste the face of a sample into a background."""
    return paste_face(sample.image, _face_pose(sample), backgrounds, seed)


def run_pipeline(pipeline: Pipeline, frame: PastedFace, exact: bool) -> PipelineTrial:
    """Analyse a frame as the first one of a new source.

    Args:
        exact: Whether the pose of the face is known by its landmarks, not only by the framing of the data set.
    """
    pipeline.reset()
    tracks = pipeline.analyze(Frame(frame.image, 0, 0.0, 0.0), StageTimer())
    box = frame.face.box
    matches = [track for track in tracks if _is_face(track.face.box, box, exact)]
    best = max(matches, key=lambda track: box.iou(track.face.box), default=None)
    return PipelineTrial(frame.face, best, len(tracks) - (best is not None))


def _is_face(found: Box, true: Box, exact: bool) -> bool:
    if exact:
        return true.iou(found) >= MIN_IOU
    x, y = found.center
    similar = 1 / MAX_SIZE_FACTOR <= math.sqrt(found.area / true.area) <= MAX_SIZE_FACTOR
    return similar and true.x1 <= x <= true.x2 and true.y1 <= y <= true.y2


def detection_figures(trials: Sequence[PipelineTrial]) -> dict[str, float | int]:
    """Number of images, and fraction of their faces that is detected: of all, and by size."""
    detected = np.array([trial.track is not None for trial in trials])
    low, high = wilson_interval(int(detected.sum()), len(detected))
    figures = {"n": len(detected), "found": float(detected.mean()), "found_low": low, "found_high": high}
    sides = np.array([trial.face.side for trial in trials])
    for first in range(int(FACE_SIDE_RANGE_PX[0]), int(FACE_SIDE_RANGE_PX[1]), SIDE_BAND_PX):
        band = (sides >= first) & (sides < first + SIDE_BAND_PX)
        if band.any():
            figures[f"found_{first}_{first + SIDE_BAND_PX}_px"] = float(detected[band].mean())
    figures["false_per_picture"] = sum(trial.false_detections for trial in trials) / len(trials)
    return figures


def _face_pose(sample: Sample) -> FacePose:
    """The pose of a face by its landmarks, else by the framing of the data set."""
    if sample.has_all_landmarks:
        return FacePose.from_points(pastable_face(sample).points)
    return nominal_pose(sample, fer2013_patch())


def _compare(
    model: FaceModel,
    task: EvaluationTask,
    samples: Sequence[Sample],
    recropped: Sequence[Sample],
    trials: Sequence[PipelineTrial],
) -> dict[str, AttributeComparison]:
    """By attribute that the pipeline predicts, for the faces that were detected and predicted."""
    attributes = [name for name in task.scored if name in PIPELINE_ATTRIBUTES]
    both = zip(score_samples(model, attributes, samples), score_samples(model, attributes, recropped), strict=True)
    compared = {}
    for direct, pasted in both:
        predicted = _pipeline_predictions(direct.attribute, trials)
        if predicted:
            rows = np.array(list(predicted))
            direct_rows = direct.select(rows)
            pipeline = direct_rows.with_predictions(list(predicted.values()))
            compared[direct.attribute] = AttributeComparison(rows, direct_rows, pasted.select(rows), pipeline)
    return compared


def _pipeline_predictions(attribute: str, trials: Sequence[PipelineTrial]) -> dict[int, Any]:
    """What the pipeline predicts, by index of the trial; trials without a prediction are left out."""
    found = {index: trial.track.estimates.get(attribute) for index, trial in enumerate(trials) if trial.track}
    return {index: _prediction(one) for index, one in found.items() if one is not None}


def _prediction(estimate: Estimate) -> Any:
    """The value of a number, or the probabilities by label."""
    return estimate.value if isinstance(estimate, NumberEstimate) else getattr(estimate, "probabilities", None)


def _comparison_figures(compared: Mapping[str, AttributeComparison]) -> dict[str, float | int]:
    figures: dict[str, float | int] = {}
    for one in compared.values():
        name = one.direct.main_figure
        figures |= one.pipeline.figures
        figures |= {f"{name}_direct": one.direct.figures[name], f"{name}_pasted": one.pasted.figures[name]}
        figures |= degradation_figures(f"{name}_lost", one.error_increase)
    return figures
