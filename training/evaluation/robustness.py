"""Score the same faces as they are, turned, with little around them, with the hair hidden, and behind drawn masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from app.vision.inference.face_crop import PatchSpec, whole_image_pose
from app.vision.landmarks.network import FOLDER
from training.evaluation.end_to_end import spread_out
from training.evaluation.evaluation_sets import task_of_people
from training.evaluation.faces import check_reads, note_on, read_labelled, scores_of_patches
from training.evaluation.scored_model import run_model, served_model
from training.metrics.results import Figures, Scores, degradation_figures, main_figure, sample_errors
from training.samples.sample import Rejection, Sample
from training.transforms.alignment import FaceAligner, face_patches, nominal_pose
from training.transforms.mask_overlay import draw_face_mask
from training.transforms.synthetic_masks import typical_points

TURN = 20.0  # degrees
ACROSS = 0.85  # of the box's width: hair hangs over the edges of cheeks
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
    """The outcome of a scoring.

    Attributes:
        figures: Flat: of each attribute the figure of plain faces, then of each other condition the figure, what is
            lost against plain faces and its 95 % interval, such as `accuracy_turned`, `accuracy_lost_turned`,
            `accuracy_lost_turned_low` and `accuracy_lost_turned_high`.
        scores: By condition, the plain one first, of each attribute.
        rejected: The files that could not be scored.
        note: What a reader of the figures must know; None where there is nothing.
        folder: Of the model that was scored.
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
        split: `train`, `valid` or `test`; None takes every picture.
        models: As the app's `--models`; the landmark network is there too.
        run: Folder of a run, to be scored instead of a served model.
        limit: At most so many pictures, evenly spread over the set.
    Raises:
        SettingsError: the set has neither emotions nor ages, or no such split.
        UnreadableMedia: the set holds no usable picture.
        ModelError: no model reads what the set is labelled with, or it does not fit its card.
    """
    task = task_of_people(data)
    model = run_model(run) if run else served_model(models, task.served)
    check_reads(model, task, f"conditions --data {data.name}")
    found = read_labelled(task, model, data, split)
    samples = spread_out(found.samples, limit)
    scores = {
        condition: scores_of_patches(model, task.scored, samples, patches)
        for condition, patches in patches_by_condition(samples, model.patch, models)
    }
    figures = {"n": len(samples), **compared_figures(scores), "rejected": len(found.rejected)}
    return ConditionsReport(figures, scores, found.rejected, note_on(samples, split), model.folder)


def patches_by_condition(samples: Sequence[Sample], spec: PatchSpec, models: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Each condition with the patches of all faces under it, uint8 (n, *spec.shape); the plain ones first."""
    plain = face_patches(samples, spec, models)
    yield PLAIN, plain
    yield "turned", face_patches([turned(one) for one in samples], spec, models)
    yield "tight", covered(plain, tight_square(spec))
    yield "hair_hidden", covered(plain, face_ellipse(spec))
    points = _points_by(spec, models)
    yield "masked", face_patches([masked(one, points(one)) for one in samples], spec, models)


def compared_figures(scores: Mapping[str, Sequence[Scores]]) -> Figures:
    """Flat, as `ConditionsReport` has them."""
    figures: dict[str, float | int] = {}
    for index, plain in enumerate(scores[PLAIN]):
        name = main_figure(plain)
        figures |= {key: plain.figures[key] for key in (name, f"{name}_low", f"{name}_high") if key in plain.figures}
        for condition, others in scores.items():
            if condition != PLAIN:
                figures[f"{name}_{condition}"] = others[index].figures[name]
                lost = sample_errors(others[index]) - sample_errors(plain)
                figures |= degradation_figures(f"{name}_lost_{condition}", lost)
    return figures


def turned(sample: Sample) -> Sample:
    """The picture turned by 20 degrees about its middle; to which side follows from its pixels."""
    height, width = sample.image.shape[:2]
    side = 1 if int(sample.content_hash[0], 16) % 2 else -1
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), side * TURN, 1.0)
    # Cubic, since faces that turn before a camera lose no sharpness by it.
    image = cv2.warpAffine(
        sample.image, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return replace(sample, image=image, points=None)


def masked(sample: Sample, points: np.ndarray) -> Sample:
    """The picture with a mask drawn over mouth and nose, which follows from its pixels.

    Args:
        points: Eyes, nose tip and mouth corners in its pixels, as `Face.points` has them.
    """
    random = np.random.default_rng(int(sample.content_hash[:8], 16))
    return replace(sample, image=draw_face_mask(sample.image, points, "mask", random))


def covered(patches: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Patches whose pixels outside `kept`, bool (size, size), have the mean colour of their patch."""
    mean = patches.mean((1, 2), keepdims=True).round().astype(np.uint8)
    return np.where(kept[..., None], patches, mean)


def tight_square(spec: PatchSpec) -> np.ndarray:
    """Which pixels of a patch lie between the cheeks and from the chin to the brows, bool (size, size).

    They are a square as wide as the face's box, on its lower edge.
    """
    x, y = _pixels(spec)
    box = whole_image_pose(spec.size, spec.size, spec).box
    return (abs(x - box.center[0]) <= box.width / 2) & (y <= box.y2) & (y >= box.y2 - box.width)


def face_ellipse(spec: PatchSpec) -> np.ndarray:
    """Which pixels of a patch show the face without most of its hair, bool (size, size).

    They are an ellipse as high as the face's box and a bit narrower.
    """
    x, y = _pixels(spec)
    box = whole_image_pose(spec.size, spec.size, spec).box
    across = (x - box.center[0]) / (ACROSS * box.width / 2)
    down = (y - box.center[1]) / (box.height / 2)
    return across**2 + down**2 <= 1


def _pixels(spec: PatchSpec) -> tuple[np.ndarray, np.ndarray]:
    """The middles of a patch's pixels from its left upper edge, x (1, size) and y (size, 1)."""
    middles = np.arange(spec.size) + 0.5
    return middles[None, :], middles[:, None]


def _points_by(spec: PatchSpec, models: Path) -> Callable[[Sample], np.ndarray]:
    """What tells the points of a face: the landmark network where it sees it, else where points typically are."""
    aligner = FaceAligner(models) if (models / FOLDER).is_dir() else None

    def points(sample: Sample) -> np.ndarray:
        seen = aligner.face_points(sample, spec) if aligner else None
        return typical_points(nominal_pose(sample, spec)) if seen is None else seen

    return points
