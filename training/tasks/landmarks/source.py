"""The sets that the landmark network learns from, and how their pictures are split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UnreadableMedia
from training.datasets.catalog import AAF, LANDMARKS
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.readers.scenes import Scene
from training.datasets.scene_sets import read_scene_splits
from training.samples.sample import Rejection, Sample

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class LandmarkSet:
    """For people: what it is, what to give as `--data`, its terms, how it is split and which sets it joins."""

    name: str
    about: str
    terms: str
    protocol: str
    sets: Sequence[str]


FACES_AND_SCENES = LandmarkSet(
    name="Marked faces and scenes",
    about="a folder that holds ytf68/ (stills of YouTube Faces with 68 points), aaf/ (All-Age-Faces with 49 points) "
    "and scenes/, whose places without a face teach what is none",
    terms="the sets state no licence for their pictures; used for non-commercial research only",
    protocol=f"YouTube Faces {LANDMARKS.protocol}; All-Age-Faces {AAF.protocol}; scenes as for the detector",
    sets=("YouTube Faces", "All-Age-Faces", "Scenes"),
)


@dataclass(frozen=True, slots=True)
class Faces:
    """What there is to learn from.

    Attributes:
        marked: By split, one list a set: face pictures whose landmarks are all known.
        scenes: By split (`train`, `valid`).
    """

    marked: Mapping[str, Sequence[Sequence[Sample]]]
    scenes: Mapping[str, Sequence[Scene]]
    rejected: Sequence[Rejection]

    def names(self, split: str) -> list[str]:
        """Every picture of a split, as its set names it."""
        faces = [sample.name for samples in self.marked[split] for sample in samples]
        return [*faces, *(scene.name for scene in self.scenes.get(split, ()))]


def read_faces(data: Path) -> Faces:
    """Everything that the landmark network learns from.

    Raises:
        UnreadableMedia: a set cannot be found, or has no face to train or to validate on.
    """
    dealt = [_marked(LANDMARKS, data / "ytf68"), _marked(AAF, data / "aaf")]
    marked = {split: [samples[split] for samples, _ in dealt] for split in SPLITS}
    for split in ("train", "valid"):
        if not all(marked[split]):
            raise UnreadableMedia(f"{data} has no marked face to {split} on; expected {FACES_AND_SCENES.about}")
    scenes, found = read_scene_splits(data)
    return Faces(marked, scenes, [*found.rejected, *(one for _, rejected in dealt for one in rejected)])


def _marked(source: DatasetSpec, data: Path) -> tuple[dict[str, list[Sample]], Sequence[Rejection]]:
    dealt = source.split(source.read(data, False))
    samples = {split: [one for one in dealt.part(split) if one.has_all_landmarks] for split in SPLITS}
    return samples, dealt.rejected
