"""The sets that the detector learns from, and how their pictures are split."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import ModelError
from training.datasets.catalog import FER2013
from training.datasets.dataset_spec import locate
from training.datasets.readers import aaf, ytf68
from training.datasets.readers.scenes import BOXES_FILE, POINTS_FILE, Scene, Scenes, read_scenes
from training.samples import splits
from training.samples.framing import fer2013_patch
from training.samples.sample import Sample
from training.tasks.detection.label_cleaning import without_unseen
from training.transforms.alignment import FaceAligner
from training.transforms.copy_paste import PastableFace, pastable_face, pastable_face_from_points

SHARES = {"train": 0.88, "valid": 0.12}
BLOCK = 200  # shoots repeat among neighbouring file numbers
EVERY = {"aaf": 3, "ytf68": 2, "fer2013": 6}  # one in so many pictures is enough for composites


@dataclass(frozen=True, slots=True)
class SceneSet:
    """For people: what it is, what to give as `--data`, its terms, how it is split and which sets it joins."""

    name: str
    about: str
    terms: str
    protocol: str
    sets: Sequence[str] = ()


SCENES = SceneSet(
    name="Scenes",
    about="a folder that holds scenes/scenes.tar (or a folder of pictures) with scenes.csv (file,x1,y1,x2,y2,ignore) "
    "and points.csv beside it; aaf/ and ytf68/ beside it give faces for composites",
    terms="states no licence for its pictures; used for non-commercial research only",
    protocol="88 / 12 by source and blocks of 200 file numbers, since shoots repeat within them; valid chooses the "
    "epoch and the served threshold",
    sets=("Scenes", "All-Age-Faces", "YouTube Faces", "FER2013"),
)


def read_source(data: Path, teacher: Path | None = None) -> tuple[dict[str, list[Scene]], Scenes]:
    """The scenes by split, and everything the reader found.

    Args:
        teacher: File of YuNet; faces that it sees nothing of are marked `ignore`.
    Raises:
        UnreadableMedia: the set cannot be found.
        DetectorUnavailable: the teacher is missing or unknown.
    """
    pictures = locate(data, "scenes")
    beside = pictures if (pictures / BOXES_FILE).is_file() else pictures.parent
    marks = beside / POINTS_FILE
    found = read_scenes(pictures, beside / BOXES_FILE, marks if marks.is_file() else None)
    return dealt(without_unseen(found.scenes, teacher) if teacher else found.scenes), found


def dealt(scenes: Sequence[Scene]) -> dict[str, list[Scene]]:
    """The scenes by split, whole shoots together."""
    parts: dict[str, list[Scene]] = {name: [] for name in SHARES}
    for scene in scenes:
        digest = hashlib.sha256(shoot(scene.name).encode()).hexdigest()
        parts[splits.assign_split(digest, SHARES)].append(scene)
    return parts


def shoot(name: str) -> str:
    """What pictures that may repeat each other have in common: the source and the block of the file number."""
    stem = name.rpartition(".")[0]
    source = stem.partition("_")[0]
    number = re.search(r"(\d+)$", stem)
    if source in ("hays", "scene15", "cmumit") or number is None:
        return stem
    return f"{stem[: number.start()]}{int(number[1]) // (BLOCK if source == 'facecount' else BLOCK // 10)}"


def read_cutouts(data: Path) -> list[PastableFace]:
    """Faces of All-Age-Faces, YouTube Faces and FER2013 where they lie beside the scenes."""
    found: list[PastableFace] = []
    if (data / "aaf").is_dir():
        folder = data / "aaf"
        samples = aaf.read(locate(folder, "aaf"), folder / aaf.LABELS_FILE, folder / aaf.POINTS_FILE).samples
        found += [pastable_face(one) for one in samples[:: EVERY["aaf"]] if one.points is not None]
    if (data / "ytf68").is_dir():
        folder = data / "ytf68"
        samples = ytf68.read(locate(folder, "ytf68"), folder / ytf68.POINTS_FILE).samples
        found += [pastable_face(one) for one in samples[:: EVERY["ytf68"]]]
    if (data / "fer2013").is_dir():
        found += _cutouts_seen(FER2013.split(FER2013.read(data / "fer2013", False)).train[:: EVERY["fer2013"]])
    return found


def _cutouts_seen(samples: Sequence[Sample]) -> list[PastableFace]:
    """Faces of a set without marks, where the served landmarks see them; none without that network."""
    try:
        aligner = FaceAligner()
    except ModelError:
        return []
    points = [aligner.face_points(sample, fer2013_patch()) for sample in samples]
    return [
        pastable_face_from_points(sample, seen)
        for sample, seen in zip(samples, points, strict=True)
        if seen is not None
    ]
