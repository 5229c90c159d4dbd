"""What a data set is: where its files are, how to read it, and how to split it into train, valid and test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import UnreadableMedia
from app.vision.capture.image_archive import is_tar
from training.datasets.readers.masks import SYNTHETIC
from training.samples.sample import Dataset, Rejection, Sample
from training.samples.splits import (
    SPLIT_FRACTIONS,
    assign_split,
    drop_leaking_duplicates,
    split_of_group,
    split_samples,
)

RESEARCH_ONLY = "states no licence for its pictures; used for non-commercial research only"


@dataclass(frozen=True, slots=True)
class DatasetSplits:
    """A data set in three splits; `test` is empty if the data set has only two."""

    train: Sequence[Sample]
    valid: Sequence[Sample]
    test: Sequence[Sample]
    rejected: Sequence[Rejection]

    def part(self, split: str) -> Sequence[Sample]:
        """The samples of `train`, `valid` or `test`."""
        return {"train": self.train, "valid": self.valid, "test": self.test}[split]


@dataclass(frozen=True)
class DatasetSpec:
    """A data set that recipes train on.

    Attributes:
        name, about, terms: For people: its name, what to pass as `--data`, and its terms of use.
        protocol: How it is split, for model cards.
        inputs: The files and folders that are read for a given `--data`; the images come first.
        read: Reads all samples, with the split that the data set itself defines; `keep_blank` as in the readers.
        split: Splits a data set that was read.
        variant: The set of the same form that lies at a path, under its own name and terms; None if there is none.
    """

    name: str
    about: str
    terms: str
    protocol: str
    inputs: Callable[[Path], list[Path]]
    read: Callable[[Path, bool], Dataset]
    split: Callable[[Dataset], DatasetSplits]
    variant: Callable[[Path], DatasetSpec | None] | None = None

    def at(self, path: Path) -> DatasetSpec:
        """The set that lies at a path: itself, or another one of the same form."""
        return (self.variant(path) if self.variant else None) or self

    @property
    def card_entry(self) -> Mapping[str, Any]:
        """Sets, terms and splits, as a model card has them."""
        return {"sets": [self.name], "terms": f"{self.name} {self.terms}", "splits": self.protocol}


def locate(path: Path, folder: str, files: Sequence[str] = ()) -> Path:
    """Find the table, tar or tree meant by `path`: itself, or what is in it or in its sub-folder `folder`.

    Args:
        files: Names of files that are taken before others.

    Raises:
        UnreadableMedia: there is nothing at `path`, or several tars to choose from.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise UnreadableMedia(f"there is no {path}; give a folder, a tar or a table")
    inner = next((child for child in sorted(path.iterdir()) if child.is_dir() and child.name.lower() == folder), None)
    if inner is not None:
        return locate(inner, folder, files)
    for name in files:
        if (path / name).is_file():
            return path / name
    tars = sorted(file for file in path.glob("*.t*") if is_tar(file))
    if len(tars) > 1:
        raise UnreadableMedia(f"{path} holds {', '.join(tar.name for tar in tars)}; name one of them")
    return tars[0] if tars else path


def find_beside(images: Path, file: str) -> Path:
    """Find a file in the folder of images, or beside the folder or tar.

    Raises:
        UnreadableMedia: it is in neither.
    """
    for folder in (images, images.parent):
        if (folder / file).is_file():
            return folder / file
    raise UnreadableMedia(f"there is no {file} beside {images}; put it there")


def split_by_content(dataset: Dataset) -> DatasetSplits:
    """Split 80/10/10 by the hash of the pixels; keep one of identical images."""
    parts, dropped = split_samples(dataset.samples)
    return DatasetSplits(parts["train"], parts["valid"], parts["test"], [*dataset.rejected, *dropped])


def split_by_person(dataset: Dataset) -> DatasetSplits:
    """Split 80/10/10 by person; by content where the person is unknown."""
    return _split_by_label("person", dataset)


def split_by_group(dataset: Dataset) -> DatasetSplits:
    """Split 80/10/10 by group; by content where the group is unknown. Synthetic masks are used for training only."""
    splits = _split_by_label("group", dataset)
    valid, test = _real(splits.valid), _real(splits.test)
    held_out = {sample.labels.get("group") for sample in (*valid, *test)}
    train, rejected = list(splits.train), list(splits.rejected)
    for sample in (*splits.valid, *splits.test):
        if _is_synthetic(sample) and sample.labels.get("group") not in held_out:
            train.append(sample)
        elif _is_synthetic(sample):
            rejected.append(Rejection(sample.name, "a drawn mask on a face to choose by or to score on"))
    return DatasetSplits(train, valid, test, rejected)


def split_as_labelled(dataset: Dataset) -> DatasetSplits:
    """Use the splits of the data set itself; a lone `test` becomes `valid`. Split by content if it has none.

    Training samples that occur in another split, or that an identical image contradicts, are dropped.
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
    train, duplicates = drop_leaking_duplicates(parts.get("train", []), [*valid, *test])
    return DatasetSplits(train, valid, test, [*dataset.rejected, *unsplit, *duplicates])


def _split_by_label(label: str, dataset: Dataset) -> DatasetSplits:
    """Split by the hash of a label, so that no value of it falls into two splits; keep one of identical images.

    Samples without the label are split by the hash of their pixels.
    """
    distinct, dropped = split_samples(dataset.samples, {"all": 1.0})
    parts: dict[str, list[Sample]] = {name: [] for name in SPLIT_FRACTIONS}
    for sample in distinct["all"]:
        known = sample.labels.get(label)
        split = assign_split(sample.content_hash, SPLIT_FRACTIONS) if known is None else split_of_group(str(known))
        parts[split].append(sample)
    return DatasetSplits(parts["train"], parts["valid"], parts["test"], [*dataset.rejected, *dropped])


def _real(samples: Iterable[Sample]) -> list[Sample]:
    return [sample for sample in samples if not _is_synthetic(sample)]


def _is_synthetic(sample: Sample) -> bool:
    return sample.labels.get("synthetic") == SYNTHETIC
