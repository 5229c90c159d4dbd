"""The sets beside FER2013 and UTKFace: All-Age-Faces, two with landmarks, and faces with masks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from app.errors import UnreadableMedia
from training.datasets.dataset_spec import DatasetSpec, DatasetSplits, locate, split_by_content
from training.datasets.readers import aaf, kaggle_keypoints, masks, ytf68
from training.datasets.readers.tables import header
from training.samples import splits
from training.samples.sample import Dataset, Rejection, Sample

KEYPOINTS_TABLE = "training.csv"


def split_by_person(dataset: Dataset) -> DatasetSplits:
    """Nobody is in two parts, and of identical pictures one is kept; without persons, dealt by content."""
    if not all("person" in sample.labels for sample in dataset.samples):
        return split_by_content(dataset)
    return _dealt_by("person", dataset)


def split_by_group(dataset: Dataset) -> DatasetSplits:
    """No group is in two parts, drawn masks are in the training part only, and of identical pictures one is kept.

    Without groups, dealt by content.
    """
    if all("group" in sample.labels for sample in dataset.samples):
        dealt = _dealt_by("group", dataset)
    else:
        dealt = split_by_content(dataset)
    valid, test = _real(dealt.valid), _real(dealt.test)
    held = {sample.labels.get("group") for sample in (*valid, *test)}
    train, rejected = list(dealt.train), list(dealt.rejected)
    for sample in (*dealt.valid, *dealt.test):
        if _is_drawn(sample) and sample.labels.get("group") not in held:
            train.append(sample)
        elif _is_drawn(sample):
            rejected.append(Rejection(sample.name, "a drawn mask on a face to choose by or to score on"))
    return DatasetSplits(train, valid, test, rejected)


def _dealt_by(name: str, dataset: Dataset) -> DatasetSplits:
    """By the hash of a label; of identical pictures one is kept."""
    distinct, copies = splits.split_samples(dataset.samples, {"all": 1.0})
    parts: dict[str, list[Sample]] = {name: [] for name in splits.SHARES}
    for sample in distinct["all"]:
        digest = hashlib.sha256(str(sample.labels[name]).encode()).hexdigest()
        parts[splits.assign_split(digest, splits.SHARES)].append(sample)
    return DatasetSplits(parts["train"], parts["valid"], parts["test"], [*dataset.rejected, *copies])


def _real(samples: Iterable[Sample]) -> list[Sample]:
    return [sample for sample in samples if not _is_drawn(sample)]


def _is_drawn(sample: Sample) -> bool:
    return sample.labels.get("synthetic") == masks.DRAWN


def _beside(pictures: Path, file: str) -> Path:
    """A file in the folder of pictures or beside the folder or tar.

    Raises:
        UnreadableMedia: it is in neither.
    """
    for folder in (pictures, pictures.parent):
        if (folder / file).is_file():
            return folder / file
    raise UnreadableMedia(f"there is no {file} beside {pictures}; put it there")


def _aaf_inputs(path: Path) -> list[Path]:
    pictures = locate(path, "aaf")
    labels = _beside(pictures, aaf.LABELS_FILE)
    points = labels.with_name(aaf.POINTS_FILE)
    return [pictures, labels, *([points] if points.is_file() else [])]


def _read_aaf(path: Path, keep_blank: bool = False) -> Dataset:
    pictures, labels, *points = _aaf_inputs(path)
    return aaf.read(pictures, labels, points[0] if points else None, keep_blank)


def _landmark_inputs(path: Path) -> list[Path]:
    if is_keypoints_table(path):
        return [path]
    if path.is_dir() and (path / KEYPOINTS_TABLE).is_file():
        return [path / KEYPOINTS_TABLE]
    pictures = locate(path, "ytf68")
    return [pictures, _beside(pictures, ytf68.POINTS_FILE)]


def _read_landmarks(path: Path, keep_blank: bool = False) -> Dataset:
    first, *points = _landmark_inputs(path)
    return ytf68.read(first, points[0], keep_blank) if points else kaggle_keypoints.read(first, keep_blank)


def _mask_inputs(path: Path) -> list[Path]:
    pictures = locate(path, "masks")
    return [pictures, _beside(pictures, masks.LABELS_FILE)]


def _read_masks(path: Path, keep_blank: bool = False) -> Dataset:
    pictures, labels = _mask_inputs(path)
    return masks.read(pictures, labels, keep_blank)


def masks_labelled_in(labels: Path) -> DatasetSpec:
    """Faces with and without a mask whose labels are in another table than the one beside them."""
    return replace(
        MASKS,
        inputs=lambda path: [locate(path, "masks"), labels],
        read=lambda path, keep_blank: masks.read(locate(path, "masks"), labels, keep_blank),
    )


def is_keypoints_table(path: Path) -> bool:
    """Whether `path` is a table of Kaggle's facial keypoints."""
    return path.suffix.lower() == ".csv" and path.is_file() and "nose_tip_x" in header(path)


AAF = DatasetSpec(
    name="All-Age-Faces",
    about=f"a folder or tar of pictures with {aaf.LABELS_FILE} (file,age,sex) in or beside it, {aaf.POINTS_FILE} as "
    "well where it is to be had (github.com/JingchunCheng/All-Age-Faces-Dataset)",
    terms="states no licence for its pictures; used for non-commercial research only",
    protocol="80 / 10 / 10 by the hash of a picture's pixels; of identical pictures one is kept, none where their ages "
    "differ; people may recur across parts, since the set names nobody",
    inputs=_aaf_inputs,
    read=_read_aaf,
    split=split_by_content,
)
LANDMARKS = DatasetSpec(
    name="Facial landmarks",
    about=f"Kaggle's {KEYPOINTS_TABLE} (kaggle.com: facial-keypoints-detection), or stills of YouTube Faces: a folder "
    f"or tar of pictures with {ytf68.POINTS_FILE} (name, person, keypoints) in or beside it",
    terms="states no licence for its pictures; used for non-commercial research only",
    protocol="80 / 10 / 10 by person where persons are known (YouTube Faces), else by the hash of a picture's pixels; "
    "of identical pictures one is kept",
    inputs=_landmark_inputs,
    read=_read_landmarks,
    split=split_by_person,
)
MASKS = DatasetSpec(
    name="Face masks",
    about=f"a folder or tar of face pictures with {masks.LABELS_FILE} in or beside it: file,label (none, mask, wrong), "
    "and source,synthetic,group where they are known",
    terms="states no licence for its pictures; used for non-commercial research only",
    protocol="80 / 10 / 10 by group (a person or an origin, as far as known), else by the hash of a picture's pixels; "
    "drawn masks are for training only; of identical pictures one is kept, none where their labels differ",
    inputs=_mask_inputs,
    read=_read_masks,
    split=split_by_group,
)
