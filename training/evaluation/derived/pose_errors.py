"""Score the head pose by the app's landmarks against poses solved from 68 points marked in the data set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.attributes.derived.facing import MAX_ANGLE_DEGREES
from app.attributes.face_geometry import HeadRotation, head_rotation, relative_rotation
from app.errors import UnreadableMedia
from app.vision.attributes.pnp_solver import solve_pnp
from app.vision.landmarks.network import FOLDER, read_landmark_card
from training.datasets.catalog import LANDMARKS
from training.datasets.dataset_spec import find_beside, locate
from training.datasets.readers import ytf68
from training.evaluation.derived.mean_face_68 import mean_face_68
from training.evaluation.derived.posed_expressions import read_posed
from training.metrics.cluster_bootstrap import mean_interval
from training.samples.landmark_points import IBUG_68, landmarks_from_ibug
from training.samples.sample import Rejection, Sample
from training.transforms.alignment import FaceAligner

AXES = ("yaw", "pitch", "roll")
# The stills are crops of frames of unknown size. Both poses are solved as if the still lay in the middle of a frame so
# many times as wide; a face is then as large in the frame as in that of a webcam. On the training split, the marks
# inside the outline fit the mean face about equally well in frames 4 and 8 times as wide (2.84 and 2.81 px), and worse
# in those 2 times and once as wide (2.95 and 3.47 px; `fit-mean-face`).
FRAME_SIDES = 4
# The chin and all points inside the outline. The marks of the outline follow the visible edge of the face, which is
# another part of the head when it turns, so that they pull the yaw towards 0.
INNER_POINTS = (8, *range(17, 68))


@dataclass(frozen=True, slots=True)
class PoseReport:
    """Errors of the head pose.

    Attributes:
        figures: Flat: counts, errors in degrees with their 95 % intervals by person, and shares.
        rejected: What was not scored.
        folder: Folder of the landmark network.
    """

    figures: Mapping[str, float | int]
    rejected: Sequence[Rejection]
    folder: Path


def evaluate_pose(data: Path, split: str | None, models: Path, frontal: Path | None = None) -> PoseReport:
    """Score the pose by the app's landmarks on stills with 68 points, and on frontal portraits.

    Args:
        split: `train`, `valid` or `test` by person; None scores every still.
        models: As the app's `--models`.
        frontal: Folder of expressions with posed portraits.
    Raises:
        UnreadableMedia: a file is missing or damaged, or no face is found.
        ModelError: the landmark network is missing or altered.
    """
    samples, marks, rejected = read_stills(data, split)
    aligner, patch = FaceAligner(models), read_landmark_card(models / FOLDER).patch
    located = [aligner.face_points(sample, patch) for sample in samples]
    found = [index for index, points in enumerate(located) if points is not None]
    lost = [
        Rejection(sample.name, "no landmarks")
        for sample, points in zip(samples, located, strict=True)
        if points is None
    ]
    if not found:
        raise UnreadableMedia(f"{data} has no face with landmarks; expected {LANDMARKS.about}")
    stills = [samples[index] for index in found]
    figures = _still_figures(
        stills, [points for points in located if points is not None], [marks[index] for index in found]
    )
    if frontal:
        portraits, unreadable = read_posed(frontal)
        figures |= _frontal_figures(portraits, [aligner.face_points(one, patch) for one in portraits])
        lost += unreadable
    figures["rejected"] = len(rejected) + len(lost)
    return PoseReport(figures, [*rejected, *lost], models / FOLDER)


def report_lines(report: PoseReport) -> Iterator[str]:
    """The figures as lines of text."""
    for name, value in report.figures.items():
        yield f"{name:36} {value:.3f}" if isinstance(value, float) else f"{name:36} {value}"


def predicted_poses(faces: Sequence[np.ndarray], images: Sequence[np.ndarray], frame_sides: int) -> np.ndarray:
    """Yaw, pitch and roll in degrees by the app's points of the faces, (n, 3); NaN without a solution.

    Args:
        faces: Each (15, 2) in pixels of its image, in the order of `POINT_NAMES`.
        images: Each (height, width, 3); it lies in the middle of a frame `frame_sides` times as large.
    """
    placed = [in_frame(points, image, frame_sides) for points, image in zip(faces, images, strict=True)]
    return _rows([head_rotation(points, size, solve_pnp) for points, size in placed])


def marked_poses(
    faces: Sequence[np.ndarray], images: Sequence[np.ndarray], frame_sides: int, used: Sequence[int] = IBUG_68
) -> np.ndarray:
    """Yaw, pitch and roll in degrees by the marks of the faces, (n, 3); NaN without a solution.

    Args:
        faces: Each (68, 2) in pixels of its image, in iBUG's order.
        images: As for `predicted_poses`.
        used: The marks that the pose is solved from.
    """
    rows, found = list(used), []
    for points, image in zip(faces, images, strict=True):
        placed, size = in_frame(points, image, frame_sides)
        # The line of sight ends at the same place of the face as in `head_rotation`.
        target = landmarks_from_ibug(placed).mean(0)
        found.append(relative_rotation(mean_face_68()[rows], placed[rows], target, size, solve_pnp))
    return _rows(found)


def in_frame(points: np.ndarray, image: np.ndarray, sides: int) -> tuple[np.ndarray, tuple[int, int]]:
    """The points in the frame around an image, and the width and height of the frame."""
    height, width = image.shape[:2]
    return points + np.array((width, height)) * (sides - 1) / 2, (sides * width, sides * height)


def _rows(found: Sequence[HeadRotation | None]) -> np.ndarray:
    return np.array([(np.nan,) * len(AXES) if one is None else (one.yaw, one.pitch, one.roll) for one in found])


def read_stills(data: Path, split: str | None) -> tuple[Sequence[Sample], Sequence[np.ndarray], Sequence[Rejection]]:
    """The stills of a split (None: all), the 68 points of each in pixels, and what could not be read."""
    dataset = LANDMARKS.read(data, True)
    samples = dataset.samples if split is None else LANDMARKS.split(dataset).part(split)
    marked = ytf68.read_ibug_points(find_beside(locate(data, "ytf68"), ytf68.POINTS_FILE))
    return samples, [marked[_key(sample.name, marked)][1] for sample in samples], dataset.rejected


def _key(name: str, marked: Mapping[str, object]) -> str:
    return name if name in marked else Path(name).name


def _still_figures(
    samples: Sequence[Sample], faces: Sequence[np.ndarray], marks: Sequence[np.ndarray]
) -> dict[str, float | int]:
    images = [sample.image for sample in samples]
    persons = np.array([sample.labels["person"] for sample in samples])
    predicted, true = predicted_poses(faces, images, FRAME_SIDES), marked_poses(marks, images, FRAME_SIDES)
    inner = marked_poses(marks, images, FRAME_SIDES, INNER_POINTS)
    focal = {
        f"_focal_{word}": np.abs(predicted_poses(faces, images, sides) - predicted)
        for word, sides in (("half", FRAME_SIDES // 2), ("double", FRAME_SIDES * 2))
    }
    agree = _facing(predicted) == _facing(true)
    low, high = mean_interval(agree, persons)
    return {
        "n": len(samples),
        "n_persons": len(set(persons)),
        **_error_figures("", predicted - true, persons),
        **{
            f"{axis}_bias_degrees": float(np.nanmean((predicted - true)[:, column])) for column, axis in enumerate(AXES)
        },
        **{
            f"{axis}_mean_absolute_degrees": float(np.nanmean(np.abs(true[:, column])))
            for column, axis in enumerate(AXES)
        },
        **_error_figures("_without_outline", predicted - inner, persons),
        **{
            f"{axis}_change_degrees{suffix}": float(np.nanmean(change[:, column]))
            for suffix, change in focal.items()
            for column, axis in enumerate(AXES)
        },
        "facing_agreement": float(agree.mean()),
        "facing_agreement_low": low,
        "facing_agreement_high": high,
        "facing_share": float(_facing(true).mean()),
    }


def _error_figures(suffix: str, errors: np.ndarray, persons: np.ndarray) -> dict[str, float]:
    """Mean absolute errors by axis with their intervals, from errors (n, 3) in degrees."""
    figures: dict[str, float] = {}
    for column, axis in enumerate(AXES):
        absolute, name = np.abs(errors[:, column]), f"{axis}_mae_degrees{suffix}"
        figures[name] = float(np.nanmean(absolute))
        figures[f"{name}_low"], figures[f"{name}_high"] = mean_interval(absolute, persons)
    return figures


def _frontal_figures(samples: Sequence[Sample], located: Sequence[np.ndarray | None]) -> dict[str, float | int]:
    """How portraits that face the camera are measured: share that counts as facing, and pitch."""
    found = [(sample, points) for sample, points in zip(samples, located, strict=True) if points is not None]
    measured = predicted_poses([points for _, points in found], [sample.image for sample, _ in found], FRAME_SIDES)
    persons, sources, emotions = (
        np.array([sample.labels[name] for sample, _ in found]) for name in ("person", "source", "emotion")
    )
    low, high = mean_interval(_facing(measured), persons)
    return {
        "n_frontal": len(found),
        "frontal_facing": float(_facing(measured).mean()),
        "frontal_facing_low": low,
        "frontal_facing_high": high,
        **_frontal_pitches(measured[:, AXES.index("pitch")], sources, emotions),
    }


def _frontal_pitches(pitches: np.ndarray, sources: np.ndarray, emotions: np.ndarray) -> dict[str, float]:
    """Median pitch (n,) of the neutral portraits by source, and how much that of other emotions differs on average."""
    by_source = {source: (sources == source) for source in np.unique(sources[emotions == "neutral"]).tolist()}
    neutral = {source: float(np.median(pitches[part & (emotions == "neutral")])) for source, part in by_source.items()}
    figures = {f"frontal_pitch_median_degrees_{source}": pitch for source, pitch in neutral.items()}
    for emotion in np.unique(emotions[emotions != "neutral"]).tolist():
        parts = {source: part & (emotions == emotion) for source, part in by_source.items()}
        changes = [np.median(pitches[part]) - neutral[source] for source, part in parts.items() if part.any()]
        figures[f"frontal_pitch_change_degrees_{emotion}"] = float(np.mean(changes))
    return figures


def _facing(measured: np.ndarray) -> np.ndarray:
    """Whether poses (n, 3) count as facing the camera, bool (n,)."""
    return np.array([HeadRotation(*row).angle_to_camera <= MAX_ANGLE_DEGREES for row in measured.tolist()])
