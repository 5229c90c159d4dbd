"""The scenes that the detector trains on, and how they are split into train and valid."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.datasets.dataset_spec import locate
from training.datasets.readers.scenes import BOXES_FILE, POINTS_FILE, Scene, Scenes, read_scenes
from training.samples.splits import assign_split

SPLIT_FRACTIONS: Mapping[str, float] = {"train": 0.88, "valid": 0.12}
# Photo sessions repeat among neighbouring file numbers: files in one block fall into the same split.
BLOCK_FILES = {"facecount": 200}
DEFAULT_BLOCK_FILES = 20
UNRELATED_SOURCES = ("hays", "scene15", "cmumit")  # neighbouring files show different places


@dataclass(frozen=True, slots=True)
class CombinedSet:
    """Several data sets that a task reads together, described for people.

    Attributes:
        about: What to pass as `--data`.
        terms: Terms of use.
        protocol: How the images are split.
        sets: Names of the data sets.
    """

    name: str
    about: str
    terms: str
    protocol: str
    sets: Sequence[str]

    def at(self, path: Path) -> CombinedSet:
        """Itself: its sets have no variants."""
        return self

    @property
    def card_entry(self) -> Mapping[str, Any]:
        """Sets, terms and splits, as a model card has them."""
        return {"sets": self.sets, "terms": self.terms, "splits": self.protocol}


SCENES = CombinedSet(
    name="Scenes",
    about="a folder that holds scenes/scenes.tar (or a folder of pictures) with scenes.csv (file,x1,y1,x2,y2,ignore) "
    "and points.csv beside it; aaf/ and ytf68/ beside it give faces for composites",
    terms="states no licence for its pictures; used for non-commercial research only",
    protocol="88 / 12 by source and blocks of 200 file numbers, since shoots repeat within them; valid chooses the "
    "epoch and the served threshold",
    sets=("Scenes", "All-Age-Faces", "YouTube Faces", "FER2013"),
)


def read_scene_set(data: Path) -> Scenes:
    """Read the scenes in a folder of data sets, or in their own folder.

    Raises:
        UnreadableMedia: the data set cannot be found.
    """
    images = locate(data, "scenes")
    folder = images if (images / BOXES_FILE).is_file() else images.parent
    points = folder / POINTS_FILE
    return read_scenes(images, folder / BOXES_FILE, points if points.is_file() else None)


def split_scenes(scenes: Sequence[Scene]) -> dict[str, list[Scene]]:
    """The scenes by split; photo sessions stay together."""
    parts: dict[str, list[Scene]] = {name: [] for name in SPLIT_FRACTIONS}
    for scene in scenes:
        digest = hashlib.sha256(session_key(scene.name).encode()).hexdigest()
        parts[assign_split(digest, SPLIT_FRACTIONS)].append(scene)
    return parts


def session_key(name: str) -> str:
    """What images of one photo session have in common: their source and the block of the file number."""
    stem = name.rpartition(".")[0]
    source = stem.partition("_")[0]
    number = re.search(r"(\d+)$", stem)
    if source in UNRELATED_SOURCES or number is None:
        return stem
    return f"{stem[: number.start()]}{int(number[1]) // BLOCK_FILES.get(source, DEFAULT_BLOCK_FILES)}"
