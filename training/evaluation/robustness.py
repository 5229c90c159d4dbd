"""Evaluate the same faces unchanged, rotated, cropped tightly, with the hair hidden, and with synthetic masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from app.vision.inference.face_crop import PatchSpec, whole_image_pose
from app.vision.landmarks.network import FOLDER
from training.evaluation.evaluation_sets import task_of_people
from training.evaluation.faces import check_predicts, note_on, read_labelled, score_patches, subsample
from training.evaluation.scored_model import run_model, served_model
from training.metrics.class_scores import ClassScores
from training.metrics.scores import Figures, Scores, degradation_figures
from training.metrics.sex_direction import direction_figures
from training.samples.sample import Rejection, Sample
from training.transforms.alignment import FaceAligner, face_patches, nominal_pose
from training.transforms.mask_overlay import draw_face_mask
from training.transforms.synthetic_masks import typical_points

ROTATION_DEGREES = 20.0
ELLIPSE_WIDTH_FRACTION = 0.85  # of the face box: hair hangs over the edges of the cheeks
PLAIN = "plain"
RULES = (
    "Each face is evaluated under every condition and compared with the unmodified face. Rotated: the image by 20 "
    "degrees about its centre, in either direction, with repeated edges; corners are cut off. Cropped: everything "
    "outside a square from cheek to cheek and from chin to brows gets the mean colour of the crop. Hair covered: the "
    "same outside an ellipse from chin to forehead. Masked: a mask is drawn on the image. Rotated and masked faces "
    "are detected again if the crops of the model require it. The networks were not trained on crops covered in this "
    "way, so part of the loss is due to the cover itself."
)


@dataclass(frozen=True, slots=True)
class ConditionsReport:
    """The result of an evaluation.

    Attributes:
        figures: Flat: for each attribute the figure of plain faces, then for every other condition its figure, the
            increase of the error and its 95 % interval, such as `accuracy_turned`, `accuracy_lost_turned`,
            `accuracy_lost_turned_low` and `accuracy_lost_turned_high`; of the sex also by direction, such as
            `female_as_male_lost_hair_hidden`.
        scores: By condition, the plain one first, for each attribute.
        rejected: The files that could not be scored.
        note: A caveat about the figures, if there is one.
        folder: Folder of the model.
    """

    figures: Figures
    scores: Mapping[str, Sequence[Scores]]
    rejected: Sequence[Rejection]
    note: str | None
    folder: Path


def score_conditions(
    data: Path, split: str | None, models: Path, run: Path | None = None, limit: int | None = None
) -> ConditionsReport:
    """Score a served model, or the best weights of a run, on the same faces under several conditions.

    Args:
        split: `train`, `valid` or `test`; None scores every image.
        models: As the app's `--models`; it also holds the landmark network.
        run: Folder of a run to score instead of a served model.
        limit: Largest number of images, spread evenly over the data set.
    Raises:
        SettingsError: the data set has neither emotions nor ages, or no such split.
        UnreadableMedia: the data set has no usable image.
        ModelError: no model predicts the labels of the data set, or it does not fit its card.
    """
    task = task_of_people(data)
    model = run_model(run) if run else served_model(models, task.served)
    check_predicts(model, task, f"conditions --data {data.name}")
    faces = read_labelled(task, model, data, split)
    samples = subsample(faces.samples, limit)
    scores = {
        condition: score_patches(model, task.scored, samples, patches)
        for condition, patches in patches_by_condition(samples, model.patch, models)
    }
    figures = {"n": len(samples), **condition_figures(scores), "rejected": len(faces.rejected)}
    return ConditionsReport(figures, scores, faces.rejected, note_on(samples, split), model.folder)


def patches_by_condition(samples: Sequence[Sample], spec: PatchSpec, models: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The patches of all faces under each condition, uint8 (n, *spec.shape); the plain ones first."""
    plain = face_patches(samples, spec, models)
    yield PLAIN, plain
    yield "turned", face_patches([rotate_sample(one) for one in samples], spec, models)
    yield "tight", hide_outside(plain, inner_square(spec))
    yield "hair_hidden", hide_outside(plain, face_ellipse(spec))
    find_points = _point_finder(spec, models)
    yield "masked", face_patches([add_mask(one, find_points(one)) for one in samples], spec, models)


def condition_figures(scores: Mapping[str, Sequence[Scores]]) -> Figures:
    """Flat, as `ConditionsReport` has them."""
    figures: dict[str, float | int] = {}
    for index, plain in enumerate(scores[PLAIN]):
        name = plain.main_figure
        figures |= {key: plain.figures[key] for key in (name, f"{name}_low", f"{name}_high") if key in plain.figures}
        for condition, others in scores.items():
            if condition != PLAIN:
                figures[f"{name}_{condition}"] = others[index].figures[name]
                increase = others[index].sample_errors() - plain.sample_errors()
                figures |= degradation_figures(f"{name}_lost_{condition}", increase)
        if isinstance(plain, ClassScores) and plain.attribute == "sex":
            by_condition = {condition: others[index] for condition, others in scores.items()}
            figures |= direction_figures(cast(dict[str, ClassScores], by_condition), PLAIN)
    return figures


def rotate_sample(sample: Sample) -> Sample:
    """The image rotated by 20 degrees about its centre; the direction depends on its pixels."""
    height, width = sample.image.shape[:2]
    direction = 1 if int(sample.content_hash[0], 16) % 2 else -1
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), direction * ROTATION_DEGREES, 1.0)
    # Cubic, since a face that turns before a camera loses no sharpness.
    image = cv2.warpAffine(
        sample.image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return replace(sample, image=image, points=None)


def add_mask(sample: Sample, points: np.ndarray) -> Sample:
    """The image with a mask drawn over mouth and nose; all random choices depend on its pixels.

    Args:
        points: Eyes, nose tip and mouth corners in pixels, shape (5 or more, 2), in the order of `Face.points`.
    """
    random = np.random.default_rng(int(sample.content_hash[:8], 16))
    return replace(sample, image=draw_face_mask(sample.image, points, "mask", random))


def hide_outside(patches: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """Patches, uint8 (n, size, size, channels), with their mean colour outside `visible`, bool (size, size)."""
    mean = patches.mean((1, 2), keepdims=True).round().astype(np.uint8)
    return np.where(visible[..., None], patches, mean)


def inner_square(spec: PatchSpec) -> np.ndarray:
    """Pixels of a patch between the cheeks and from chin to brows, bool (size, size).

    They form a square as wide as the face box, on its lower edge.
    """
    x, y = _pixel_centres(spec)
    box = whole_image_pose(spec.size, spec.size, spec).box
    return (abs(x - box.center[0]) <= box.width / 2) & (y <= box.y2) & (y >= box.y2 - box.width)


def face_ellipse(spec: PatchSpec) -> np.ndarray:
    """Pixels of a patch that show the face without most of its hair, bool (size, size).

    They form an ellipse as high as the face box and slightly narrower.
    """
    x, y = _pixel_centres(spec)
    box = whole_image_pose(spec.size, spec.size, spec).box
    across = (x - box.center[0]) / (ELLIPSE_WIDTH_FRACTION * box.width / 2)
    down = (y - box.center[1]) / (box.height / 2)
    return across**2 + down**2 <= 1


def _pixel_centres(spec: PatchSpec) -> tuple[np.ndarray, np.ndarray]:
    """Distances of the pixel centres from the upper left edge, x (1, size) and y (size, 1)."""
    centres = np.arange(spec.size) + 0.5
    return centres[None, :], centres[:, None]


def _point_finder(spec: PatchSpec, models: Path) -> Callable[[Sample], np.ndarray]:
    """Finds the landmarks of a face: those that the network detects, else typical ones."""
    aligner = FaceAligner(models) if (models / FOLDER).is_dir() else None

    def find_points(sample: Sample) -> np.ndarray:
        detected = aligner.face_points(sample, spec) if aligner else None
        return typical_points(nominal_pose(sample, spec)) if detected is None else detected

    return find_points
