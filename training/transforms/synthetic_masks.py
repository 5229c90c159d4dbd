"""Faces with and without a mask, and masks drawn on the faces of other sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.vision.inference.face_crop import whole_image_pose
from app.vision.inference.face_pose import BOX_HEIGHT_UNITS, BOX_RISE_UNITS, BOX_WIDTH_UNITS, FacePose
from training.datasets.catalog import AAF, MASKS, UTKFACE
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.labels import MASK_STATES
from training.datasets.readers import masks
from training.samples.framing import UTKFACE_FRAMING
from training.samples.landmark_points import FIVE_POINT_INDEXES
from training.samples.sample import Dataset, Sample
from training.transforms.mask_overlay import draw_face_mask

SYNTHETIC_SOURCE = "drawn"
MAX_SAMPLES_PER_SET = 3000  # pictures of a set: more only crowd out the real ones
# Of an upright face, from the middle of its eyes, in means of the distance between the eyes and from eyes to mouth:
# medians of 10,137 pictures of All-Age-Faces.
TYPICAL_FIVE_POINTS = np.array([(-0.49, 0.0), (0.49, 0.0), (0.0, 0.55), (-0.4, 1.02), (0.4, 1.02)])

Points = Callable[[Sample], np.ndarray | None]


def typical_points(frame: FacePose) -> np.ndarray:
    """About where eyes, nose tip and mouth corners of an upright face are, float64 (5, 2) in pixels."""
    unit = 2 * frame.side / (BOX_WIDTH_UNITS + BOX_HEIGHT_UNITS)
    eyes = np.array([frame.x - 0.5, frame.y - 0.5 + (BOX_RISE_UNITS - TYPICAL_FIVE_POINTS[3, 1] / 2) * unit])
    return eyes + TYPICAL_FIVE_POINTS * unit


def draw_synthetic_masks(
    source: DatasetSpec, data: Path, points: Points, most: int = MAX_SAMPLES_PER_SET
) -> Iterator[Sample]:
    """Training faces of a set, a third as they are, a third with a mask and a third with one worn wrongly.

    Which ones, and what is drawn, follows from their pixels.

    Args:
        points: Five points of a face, or None where they are unknown.
    """
    known = [sample for sample in source.split(source.read(data, False)).train if points(sample) is not None]
    for index, sample in enumerate(sorted(known, key=lambda one: one.content_hash)[:most]):
        label = MASK_STATES[index % len(MASK_STATES)]
        random = np.random.default_rng(int(sample.content_hash[:8], 16))
        five = points(sample)
        assert five is not None
        image = sample.image if label == "none" else draw_face_mask(sample.image, five, label, random)
        labels = {
            "mask": label,
            "source": SYNTHETIC_SOURCE,
            "synthetic": masks.SYNTHETIC,
            "group": f"{source.name} {sample.name}",
        }
        yield Sample(f"{source.name}/{sample.name}", image, labels, framing=sample.framing)


def _marked(sample: Sample) -> np.ndarray | None:
    return sample.points[FIVE_POINT_INDEXES] if sample.points is not None and sample.has_all_landmarks else None


def _chip(sample: Sample) -> np.ndarray:
    """UTKFace's chips have every face in the same place."""
    height, width = sample.image.shape[:2]
    return typical_points(whole_image_pose(width, height, UTKFACE_FRAMING))


FACES = ((AAF, "aaf", _marked), (UTKFACE, "utkface", _chip))


def _inputs(path: Path) -> list[Path]:
    beside = [one for source, folder, _ in FACES if (path / folder).is_dir() for one in source.inputs(path / folder)]
    return [*MASKS.inputs(path), *beside]


def _read(path: Path, keep_blank: bool = False) -> Dataset:
    dataset = MASKS.read(path, keep_blank)
    drawn = [
        sample
        for source, folder, points in FACES
        if (path / folder).is_dir()
        for sample in draw_synthetic_masks(source, path / folder, points)
    ]
    return Dataset([*dataset.samples, *drawn], dataset.rejected)


MASKS_WITH_SYNTHETIC = replace(
    MASKS,
    name="Face masks, real and drawn",
    about=f"{MASKS.about}; in a folder that holds masks/, aaf/ and utkface/, masks are also drawn on faces of these",
    protocol=f"{MASKS.protocol}; masks are drawn on training pictures of UTKFace and All-Age-Faces",
    inputs=_inputs,
    read=_read,
)
