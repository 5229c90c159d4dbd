"""Read the faces that copy-paste augmentation blends into scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from app.errors import ModelError
from training.datasets.catalog import FER2013
from training.datasets.dataset_spec import locate
from training.datasets.readers import aaf, ytf68
from training.samples.framing import fer2013_patch
from training.samples.sample import Sample
from training.transforms.alignment import FaceAligner
from training.transforms.copy_paste import PastableFace, pastable_face, pastable_face_from_points

# One in so many images is enough: the faces are small and change with every crop.
STEPS: Mapping[str, int] = {"aaf": 3, "ytf68": 2, "fer2013": 6}


def read_pastable_faces(data: Path) -> list[PastableFace]:
    """Faces of All-Age-Faces, YouTube Faces and FER2013, as far as they are in the folder of data sets."""
    found: list[PastableFace] = []
    if (folder := data / "aaf").is_dir():
        samples = aaf.read(locate(folder, "aaf"), folder / aaf.LABELS_FILE, folder / aaf.POINTS_FILE).samples
        found += [pastable_face(one) for one in samples[:: STEPS["aaf"]] if one.points is not None]
    if (folder := data / "ytf68").is_dir():
        samples = ytf68.read(locate(folder, "ytf68"), folder / ytf68.POINTS_FILE).samples
        found += [pastable_face(one) for one in samples[:: STEPS["ytf68"]]]
    if (folder := data / "fer2013").is_dir():
        found += _detected_faces(FER2013.split(FER2013.read(folder, False)).train[:: STEPS["fer2013"]])
    return found


def _detected_faces(samples: Sequence[Sample]) -> list[PastableFace]:
    """Faces of a data set without landmarks, where the served network detects them; none without that network."""
    try:
        aligner = FaceAligner()
    except ModelError:
        return []
    points = [aligner.face_points(sample, fer2013_patch()) for sample in samples]
    found = [(sample, one) for sample, one in zip(samples, points, strict=True) if one is not None]
    return [pastable_face_from_points(sample, one) for sample, one in found]
