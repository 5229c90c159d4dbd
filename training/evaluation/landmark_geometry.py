"""Measure the positions of landmarks by emotion and compare them with published results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.errors import ModelError, SettingsError, UnreadableMedia
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.detect_format import detect_format
from training.metrics.predictions import MeanEstimate
from training.samples.labels import EMOTIONS
from training.samples.landmark_points import LANDMARK_NAMES
from training.samples.sample import Rejection, Sample
from training.tasks.face_model import FaceModel
from training.transforms.alignment import face_patches

# Places in LANDMARK_NAMES; the eyes from left to right in the picture.
EYES = LANDMARK_NAMES.index("right_eye_center"), LANDMARK_NAMES.index("left_eye_center")
NOSE = LANDMARK_NAMES.index("nose_tip")
MOUTH = tuple(index for index, name in enumerate(LANDMARK_NAMES) if name.startswith("mouth"))
BOTTOM_LIP = LANDMARK_NAMES.index("mouth_center_bottom_lip")
# Distances between the raw points, as the published study measures them, in words.
RAW_DISTANCES: Mapping[str, str] = {
    "eyes_nose_px": "each eye to the nose (mean of both, in pixels)",
    "nose_lip_px": "the nose to the bottom lip (in pixels)",
}
# Distances of level faces with the eyes 1 apart: size and rotation of the face do not count.
SHAPE_DISTANCES: Mapping[str, str] = {"eye_nose": "eyes to nose", "nose_mouth": "nose to mouth"}
DISTANCES: Mapping[str, str] = {**RAW_DISTANCES, **SHAPE_DISTANCES}
MIN_FACES = 2  # faces of an emotion: fewer have no interval


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """The emotion with the `largest` or `smallest` mean of a distance, according to publications."""

    distance: str
    extreme: str
    emotion: str


PUBLISHED_RESULTS = (
    PublishedResult("eyes_nose_px", "largest", "disgust"),
    PublishedResult("nose_lip_px", "largest", "surprise"),
    PublishedResult("eyes_nose_px", "smallest", "happy"),
    PublishedResult("nose_lip_px", "smallest", "happy"),
)


@dataclass(frozen=True, slots=True)
class Faces:
    """The faces of one emotion.

    Attributes:
        points: Normalised, shape (n, 15, 2).
        pixels: As predicted, in pixels of the network's patch, shape (n, 15, 2).
    """

    points: np.ndarray
    pixels: np.ndarray

    @property
    def distances(self) -> Mapping[str, MeanEstimate]:
        """By name of `DISTANCES`: the raw ones in pixels, the others in distances of the eye centres."""
        found = {**raw_distances(self.pixels), **distances(self.points)}
        return {name: MeanEstimate.of(values) for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class Finding:
    """A published result compared with this set; `agrees` is None if the set lacks the emotions."""

    published: PublishedResult
    agrees: bool | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Geometry:
    """What was measured; emotions without enough faces are missing."""

    source: DatasetSpec
    title: str
    emotions: Mapping[str, Faces]
    rejected: Sequence[Rejection]

    @property
    def findings(self) -> list[Finding]:
        return [compare_with_published(result, self._distances) for result in PUBLISHED_RESULTS]

    @property
    def shape_findings(self) -> list[str]:
        """For which emotions the normalised distances, which no publication gives, are largest and smallest."""
        if len(self.emotions) < 2:
            return []
        return [_extremes(name, self._distances) for name in SHAPE_DISTANCES]

    @property
    def _distances(self) -> Mapping[str, Mapping[str, MeanEstimate]]:
        return {name: faces.distances for name, faces in self.emotions.items()}


def measure(data: Path, model: FaceModel) -> Geometry:
    """Read the landmarks of every picture of an emotion set and sort them by emotion.

    Raises:
        ModelError: the model reads no landmarks.
        SettingsError: the pictures have no emotions.
        UnreadableMedia: there is no set, or no emotion has faces enough.
    """
    if "landmarks" not in model.attributes:
        raise ModelError(f"{model.folder} reads {' and '.join(sorted(model.attributes))}, not landmarks; give another")
    source = detect_format(data)
    dataset = source.read(data, False)
    if not all("emotion" in sample.labels for sample in dataset.samples):
        raise SettingsError(f"{data} is {source.name}, which names no emotions; give a set such as FER2013")
    read = read_points(dataset.samples, model)
    emotions, rejected = _by_emotion(dataset.samples, read * (model.patch.size / 2), *normalised(read))
    if not emotions:
        raise UnreadableMedia(f"{data} has no emotion with {MIN_FACES} faces whose points could be read")
    return Geometry(source, model.title, emotions, [*dataset.rejected, *rejected])


def _by_emotion(
    samples: Sequence[Sample], pixels: np.ndarray, points: np.ndarray, sound: np.ndarray
) -> tuple[dict[str, Faces], list[Rejection]]:
    """The emotions with faces enough, and the faces that are not among theirs."""
    labels = np.array([str(sample.labels["emotion"]) for sample in samples])
    rows = {name: np.flatnonzero(sound & (labels == name)) for name in EMOTIONS}
    rejected = [Rejection(samples[row].name, "its points make no face") for row in np.flatnonzero(~sound).tolist()]
    few = [row for found in rows.values() if len(found) < MIN_FACES for row in found.tolist()]
    rejected += [Rejection(samples[row].name, "too few faces of its emotion") for row in few]
    enough = {name: found for name, found in rows.items() if len(found) >= MIN_FACES}
    return {name: Faces(points[found], pixels[found]) for name, found in enough.items()}, rejected


def read_points(samples: Sequence[Sample], model: FaceModel) -> np.ndarray:
    """The fifteen points of each face, shape (n, 15, 2), 0 in the middle of the patch and 1 at its edge."""
    if not samples:
        return np.zeros((0, len(LANDMARK_NAMES), 2))
    return model.answers(face_patches(samples, model.patch))["landmarks"].reshape(-1, len(LANDMARK_NAMES), 2)


def normalised(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Faces turned level and scaled so that their eye centres lie at (-0.5, 0) and (0.5, 0).

    Args:
        points: Shape (n, 15, 2), y downwards.
    Returns:
        The normalised points, and (n,) whether they make a face: eyes, nose and mouth from top to bottom.
    """
    plane = points[..., 0] + 1j * points[..., 1]
    left, right = (plane[:, index, None] for index in EYES)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = (plane - (left + right) / 2) / (right - left)
    found = np.stack([level.real, level.imag], -1)
    nose, mouth = found[:, NOSE, 1], found[:, MOUTH, 1].mean(1)
    return found, np.isfinite(found).all((1, 2)) & (nose > 0) & (mouth > nose)


def raw_distances(pixels: np.ndarray) -> dict[str, np.ndarray]:
    """By name of `RAW_DISTANCES`, (n,) in pixels, of faces (n, 15, 2) in pixels."""
    nose = pixels[:, NOSE]
    eyes = np.mean([np.linalg.norm(pixels[:, eye] - nose, axis=-1) for eye in EYES], axis=0)
    return {"eyes_nose_px": eyes, "nose_lip_px": np.linalg.norm(pixels[:, BOTTOM_LIP] - nose, axis=-1)}


def distances(points: np.ndarray) -> dict[str, np.ndarray]:
    """By name of `SHAPE_DISTANCES`, (n,) of normalised faces (n, 15, 2).

    They start between the eyes, pass the tip of the nose and end in the middle of the mouth's four points.
    """
    nose, mouth = points[:, NOSE], points[:, MOUTH].mean(1)
    return {"eye_nose": np.linalg.norm(nose, axis=-1), "nose_mouth": np.linalg.norm(mouth - nose, axis=-1)}


def compare_with_published(result: PublishedResult, found: Mapping[str, Mapping[str, MeanEstimate]]) -> Finding:
    """Compare the mean distances by emotion with a published result."""
    words = f"the distance from {DISTANCES[result.distance]} is {result.extreme} for {result.emotion}"
    means = {emotion: distances[result.distance] for emotion, distances in found.items()}
    if result.emotion not in means or len(means) < 2:
        return Finding(result, None, f"Not tested, because the set lacks emotions: as published, {words}.")
    sign = 1 if result.extreme == "smallest" else -1
    order = sorted(means, key=lambda emotion: sign * means[emotion].value)
    agrees = order[0] == result.emotion
    significant = means[order[0]].differs_from(means[order[1] if agrees else result.emotion])
    return Finding(result, agrees, _sentence(result.emotion, words, order, significant))


def _extremes(distance: str, found: Mapping[str, Mapping[str, MeanEstimate]]) -> str:
    means = {emotion: distances[distance] for emotion, distances in found.items()}
    order = sorted(means, key=lambda emotion: -means[emotion].value)
    words = f"Of level faces with the eyes 1 apart, the distance from {SHAPE_DISTANCES[distance]}"
    return f"{words} is largest for {order[0]} and smallest for {order[-1]}."


def _sentence(emotion: str, words: str, order: Sequence[str], significant: bool) -> str:
    first, second, *_ = order
    difference = "significant" if significant else "not significant"
    if first == emotion:
        return f"Agrees: as published, {words}; the difference from {second} is {difference}."
    place = f"{emotion} is number {order.index(emotion) + 1} of {len(order)}, the difference is {difference}"
    return f"Disagrees: as published, {words}; here it is so for {first}, {place}."
