"""Small reports of every kind, made without a network; names hold what must not become part of the page."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from app.domain import Box, Face, Track
from app.vision.inference.face_pose import FacePose
from tests.support.fakes import FakeClock
from tests.support.training import drawn_face, samples_of
from training.datasets.catalog import UTKFACE
from training.datasets.fer2013 import FER2013
from training.datasets.readers.scenes import Scene
from training.evaluation.dataset_findings import Balance, Copies, Findings
from training.evaluation.detectors import Candidate, Comparison, score_detector
from training.evaluation.end_to_end import AttributeComparison, PipelineReport, PipelineTrial, detection_figures
from training.evaluation.faces import Report, all_figures
from training.evaluation.landmark_geometry import Faces, Geometry
from training.evaluation.run_comparison import RunSummary
from training.metrics.age_scores import AgeScores
from training.metrics.class_scores import ClassScores
from training.metrics.landmark_scores import LandmarkScores
from training.metrics.scores import Scores
from training.recipes.registry import find_recipe
from training.samples.sample import Rejection
from training.transforms.backgrounds import Backgrounds

HOSTILE = '<script src="http://example.com/a.js"></script> $a$'
REJECTED = (Rejection(HOSTILE, "blank image"), Rejection("b.png", "cannot be decoded"))
FACE_POINTS = np.array(
    [[0.5, 0], [-0.5, 0], [0.3, 0], [0.7, 0], [-0.3, 0], [-0.7, 0], [0.3, -0.3], [0.8, -0.3], [-0.3, -0.3]]
    + [[-0.8, -0.3], [0, 0.6], [0.4, 1.1], [-0.4, 1.1], [0, 1.0], [0, 1.2]]
)


def sex_scores(right: int, count: int) -> ClassScores:
    """Answers, of which the first are right; every second face is labelled female."""
    true = np.arange(count) % 2
    predicted = np.where(np.arange(count) < right, true, 1 - true)
    return ClassScores("sex", ("male", "female"), 0.8 * np.eye(2)[predicted] + 0.1, true, "sex_")


def faces_report(note: str | None = None) -> Report:
    """Eighty faces of two groups, scored by age, sex, mask and landmarks."""
    count = 80
    true_age = np.repeat([25.0, 65.0], count // 2)
    errors = np.repeat([1.0, -9.0], count // 2)
    points = np.repeat(FACE_POINTS[None], count, 0)
    labels = {
        "age": list(true_age),
        "sex": ["male", "female"] * (count // 2),
        "source": ["studio", "street"] * (count // 2),
    }
    samples = samples_of([drawn_face(seed) for seed in range(count)], **labels)
    scores: list[Scores] = [
        AgeScores(true_age + errors, true_age),
        sex_scores(60, count),
        ClassScores("mask", ("none", "mask"), np.tile([0.7, 0.3], (count, 1)), np.arange(count) % 2),
        LandmarkScores(points + 0.1, points),
    ]
    figures = {**all_figures(scores, samples), "rejected": len(REJECTED)}
    return Report(figures, REJECTED, Path(), note, f"Model {HOSTILE}", UTKFACE, samples, scores)


def findings() -> Findings:
    """Twelve images with two copies, one of them with another label, balanced by sex."""
    samples = samples_of(
        [drawn_face(seed) for seed in range(12)],
        age=[float(20 + 2 * index) for index in range(12)],
        sex=["male"] * 8 + ["female"] * 4,
        race=["white", "black"] * 6,
    )
    copies = [Copies((0, 1), ("age",)), Copies((2, 3), ())]
    sexes = [str(sample.labels["sex"]) for sample in samples]
    balance = Balance("sex", sexes, (0, 1, 2, 3, 8, 9, 10, 11), np.array([0.75] * 8 + [1.5] * 4))
    parts = {"train": samples[:9], "valid": samples[9:10], "test": samples[10:11]}
    return Findings(UTKFACE, samples, REJECTED, parts, copies, balance)


def geometry() -> Geometry:
    """Two emotions; the nose of happy faces is higher."""
    random = np.random.default_rng(0)
    neutral = FACE_POINTS + random.normal(0, 0.01, (30, 15, 2))
    happy = neutral.copy()
    happy[:, 10, 1] -= 0.1
    emotions = {"happy": Faces(happy, 20 * happy), "neutral": Faces(neutral, 20 * neutral)}
    return Geometry(FER2013, f"Model {HOSTILE}", emotions, REJECTED)


def detector_comparison() -> Comparison:
    """A detector that finds one of two faces and a false one, and one that finds nothing."""

    def scene(name: str, boxes: list[tuple[int, ...]]) -> Scene:
        corners = np.array(boxes, np.float32).reshape(-1, 4)
        points = np.full((len(boxes), 5, 2), np.nan, np.float32)
        return Scene(name, np.zeros((240, 320, 3), np.uint8), corners, np.zeros(len(boxes), bool), points)

    class Detector:
        name, title, notice = "", "", None

        def __init__(self, *found: list[Face]) -> None:
            self._found = [found[0], *found]  # the first image of a size is passed twice

        def detect(self, image: np.ndarray) -> list[Face]:
            return self._found.pop(0)

    scenes = [scene("a.jpg", [(10, 10, 60, 60), (100, 10, 150, 60)]), scene(HOSTILE, [])]
    finds = Detector([Face(Box(10, 10, 60, 60), 0.9)], [Face(Box(0, 0, 40, 40), 0.8)])
    blind = Detector([], [])
    clock = FakeClock(step_s=0.002)
    candidates = [Candidate("own", "Own network", finds, 0.5), Candidate("blind", "Blind", blind, 0.5)]
    return Comparison([score_detector(one, scenes, clock) for one in candidates], scenes, REJECTED, None)


def pipeline_report() -> PipelineReport:
    """Four faces, of which one is missed; of the others the pipeline gets one age and one sex worse."""
    samples = samples_of([drawn_face(seed) for seed in range(4)])
    poses = [FacePose(300 + 100 * index, 300, side, 0.1) for index, side in enumerate((70.0, 130.0, 190.0, 250.0))]
    tracks = [Track(index, Face(pose.box, 0.9)) for index, pose in enumerate(poses)]
    trials = [PipelineTrial(pose, track if track.id else None, 0) for pose, track in zip(poses, tracks, strict=True)]
    rows, true = np.array([1, 2, 3]), np.array([20.0, 30.0, 40.0])
    ages = [AgeScores(true + np.array(errors), true) for errors in ([4.0, 4, 4], [4.0, 3, 3], [2.0, 2, 5])]
    sexes = [sex_scores(right, 3) for right in (3, 3, 2)]
    return PipelineReport(
        figures=detection_figures(trials),
        detector=SimpleNamespace(name="own", title="Own network", notice=None),
        source=UTKFACE,
        samples=samples,
        trials=trials,
        compared={"age": AttributeComparison(rows, *ages), "sex": AttributeComparison(rows, *sexes)},
        rejected=REJECTED,
        backgrounds=Backgrounds(),
        seed=0,
        note=None,
        folder=Path(),
    )


def run_summaries() -> list[RunSummary]:
    """Two runs in folders of one name, and one of another network."""
    rows = [{"epoch": 0.0, "val_loss": 1.5}, {"epoch": 1.0, "val_loss": 1.25}]
    figures = {"n": 20, "accuracy": 0.5, "accuracy_low": 0.4, "accuracy_high": 0.6, "ece": 0.1}
    facts = {"parameters": 1000, "epochs": 2, "best_epoch": 2, "mixed": True}
    better = {**figures, "accuracy": 0.75, "ece": 0.2}
    emotion, sex = find_recipe("emotion-cnn"), find_recipe("sex-cnn")
    return [
        RunSummary(Path("a/run"), emotion, figures, "a", "valid was used to choose the epoch", facts, rows),
        RunSummary(Path("b/run"), emotion, better, "a", "valid was used to choose the epoch", facts, rows[:1]),
        RunSummary(Path(HOSTILE.replace("/", "")), sex, {"n": 5, "sex_accuracy": 0.9}, "b", None, facts, rows),
    ]
