"""The face-mask data set, extended by synthetic masks on the faces of other data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.vision.inference.face_crop import whole_image_pose
from app.vision.inference.face_pose import BOX_HEIGHT_UNITS, BOX_RISE_UNITS, BOX_WIDTH_UNITS, FacePose
from training.datasets.catalog import AAF, MASKS, UTKFACE
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.readers import masks
from training.samples.framing import UTKFACE_FRAMING
from training.samples.labels import MASK_STATES
from training.samples.landmark_points import FIVE_POINT_INDEXES
from training.samples.sample import Dataset, Sample
from training.transforms.mask_overlay import draw_face_mask

SYNTHETIC_SOURCE = "drawn"
MAX_SAMPLES_PER_SET = 3000  # more would outnumber the real images
# Eyes, nose tip and mouth corners of an upright face, relative to the point between the eyes, in means of the eye
# distance and the distance from eyes to mouth: medians of 10,137 images of All-Age-Faces.
TYPICAL_FIVE_POINTS = np.array([(-0.49, 0.0), (0.49, 0.0), (0.0, 0.55), (-0.4, 1.02), (0.4, 1.02)])

FindPoints = Callable[[Sample], np.ndarray | None]


def typical_points(pose: FacePose) -> np.ndarray:
    """Typical eyes, nose tip and mouth corners of an upright face, float64 (5, 2) in pixels."""
    unit = 2 * pose.side / (BOX_WIDTH_UNITS + BOX_HEIGHT_UNITS)
    eyes = np.array([pose.x - 0.5, pose.y - 0.5 + (BOX_RISE_UNITS - TYPICAL_FIVE_POINTS[3, 1] / 2) * unit])
    return eyes + TYPICAL_FIVE_POINTS * unit


def draw_synthetic_masks(
    spec: DatasetSpec, data: Path, find_points: FindPoints, limit: int = MAX_SAMPLES_PER_SET
) -> Iterator[Sample]:
    """Training faces of a data set: a third unchanged, a third with a mask, a third with one worn wrongly.

    All random choices depend on the pixels only.

    Args:
        find_points: Returns eyes, nose and mouth corners of a face in pixels, (5, 2), or None if they are unknown.
    """
    known = [sample for sample in spec.split(spec.read(data, False)).train if find_points(sample) is not None]
    for index, sample in enumerate(sorted(known, key=lambda one: one.content_hash)[:limit]):
        state = MASK_STATES[index % len(MASK_STATES)]
        random = np.random.default_rng(int(sample.content_hash[:8], 16))
        points = find_points(sample)
        assert points is not None
        image = sample.image if state == "none" else draw_face_mask(sample.image, points, state, random)
        origin = {"source": SYNTHETIC_SOURCE, "synthetic": masks.SYNTHETIC, "group": f"{spec.name} {sample.name}"}
        yield Sample(f"{spec.name}/{sample.name}", image, {"mask": state, **origin}, framing=sample.framing)


def _labelled_points(sample: Sample) -> np.ndarray | None:
    return sample.points[FIVE_POINT_INDEXES] if sample.points is not None and sample.has_all_landmarks else None


def _utkface_points(sample: Sample) -> np.ndarray:
    """UTKFace chips show every face at the same place."""
    height, width = sample.image.shape[:2]
    return typical_points(whole_image_pose(width, height, UTKFACE_FRAMING))


FACE_SETS = ((AAF, "aaf", _labelled_points), (UTKFACE, "utkface", _utkface_points))


def _inputs(path: Path) -> list[Path]:
    present = [(spec, path / folder) for spec, folder, _ in FACE_SETS if (path / folder).is_dir()]
    return [*MASKS.inputs(path), *(file for spec, folder in present for file in spec.inputs(folder))]


def _read(path: Path, keep_blank: bool = False) -> Dataset:
    dataset = MASKS.read(path, keep_blank)
    synthetic = [
        sample
        for spec, folder, find_points in FACE_SETS
        if (path / folder).is_dir()
        for sample in draw_synthetic_masks(spec, path / folder, find_points)
    ]
    return Dataset([*dataset.samples, *synthetic], dataset.rejected)


MASKS_WITH_SYNTHETIC = replace(
    MASKS,
    name="Face masks, real and drawn",
    about=f"{MASKS.about}; in a folder that holds masks/, aaf/ and utkface/, masks are also drawn on faces of these",
    protocol=f"{MASKS.protocol}; masks are drawn on training pictures of UTKFace and All-Age-Faces",
    inputs=_inputs,
    read=_read,
)
