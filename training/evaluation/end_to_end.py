"""Score the app's whole pipeline, from frame to attributes, on labelled faces pasted into whole pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from app.domain import Attributes, Box, Frame, Track
from app.settings import Settings
from app.vision.attributes.predictor import load_predictors
from app.vision.detection.face_detector import FaceDetector, build_detector
from app.vision.inference.face_pose import FacePose
from app.vision.landmarks.landmark_tracking import load_landmark_tracker
from app.vision.worker.pipeline import Pipeline, StageTimer
from training.datasets.dataset_spec import DatasetSpec
from training.evaluation.evaluation_sets import EvaluationTask, task_of_people
from training.evaluation.faces import note_on, read_labelled, scores_of
from training.evaluation.scored_model import served_model
from training.metrics.detection_protocol import MIN_IOU
from training.metrics.predictions import wilson_interval
from training.metrics.results import AgeScores, ClassScores, Scores, degradation_figures, main_figure, sample_errors
from training.samples.framing import fer2013_patch
from training.samples.sample import Rejection, Sample
from training.tasks.face_model import FaceModel
from training.transforms.alignment import nominal_pose
from training.transforms.backgrounds import Backgrounds, find_backgrounds
from training.transforms.copy_paste import pastable_face
from training.transforms.paste_faces import FACE_SIDE_RANGE_PX, PastedFace, paste_face

SIDE_BAND_PX = 60  # pixels between the bands of size
# In pictures without marks faces are larger or smaller than usual, or beside the middle.
LARGEST_FACTOR = 2.0
RULES = (
    "Each face image is pasted once into a frame of 1280x720, at a random place: its face 60 to 300 pixels large (mean "
    "of the sides of its box), tilted by at most 20 degrees. If its landmarks are known, it is detected when a box "
    "overlaps its own with an IoU of at least 0.4. Otherwise only the usual position of the face is known: a box of "
    "half to twice its size is required, with its centre inside. Original image (direct): the model's prediction for "
    "the image of the set. Pasted: its prediction for the pasted image, cropped at the true location; the difference "
    "is the effect of the pasting. Full pipeline: the app's prediction for the frame. All three are for the same "
    "faces, those that were detected and have a prediction."
)
PIPELINE_ANSWERS: Mapping[str, Callable[[Attributes], object]] = {
    "emotion": lambda said: said.emotion,
    "age": lambda said: said.age_years,
    "sex": lambda said: said.p_female,
    "race": lambda said: said.race,
}


@dataclass(frozen=True, slots=True)
class PipelineTrial:
    """What the pipeline said of one frame.

    Attributes:
        face: Where the face is.
        track: What was found there; None where nothing was.
        false: Faces found elsewhere.
    """

    face: FacePose
    track: Track | None
    false: int


@dataclass(frozen=True, slots=True)
class AttributeComparison:
    """The answers about one attribute of the same n faces, by way of reading.

    Attributes:
        rows: The numbers of their samples, shape (n,).
    """

    rows: np.ndarray
    direct: Scores
    pasted: Scores
    pipeline: Scores

    @property
    def lost(self) -> np.ndarray:
        """By how much each face is read worse through the pipeline: answers, or years; shape (n,)."""
        return sample_errors(self.pipeline) - sample_errors(self.direct)

    @property
    def lost_by_pasting(self) -> np.ndarray:
        return sample_errors(self.pasted) - sample_errors(self.direct)


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """The outcome of a scoring.

    Attributes:
        figures: Flat.
        compared: By attribute, of the faces that were found and read.
        note: What a reader of the figures must know; None where there is nothing.
        folder: Of the model that was scored.
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
        """The frame of a sample, made once more."""
        return paste(self.samples[index], self.backgrounds, self.seed)


def score_pipeline(
    data: Path, split: str | None, limit: int | None, settings: Settings, seed: int = 0
) -> PipelineReport:
    """Score what the app would serve.

    Args:
        split: `train`, `valid` or `test`; None takes every picture.
        limit: At most so many pictures, evenly spread over the set.
        settings: Which detector and models to use.
        seed: Another one pastes every face elsewhere.
    Raises:
        SettingsError: the set is none whose labels the pipeline reads, or has no such split.
        UnreadableMedia: the set holds no usable picture.
        ModelError, DetectorUnavailable: a model or the detector cannot be loaded.
    """
    task = task_of_people(data)
    model = served_model(Path(settings.models), task.served)
    detector, backgrounds = build_detector(settings), find_backgrounds(data)
    pipeline = Pipeline(
        detector, load_predictors(settings.models, race=True), landmark_tracker=load_landmark_tracker(settings.models)
    )
    found = read_labelled(task, model, data, split)
    samples = spread_out(found.samples, limit)
    trials, recrop = [], []
    for sample in samples:
        frame = paste(sample, backgrounds, seed)
        trials.append(run_pipeline(pipeline, frame, sample.has_all_landmarks))
        recrop.append(replace(sample, image=frame.recrop(*sample.image.shape[1::-1])))
    compared = _compared(model, task, samples, recrop, trials)
    return PipelineReport(
        figures={**found_figures(trials), **_read_figures(compared), "rejected": len(found.rejected)},
        detector=detector,
        source=found.source,
        samples=samples,
        trials=trials,
        compared=compared,
        rejected=found.rejected,
        backgrounds=backgrounds,
        seed=seed,
        note=note_on(samples, split),
        folder=model.folder,
    )


def paste(sample: Sample, backgrounds: Backgrounds, seed: int) -> PastedFace:
    return paste_face(sample.image, _frame(sample), backgrounds, seed)


def run_pipeline(pipeline: Pipeline, frame: PastedFace, marked: bool) -> PipelineTrial:
    """Let the pipeline analyse a frame as the first of a new source.

    Args:
        marked: Whether the face's place is known by its points, not only by how the set frames faces.
    """
    pipeline.reset()
    tracks = pipeline.analyze(Frame(frame.image, 0, 0.0, 0.0), StageTimer())
    box = frame.face.box
    here = [track for track in tracks if _is_face(track.face.box, box, marked)]
    found = max(here, key=lambda track: box.iou(track.face.box), default=None)
    return PipelineTrial(frame.face, found, len(tracks) - (found is not None))


def _is_face(found: Box, own: Box, marked: bool) -> bool:
    if marked:
        return own.iou(found) >= MIN_IOU
    x, y = found.center
    alike = 1 / LARGEST_FACTOR <= math.sqrt(found.area / own.area) <= LARGEST_FACTOR
    return alike and own.x1 <= x <= own.x2 and own.y1 <= y <= own.y2


def spread_out(samples: Sequence[Sample], limit: int | None) -> Sequence[Sample]:
    """At most `limit` of them, evenly spread."""
    if limit is None or limit >= len(samples):
        return samples
    return [samples[index] for index in np.linspace(0, len(samples) - 1, limit).round().astype(int)]


def found_figures(trials: Sequence[PipelineTrial]) -> dict[str, float | int]:
    """How many pictures there are and which share of their faces is found: of all, and by size."""
    found = np.array([trial.track is not None for trial in trials])
    low, high = wilson_interval(int(found.sum()), len(found))
    figures = {"n": len(found), "found": float(found.mean()), "found_low": low, "found_high": high}
    sides = np.array([trial.face.side for trial in trials])
    for first in range(int(FACE_SIDE_RANGE_PX[0]), int(FACE_SIDE_RANGE_PX[1]), SIDE_BAND_PX):
        band = (sides >= first) & (sides < first + SIDE_BAND_PX)
        if band.any():
            figures[f"found_{first}_{first + SIDE_BAND_PX}_px"] = float(found[band].mean())
    figures["false_per_picture"] = sum(trial.false for trial in trials) / len(trials)
    return figures


def _frame(sample: Sample) -> FacePose:
    """Where the face is in its picture: by its points, else as the set frames faces."""
    if sample.has_all_landmarks:
        return FacePose.from_points(pastable_face(sample).points)
    return nominal_pose(sample, fer2013_patch())


def _compared(
    model: FaceModel,
    task: EvaluationTask,
    samples: Sequence[Sample],
    recrop: Sequence[Sample],
    trials: Sequence[PipelineTrial],
) -> dict[str, AttributeComparison]:
    """By attribute that the pipeline tells, of the faces that were found and read."""
    attributes = [name for name in task.scored if name in PIPELINE_ANSWERS]
    read = zip(scores_of(model, attributes, samples), scores_of(model, attributes, recrop), strict=True)
    compared = {}
    for direct, after in read:
        rows = _read_rows(direct.attribute, trials)
        if len(rows):
            said = _said(direct, rows, trials)
            compared[direct.attribute] = AttributeComparison(rows, _of_rows(direct, rows), _of_rows(after, rows), said)
    return compared


def _read_rows(attribute: str, trials: Sequence[PipelineTrial]) -> np.ndarray:
    found = [
        trial.track is not None and PIPELINE_ANSWERS[attribute](trial.track.attributes) is not None for trial in trials
    ]
    return np.flatnonzero(found)


def _of_rows(scores: Scores, rows: np.ndarray) -> Scores:
    if isinstance(scores, AgeScores):
        return AgeScores(scores.predicted[rows], scores.true[rows])
    assert isinstance(scores, ClassScores)
    return replace(scores, probabilities=scores.probabilities[rows], indexes=scores.indexes[rows])


def _said(direct: Scores, rows: np.ndarray, trials: Sequence[PipelineTrial]) -> Scores:
    """What the pipeline said of the faces that were found, as scores like those of direct patches."""
    read = [track.attributes for row in rows if (track := trials[row].track) is not None]
    if isinstance(direct, AgeScores):
        return AgeScores(np.array([one.age_years for one in read], float), direct.true[rows])
    assert isinstance(direct, ClassScores)
    told = [_probabilities(direct.attribute, one) for one in read]
    probabilities = np.array([[one[label] for label in direct.labels] for one in told])
    return replace(direct, probabilities=probabilities, indexes=direct.indexes[rows])


def _probabilities(attribute: str, said: Attributes) -> Mapping[str, float]:
    if attribute == "sex":
        assert said.p_female is not None
        return {"female": said.p_female, "male": 1 - said.p_female}
    told = said.race if attribute == "race" else said.emotion
    assert told is not None
    return told


def _read_figures(compared: Mapping[str, AttributeComparison]) -> dict[str, float | int]:
    figures: dict[str, float | int] = {}
    for one in compared.values():
        name = main_figure(one.direct)
        figures |= one.pipeline.figures
        figures |= {f"{name}_direct": one.direct.figures[name], f"{name}_pasted": one.pasted.figures[name]}
        figures |= degradation_figures(f"{name}_lost", one.lost)
    return figures
