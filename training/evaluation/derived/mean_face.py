"""Fit the three-dimensional mean face to stills with 68 points, and its pitch to frontal portraits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.attributes.face_geometry import HeadRotation, camera_matrix, relative_rotation, rotation_matrix
from app.errors import UnreadableMedia
from app.vision.attributes.pnp_solver import solve_pnp
from app.vision.landmarks.network import FOLDER, read_landmark_card
from training.evaluation.derived.mean_face_68 import MEAN_FACE_68_MM, app_points
from training.evaluation.derived.pose_errors import FRAME_SIDES, INNER_POINTS, in_frame, read_stills
from training.evaluation.derived.posed_expressions import read_posed
from training.evaluation.derived.structure_from_motion import fit_rigid, shape_of
from training.samples.landmark_points import MIRRORED_IBUG_68
from training.samples.sample import Rejection, Sample
from training.transforms.alignment import FaceAligner

# Between the centres of the eyes: mean distance of the pupils of adults (Dodgson, "Variation and extrema of human
# interpupillary distance", 2004). Angles do not depend on it.
EYE_DISTANCE_MM = 63.0
# A portrait: the app's points, float (15, 2) in pixels of its frame, and the width and height of the frame.
Portrait = tuple[np.ndarray, tuple[int, int]]
# Frames around a still that are compared, in sides of the still.
COMPARED_FRAME_SIDES = (1, 2, 4, 8)
PITCH_STEPS = 3
RIGHT_EYE, LEFT_EYE, MOUTH_CORNERS, NOSE_TIP = slice(36, 42), slice(42, 48), [48, 54], 30


@dataclass(frozen=True, slots=True)
class MeanFaceFit:
    """A mean face and how it was found.

    Attributes:
        points: float (68, 3) in mm, with the axes of `face_geometry`.
        figures: Flat: counts, residuals, and the correction of the pitch.
        rejected: What was not used.
    """

    points: np.ndarray
    figures: Mapping[str, float | int]
    rejected: Sequence[Rejection]


def fit_mean_face(data: Path, frontal: Path, models: Path) -> MeanFaceFit:
    """Fit the mean face to the training split of stills with 68 points, and its pitch to frontal portraits.

    Args:
        frontal: Folder of expressions with posed portraits; the neutral ones face the camera.
        models: As the app's `--models`: the landmark network finds the points of the portraits.
    Raises:
        UnreadableMedia: a file is missing or damaged, or the faces turn too little.
        ModelError: the landmark network is missing or altered.
    """
    samples, marks, rejected = read_stills(data, "train")
    face = fit_shape(np.array(marks, float))
    portraits = _neutral_portraits(frontal, models)
    face, pitch = with_frontal_pitch(face, portraits)
    persons = {sample.labels["person"] for sample in samples}
    figures: dict[str, float | int] = {"n": len(samples), "n_persons": len(persons), "pitch_correction_degrees": pitch}
    figures |= {f"n_neutral_{source}": len(points) for source, points in portraits.items()}
    for sides in COMPARED_FRAME_SIDES:
        figures[f"residual_px_frame_{sides}"] = _residual_px(face, samples, marks, sides)
    return MeanFaceFit(face.round(1), figures, rejected)


def fit_shape(marks: np.ndarray) -> np.ndarray:
    """Symmetric mean face of marked faces, float (68, 3) in mm; the line from eyes to mouth is vertical.

    The rotations are those of the points inside the outline, since the marks of the outline follow its visible edge.

    Args:
        marks: float (n, 68, 2) in pixels. Their mirror images are used too.
    Raises:
        UnreadableMedia: the faces are too few or turn too little.
    """
    pictures = np.concatenate([marks, marks[:, MIRRORED_IBUG_68] * (-1, 1)])
    inner = pictures[:, INNER_POINTS]
    pictures = pictures - inner.mean(1, keepdims=True)
    pictures /= np.sqrt((pictures[:, INNER_POINTS] ** 2).sum((1, 2), keepdims=True))
    motions, _ = fit_rigid(pictures[:, INNER_POINTS])
    return _oriented(shape_of(pictures, motions))


def with_frontal_pitch(face: np.ndarray, portraits: Mapping[str, Sequence[Portrait]]) -> tuple[np.ndarray, float]:
    """The face (68, 3), turned so that portraits have no pitch, and by how many degrees it was turned up.

    The pitch is the mean over the sources of the median pitch by the app's points.

    Args:
        portraits: By source.
    """
    total = 0.0
    for _ in range(PITCH_STEPS):
        pitch = float(np.mean([_median_pitch(face, found) for found in portraits.values()]))
        face, total = face @ rotation_matrix(HeadRotation(0, pitch, 0)).T, total + pitch
    return face, total


def report_lines(fit: MeanFaceFit) -> Iterator[str]:
    """The rows of the two constants, the difference from those in use, and the figures, as lines of text."""
    yield "MEAN_FACE_68_MM = ("
    yield from _rows(fit.points)
    yield ")"
    yield "MEAN_FACE_MM = ("
    yield from _rows(app_points(fit.points))
    yield ")"
    difference = np.abs(fit.points - np.array(MEAN_FACE_68_MM)).max()
    yield f"largest difference from the mean face in use: {difference:.2f} mm"
    for name, value in fit.figures.items():
        yield f"{name:36} {value:.3f}" if isinstance(value, float) else f"{name:36} {value}"


def _rows(points: np.ndarray) -> list[str]:
    # Adding 0 turns -0.0 into 0.0.
    return [f"    ({', '.join(f'{value:.1f}' for value in row)})," for row in (points.round(1) + 0.0).tolist()]


def _oriented(shape: np.ndarray) -> np.ndarray:
    """The shape (68, 3), symmetric, in mm, with the axes of `face_geometry` from the mean of the app's points."""
    shape = shape - shape.mean(0)
    across = np.linalg.svd(shape - shape[list(MIRRORED_IBUG_68)])[2][0]
    right, left = shape[RIGHT_EYE].mean(0), shape[LEFT_EYE].mean(0)
    across *= np.sign((left - right) @ across)
    down = shape[MOUTH_CORNERS].mean(0) - (left + right) / 2
    down -= (down @ across) * across
    down /= np.linalg.norm(down)
    face = shape @ np.stack([across, down, np.cross(across, down)], axis=1)
    face *= EYE_DISTANCE_MM / np.linalg.norm(left - right)
    # Orthographic pictures do not tell a shape from its reflection in depth: the nose is nearer than the eyes.
    if face[NOSE_TIP, 2] > face[36:48, 2].mean():
        face[:, 2] *= -1
    face = (face + face[list(MIRRORED_IBUG_68)] * (-1, 1, 1)) / 2
    return face - app_points(face).mean(0)


def _neutral_portraits(frontal: Path, models: Path) -> dict[str, list[Portrait]]:
    """Neutral portraits on which the landmark network finds a face, by source."""
    samples, _ = read_posed(frontal)
    aligner, patch = FaceAligner(models), read_landmark_card(models / FOLDER).patch
    found: dict[str, list[Portrait]] = {}
    for sample in samples:
        points = aligner.face_points(sample, patch) if sample.labels["emotion"] == "neutral" else None
        if points is not None:
            found.setdefault(str(sample.labels["source"]), []).append(in_frame(points, sample.image, FRAME_SIDES))
    if not found:
        raise UnreadableMedia(f"{frontal} has no neutral portraits; give expressions/")
    return found


def _median_pitch(face: np.ndarray, portraits: Sequence[Portrait]) -> float:
    found = [relative_rotation(app_points(face), points, points.mean(0), size, solve_pnp) for points, size in portraits]
    return float(np.median([one.pitch for one in found if one is not None]))


def _residual_px(face: np.ndarray, samples: Sequence[Sample], marks: Sequence[np.ndarray], sides: int) -> float:
    """Root mean square distance of the marks inside the outline from the face as seen in a frame, in pixels."""
    inner, squares = list(INNER_POINTS), []
    for sample, points in zip(samples, marks, strict=True):
        placed, size = in_frame(points[inner], sample.image, sides)
        _, rotation, position = cv2.solvePnP(
            face[inner], placed.astype(float), camera_matrix(size), None, flags=cv2.SOLVEPNP_SQPNP
        )
        seen = cv2.projectPoints(face[inner], rotation, position, camera_matrix(size), None)[0][:, 0]
        squares.append(((seen - placed) ** 2).sum(1).mean())
    return float(np.sqrt(np.mean(squares)))
