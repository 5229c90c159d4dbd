"""Find a set in any of its public forms, read it, and deal it into train, valid and test."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from app.errors import UnreadableMedia
from app.vision.capture.image_archive import is_tar
from training.datasets.readers import class_folders, fer2013_csv, ferplus, utkface
from training.samples import splits
from training.samples.framing import FER2013_FRAMING
from training.samples.sample import Dataset, Rejection, Sample

EMOTIONS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
VOTES_FILES, DROPPED_FILE = ("ferplus_votes.csv", "fer2013new.csv"), "training_rows_to_drop.csv"
VOTES = len(ferplus.CHOICES)


@dataclass(frozen=True, slots=True)
class DatasetSplits:
    """A set in three parts; `test` is empty where the set's own third part is for choosing."""

    train: Sequence[Sample]
    valid: Sequence[Sample]
    test: Sequence[Sample]
    rejected: Sequence[Rejection]

    def part(self, split: str) -> Sequence[Sample]:
        return {"train": self.train, "valid": self.valid, "test": self.test}[split]


@dataclass(frozen=True)
class DatasetSpec:
    """A data set that recipes learn from.

    Attributes:
        name, about, terms: For people: what it is, what to give as `--data`, under which terms it may be used.
        protocol: How it is split, for cards.
        inputs: The files and folders that are read for a given `--data`; the pictures come first.
        read: All samples, with the split that the set itself names; `keep_blank` as in the readers.
        deal: The samples of a data set in three parts.
    """

    name: str
    about: str
    terms: str
    protocol: str
    inputs: Callable[[Path], list[Path]]
    read: Callable[[Path, bool], Dataset]
    split: Callable[[Dataset], DatasetSplits]


def locate(path: Path, folder: str, tables: Sequence[str] = ()) -> Path:
    """The table, tar or tree that `path` means: itself, or what lies in it or in its sub-folder `folder`.

    Raises:
        UnreadableMedia: there is nothing at `path`, or several tars to choose from.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise UnreadableMedia(f"there is no {path}; give a folder, a tar or a table")
    inner = next((child for child in sorted(path.iterdir()) if child.is_dir() and child.name.lower() == folder), None)
    if inner is not None:
        return locate(inner, folder, tables)
    for name in tables:
        if (path / name).is_file():
            return path / name
    tars = sorted(file for file in path.glob("*.t*") if is_tar(file))
    if len(tars) > 1:
        raise UnreadableMedia(f"{path} holds {', '.join(tar.name for tar in tars)}; name one of them")
    return tars[0] if tars else path


def _emotion_inputs(path: Path) -> list[Path]:
    pictures = locate(path, "fer2013", ("fer2013.csv",))
    beside = pictures if pictures.is_dir() else pictures.parent
    return [pictures, *(file for name in (*VOTES_FILES, DROPPED_FILE) if (file := beside / name).is_file())]


def _read_emotions(path: Path, keep_blank: bool = False) -> Dataset:
    """Class folders or `fer2013.csv`, with the FER+ votes beside it joined by row and the listed rows left out."""
    pictures, *tables = _emotion_inputs(path)
    reader = fer2013_csv if pictures.suffix.lower() == ".csv" else class_folders
    dataset = reader.read(pictures, keep_blank).only("emotion", EMOTIONS)
    files = {table.name: table for table in tables}
    with_votes = [files[name] for name in VOTES_FILES if name in files]
    votes = ferplus.read(with_votes[0]) if with_votes else ferplus.Votes({}, ())
    dropped = _dropped(files.get(DROPPED_FILE))
    joined = _joined(dataset.samples, votes.shares, dropped)
    return Dataset.collect([*dataset.rejected, *joined, *votes.rejected])


def _joined(
    samples: Sequence[Sample], votes: Mapping[int, np.ndarray], dropped: Mapping[int, str]
) -> Iterator[Sample | Rejection]:
    for sample in samples:
        if sample.row is None:
            yield replace(sample, framing=FER2013_FRAMING)
        elif sample.split == "train" and sample.row in dropped:
            yield Rejection(sample.name, f"listed in {DROPPED_FILE}: {dropped[sample.row]}", sample.split)
        else:
            yield replace(sample, framing=FER2013_FRAMING, votes=votes.get(sample.row))


def _dropped(path: Path | None) -> dict[int, str]:
    """Reasons by row."""
    if path is None:
        return {}
    with path.open(newline="") as file:
        return {int(row["row"]): row.get("reason") or "no reason given" for row in csv.DictReader(file)}


def _deal_emotions(dataset: Dataset) -> DatasetSplits:
    """The set's own parts; a lone `test` is for choosing, and a tree without parts is dealt by content.

    What training would learn from loses the pictures that another one contradicts or that another part has too.
    """
    parts: dict[str | None, list[Sample]] = {}
    for sample in dataset.samples:
        parts.setdefault(sample.split, []).append(sample)
    if set(parts) <= {None}:
        return split_by_content(dataset)
    valid, test = parts.get("valid", []), parts.get("test", [])
    if not valid:
        valid, test = test, []
    unsplit = [Rejection(sample.name, "in no train, valid or test folder") for sample in parts.get(None, [])]
    train, twins = splits.drop_leaking_duplicates(parts.get("train", []), [*valid, *test])
    return DatasetSplits(train, valid, test, [*dataset.rejected, *unsplit, *twins])


def _read_utkface(path: Path, keep_blank: bool = False) -> Dataset:
    return utkface.read(locate(path, "utkface"), keep_blank)


def split_by_content(dataset: Dataset) -> DatasetSplits:
    parts, copies = splits.split_samples(dataset.samples)
    return DatasetSplits(parts["train"], parts["valid"], parts["test"], [*dataset.rejected, *copies])


FER2013 = DatasetSpec(
    name="FER2013",
    about="fer2013.csv, or a tree or tar of class folders (kaggle.com: challenges-in-representation-learning, msambare/"
    f"fer2013); {' or '.join(VOTES_FILES)} beside it joins FER+ votes (github.com/microsoft/FERPlus)",
    terms="states no licence for its pictures; used for non-commercial research only",
    protocol="train = Training, valid = PublicTest (the folder `test` of the folder form): the split for choosing the "
    "epoch and every setting, so a figure on it flatters; PrivateTest was never looked at",
    inputs=_emotion_inputs,
    read=_read_emotions,
    split=_deal_emotions,
)
UTKFACE = DatasetSpec(
    name="UTKFace",
    about="a folder, tar or tar.gz of [age]_[sex]_[race]_[time].jpg (susanqq.github.io/UTKFace)",
    terms="non-commercial research only",
    protocol="80 / 10 / 10 by the hash of a picture's pixels; of identical pictures one is kept, none where their ages "
    "differ; people may recur across parts, since the set names nobody",
    inputs=lambda path: [locate(path, "utkface")],
    read=_read_utkface,
    split=split_by_content,
)
