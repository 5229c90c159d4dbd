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
from training.datasets.picture_sets import PictureSet
from training.evaluation.evaluation_sets import Task, task_of_people
from training.evaluation.faces import labelled, note_on, scores_of
from training.evaluation.scored_model import FaceModel, served_model
from training.metrics.detection_protocol import OVERLAP
from training.metrics.predictions import share_interval
from training.metrics.results import AgeScores, ClassScores, Scores, lost_figures, main_figure, wrongness
from training.samples.framing import fer2013_patch
from training.samples.sample import Rejected, Sample
from training.transforms.alignment import framed
from training.transforms.backgrounds import Backgrounds, backgrounds_beside
from training.transforms.copy_paste import cutout
from training.transforms.paste_faces import SIDE, Pasted, pasted

SIDE_STEP = 60  # pixels between the bands of size
# In pictures without marks faces are larger or smaller than usual, or beside the middle.
LARGEST_FACTOR = 2.0
RULES = (
    "Each face picture is pasted once into a picture of 1280x720: its face 60 to 300 pixels large (mean of its box's "
    "sides), tilted by 20 degrees at most, somewhere. Where its points are marked it is found by a box that overlaps "
    "its own by 0.4 (intersection over union). Of other pictures only the usual place of the face is known: there a "
    "box of half to twice its size counts, with its middle in it. Direct: the model reads the picture of the set. "
    "Pasted: it reads what was pasted, cut out again at the true place, so the difference is what the pasting itself "
    "costs. Pipeline: what the app says of the frame. All three are of the same faces, those that were found and read."
)
SAID: Mapping[str, Callable[[Attributes], object]] = {
    "emotion": lambda said: said.emotion,
    "age": lambda said: said.age_years,
    "sex": lambda said: said.p_female,
    "race": lambda said: said.race,
}


@dataclass(frozen=True, slots=True)
class Trial:
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
class Compared:
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
        return wrongness(self.pipeline) - wrongness(self.direct)

    @property
    def lost_by_pasting(self) -> np.ndarray:
        return wrongness(self.pasted) - wrongness(self.direct)


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
    source: PictureSet
    samples: Sequence[Sample] = field(repr=False)
    trials: Sequence[Trial] = field(repr=False)
    compared: Mapping[str, Compared] = field(repr=False)
    rejected: Sequence[Rejected]
    backgrounds: Backgrounds
    seed: int
    note: str | None
    folder: Path

    def pasted(self, index: int) -> Pasted:
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
    detector, backgrounds = build_detector(settings), backgrounds_beside(data)
    pipeline = Pipeline(
        detector, load_predictors(settings.models, race=True), landmark_tracker=load_landmark_tracker(settings.models)
    )
    found = labelled(task, model, data, split)
    samples = spread_out(found.samples, limit)
    trials, lifted = [], []
    for sample in samples:
        frame = paste(sample, backgrounds, seed)
        trials.append(tried(pipeline, frame, sample.fully_marked))
        lifted.append(replace(sample, image=frame.lifted(*sample.image.shape[1::-1])))
    compared = _compared(model, task, samples, lifted, trials)
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


def paste(sample: Sample, backgrounds: Backgrounds, seed: int) -> Pasted:
    return pasted(sample.image, _frame(sample), backgrounds, seed)


def tried(pipeline: Pipeline, frame: Pasted, marked: bool) -> Trial:
    """Let the pipeline analyse a frame as the first of a new source.

    Args:
        marked: Whether the face's place is known by its points, not only by how the set frames faces.
    """
    pipeline.reset()
    tracks = pipeline.analyse(Frame(frame.image, 0, 0.0, 0.0), StageTimer())
    box = frame.face.box
    here = [track for track in tracks if _is_face(track.face.box, box, marked)]
    found = max(here, key=lambda track: box.iou(track.face.box), default=None)
    return Trial(frame.face, found, len(tracks) - (found is not None))


def _is_face(found: Box, own: Box, marked: bool) -> bool:
    if marked:
        return own.iou(found) >= OVERLAP
    x, y = found.center
    alike = 1 / LARGEST_FACTOR <= math.sqrt(found.area / own.area) <= LARGEST_FACTOR
    return alike and own.x1 <= x <= own.x2 and own.y1 <= y <= own.y2


def spread_out(samples: Sequence[Sample], limit: int | None) -> Sequence[Sample]:
    """At most `limit` of them, evenly spread."""
    if limit is None or limit >= len(samples):
        return samples
    return [samples[index] for index in np.linspace(0, len(samples) - 1, limit).round().astype(int)]


def found_figures(trials: Sequence[Trial]) -> dict[str, float | int]:
    """How many pictures there are and which share of their faces is found: of all, and by size."""
    found = np.array([trial.track is not None for trial in trials])
    low, high = share_interval(int(found.sum()), len(found))
    figures = {"n": len(found), "found": float(found.mean()), "found_low": low, "found_high": high}
    sides = np.array([trial.face.side for trial in trials])
    for first in range(int(SIDE[0]), int(SIDE[1]), SIDE_STEP):
        band = (sides >= first) & (sides < first + SIDE_STEP)
        if band.any():
            figures[f"found_{first}_{first + SIDE_STEP}_px"] = float(found[band].mean())
    figures["false_per_picture"] = sum(trial.false for trial in trials) / len(trials)
    return figures


def _frame(sample: Sample) -> FacePose:
    """Where the face is in its picture: by its points, else as the set frames faces."""
    if sample.fully_marked:
        return FacePose.from_points(cutout(sample).points)
    return framed(sample, fer2013_patch())


def _compared(
    model: FaceModel,
    task: Task,
    samples: Sequence[Sample],
    lifted: Sequence[Sample],
    trials: Sequence[Trial],
) -> dict[str, Compared]:
    """By attribute that the pipeline tells, of the faces that were found and read."""
    attributes = [name for name in task.scored if name in SAID]
    read = zip(scores_of(model, attributes, samples), scores_of(model, attributes, lifted), strict=True)
    compared = {}
    for direct, after in read:
        rows = _read_rows(direct.attribute, trials)
        if len(rows):
            said = _said(direct, rows, trials)
            compared[direct.attribute] = Compared(rows, _of_rows(direct, rows), _of_rows(after, rows), said)
    return compared


def _read_rows(attribute: str, trials: Sequence[Trial]) -> np.ndarray:
    found = [trial.track is not None and SAID[attribute](trial.track.attributes) is not None for trial in trials]
    return np.flatnonzero(found)


def _of_rows(scores: Scores, rows: np.ndarray) -> Scores:
    if isinstance(scores, AgeScores):
        return AgeScores(scores.predicted[rows], scores.true[rows])
    assert isinstance(scores, ClassScores)
    return replace(scores, probabilities=scores.probabilities[rows], indexes=scores.indexes[rows])


def _said(direct: Scores, rows: np.ndarray, trials: Sequence[Trial]) -> Scores:
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


def _read_figures(compared: Mapping[str, Compared]) -> dict[str, float | int]:
    figures: dict[str, float | int] = {}
    for one in compared.values():
        name = main_figure(one.direct)
        figures |= one.pipeline.figures
        figures |= {f"{name}_direct": one.direct.figures[name], f"{name}_pasted": one.pasted.figures[name]}
        figures |= lost_figures(f"{name}_lost", one.lost)
    return figures
