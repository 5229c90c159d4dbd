"""Build face detectors as the app does, and score them on whole pictures with the boxes of their faces."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from app.errors import UnreadableMedia
from app.settings import Settings
from app.vision.detection.anchor_free_detector import FOLDER, AnchorFreeDetector, read_detector_card
from app.vision.detection.face_detector import FaceDetector
from app.vision.detection.haar import HaarDetector
from app.vision.detection.yunet import YUNET_MIN_SCORE, YuNetDetector
from app.vision.inference.face_crop import transform_points
from training.datasets.readers.scenes import Scene, read_scenes
from training.datasets.scene_sets import split_scenes
from training.evaluation.faces import VALIDATION_NOTE
from training.metrics.average_precision import Curve
from training.metrics.detection_protocol import (
    LONGEST_SIDE_PX,
    MASKED_FACES,
    MIN_SCORE,
    SMALL_FACES,
    STANDARD_FACES,
    STRICT_MIN_IOU,
    detection_rows,
    precision_recall,
    scale_scene,
)
from training.samples.sample import Rejection

Clock = Callable[[], float]
NAMED = ("own", "haar")  # any other name is a file of YuNet


@dataclass(frozen=True, slots=True)
class DetectorResult:
    """A detector's outcome.

    Attributes:
        figures: Flat; a figure that no face counts for is missing.
        curve: Of the faces of 20 pixels and more at the lenient overlap.
        found: By picture, x1, y1, x2, y2 and score, shape (n, 5).
    """

    contender: Candidate
    figures: Mapping[str, float | int]
    curve: Curve = field(repr=False)
    found: Sequence[np.ndarray] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Detectors on the same pictures.

    Attributes:
        results: In the order in which the detectors were asked for.
        scenes: The pictures as the detectors saw them.
        rejected: Rows and files that could not be used.
        note: What a reader of the figures must know; None where there is nothing.
    """

    results: Sequence[DetectorResult]
    scenes: Sequence[Scene] = field(repr=False)
    rejected: Sequence[Rejection]
    note: str | None


def compare_detectors(
    data: Path, boxes: Path, names: Sequence[str], settings: Settings, split: str | None = None, tilt: float = 0.0
) -> Comparison:
    """Score detectors on a set.

    Args:
        data: Folder or tar of the pictures.
        boxes: Table of their faces.
        names: Of the detectors, as `build_candidates` takes them.
        split: `train` or `valid`, as training deals the pictures; None takes every one.
        tilt: Degrees that the pictures are turned by.
    Raises:
        UnreadableMedia: a file is missing or damaged, or leaves no picture.
        ModelError, DetectorUnavailable: a detector cannot be loaded.
    """
    chosen = build_candidates(names, settings, longest_when_tilted(tilt))
    found = read_scenes(data, boxes)
    scenes = [scale_scene(scene) for scene in (split_scenes(found.scenes)[split] if split else found.scenes)]
    if not scenes:
        raise UnreadableMedia(f"{data} has no picture to score ({len(found.rejected)} rejected); give another --data")
    if tilt:
        scenes = [rotate_scene(scene, tilt) for scene in scenes]
    note = VALIDATION_NOTE.format(split) if split == "valid" else None
    return Comparison([score_detector(one, scenes) for one in chosen], scenes, found.rejected, note)


def rotate_scene(scene: Scene, degrees: float) -> Scene:
    """The whole picture turned counterclockwise on a larger black one; boxes keep their sides, around their centres."""
    height, width = scene.image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = np.abs(matrix[0, :2])
    size = math.ceil(width * cosine + height * sine), math.ceil(width * sine + height * cosine)
    matrix[:, 2] += np.array(size) / 2 - (width / 2, height / 2)
    image = cv2.warpAffine(scene.image, matrix, size, flags=cv2.INTER_LINEAR)
    centers, halves = (scene.boxes[:, :2] + scene.boxes[:, 2:]) / 2, (scene.boxes[:, 2:] - scene.boxes[:, :2]) / 2
    moved = transform_points(matrix, centers)
    boxes = np.hstack([moved - halves, moved + halves]).astype(np.float32)
    return replace(scene, image=image, boxes=boxes, points=transform_points(matrix, scene.points).astype(np.float32))


def longest_when_tilted(degrees: float) -> int:
    """The longer side that pictures may have once tilted, so that no detector scales them down further."""
    if not degrees:
        return LONGEST_SIDE_PX
    turned = math.radians(degrees)
    return math.ceil(LONGEST_SIDE_PX * (abs(math.cos(turned)) + abs(math.sin(turned)))) + 1


def score_detector(contender: Candidate, scenes: Sequence[Scene], clock: Clock = time.perf_counter) -> DetectorResult:
    """Let a detector look at every picture.

    Args:
        scenes: At the scale they are scored at.
    """
    found, milliseconds = _looked_at(contender, scenes, clock)
    curve = precision_recall(scenes, found, STANDARD_FACES)
    precisions = {
        "ap40": curve.value,
        "ap50": precision_recall(scenes, found, STANDARD_FACES, STRICT_MIN_IOU).value,
        "ap40_small": precision_recall(scenes, found, SMALL_FACES).value,
        "ap40_masked": precision_recall(scenes, found, MASKED_FACES).value,
    }
    figures = {
        **_counts(scenes),
        **{name: value for name, value in precisions.items() if not math.isnan(value)},
        **_at_served_score(contender.served_score, scenes, found, curve),
        "ms": milliseconds,
    }
    return DetectorResult(contender, figures, curve, found)


def _looked_at(contender: Candidate, scenes: Sequence[Scene], clock: Clock) -> tuple[list[np.ndarray], float]:
    """What was found in every picture, and the median of the milliseconds that took."""
    found, took_ms = [], []
    shape: tuple[int, ...] = ()
    for scene in scenes:
        if scene.image.shape != shape:  # the first of a shape also pays for its preparation
            contender.detector.detect(scene.image)
            shape = scene.image.shape
        started_s = clock()
        faces = contender.detector.detect(scene.image)
        took_ms.append(1000 * (clock() - started_s))
        found.append(detection_rows(faces))
    return found, statistics.median(took_ms)


def _counts(scenes: Sequence[Scene]) -> dict[str, int]:
    numbers = {"n": STANDARD_FACES, "n_small": SMALL_FACES, "n_masked": MASKED_FACES}
    faces = {
        name: sum(int(which.of(scene).sum()) for scene in scenes if scene.name.startswith(which.source))
        for name, which in numbers.items()
    }
    return {**faces, "pictures": len(scenes)}


def _at_served_score(
    score: float, scenes: Sequence[Scene], found: Sequence[np.ndarray], curve: Curve
) -> dict[str, float]:
    """Recall and false detections as the app would have them; `recall_most` is without any least score."""
    recall, false = curve.at(score)
    figures = {} if math.isnan(curve.value) else {"recall_most": curve.at(0.0)[0], "recall": recall}
    figures["false_per_image"] = false / len(scenes)
    empty = [rows for scene, rows in zip(scenes, found, strict=True) if not len(scene.boxes)]
    if empty:
        figures["false_per_empty_image"] = sum(int((rows[:, 4] >= score).sum()) for rows in empty) / len(empty)
    return figures


@dataclass(frozen=True, slots=True)
class Candidate:
    """A detector to be scored.

    Attributes:
        name: `own`, `haar` or `yunet`; of several YuNet files, their names without the ending.
        served_score: What the app leaves out is less sure.
    """

    name: str
    title: str
    detector: FaceDetector
    served_score: float


def build_candidates(names: Sequence[str], settings: Settings, longest: int) -> list[Candidate]:
    """Build detectors.

    Args:
        names: `own`, `haar` or YuNet files; none takes what there is: our own network in `settings.models`, the
            YuNet file that `settings.detector` may name, and Haar.
        longest: Longer side in pixels that pictures are scaled down to.
    Raises:
        ModelError, DetectorUnavailable: one of them cannot be loaded.
    """
    chosen = list(dict.fromkeys(names or _available(settings)))
    several = len([name for name in chosen if name not in NAMED]) > 1
    return [_contender(name, settings, longest, several) for name in chosen]


def _available(settings: Settings) -> list[str]:
    own = ["own"] if (Path(settings.models) / FOLDER).is_dir() else []
    file = [settings.detector] if settings.detector not in NAMED else []
    return [*own, *file, "haar"]


def _contender(name: str, settings: Settings, longest: int, several: bool) -> Candidate:
    if name == "haar":
        return Candidate(name, HaarDetector.title, HaarDetector(Settings(detect_width=longest)), 0.0)
    if name == "own":
        card = read_detector_card(Path(settings.models) / FOLDER)
        return Candidate(name, AnchorFreeDetector.title, AnchorFreeDetector(card, longest, MIN_SCORE), card.score)
    yunet = YuNetDetector(Path(name), longest, MIN_SCORE)
    return Candidate(Path(name).stem if several else yunet.name, yunet.title, yunet, YUNET_MIN_SCORE)
