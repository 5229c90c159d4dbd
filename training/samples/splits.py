"""Assign samples to train, valid and test by hash, so that duplicates never fall into two splits."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from training.samples.sample import Rejection, Sample

SPLIT_FRACTIONS: Mapping[str, float] = {"train": 0.8, "valid": 0.1, "test": 0.1}
# Identical images whose labels differ in one of these attributes are useless for training.
CONFLICT_ATTRIBUTES = ("age", "emotion", "mask")


def split_samples(
    samples: Iterable[Sample], fractions: Mapping[str, float] = SPLIT_FRACTIONS
) -> tuple[dict[str, list[Sample]], list[Rejection]]:
    """Split by the hash of the pixels. Keep one of identical images, and none if their labels conflict.

    Returns:
        Samples by split, and the duplicates that were dropped.
    """
    splits: dict[str, list[Sample]] = {name: [] for name in fractions}
    dropped: list[Rejection] = []
    for digest, group in _by_content(samples).items():
        conflict = _conflicting_attribute(group)
        if conflict:
            dropped += [_conflict(sample, conflict) for sample in group]
            continue
        splits[assign_split(digest, fractions)].append(group[0])
        dropped += [Rejection(sample.name, "copy of another picture") for sample in group[1:]]
    return splits, dropped


def drop_leaking_duplicates(train: Sequence[Sample], others: Sequence[Sample]) -> tuple[list[Sample], list[Rejection]]:
    """Drop training samples that also occur in another split, or that an identical image labels differently.

    Duplicates within the training split that agree are kept.

    Returns:
        The samples that are left, and those that were dropped.
    """
    groups = _by_content((*others, *train))
    held_out = {sample.content_hash for sample in others}
    kept: list[Sample] = []
    dropped: list[Rejection] = []
    for sample in train:
        conflict = _conflicting_attribute(groups[sample.content_hash])
        if conflict:
            dropped.append(_conflict(sample, conflict, "train"))
        elif sample.content_hash in held_out:
            dropped.append(Rejection(sample.name, "copy of a picture to choose by or to score on", "train"))
        else:
            kept.append(sample)
    return kept, dropped


def assign_split(digest: str, fractions: Mapping[str, float]) -> str:
    """Map a hexadecimal digest to a split, with probability `fractions[split]`."""
    position = int(digest[:8], 16) / 16**8
    names: Sequence[str] = list(fractions)
    for name in names:
        if position < fractions[name]:
            return name
        position -= fractions[name]
    return names[-1]


def split_of_group(name: str) -> str:
    """The split of all samples of a person, or of another group that must not be in two, by the hash of its name."""
    return assign_split(hashlib.sha256(name.encode()).hexdigest(), SPLIT_FRACTIONS)


def _by_content(samples: Iterable[Sample]) -> dict[str, list[Sample]]:
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.content_hash].append(sample)
    return groups


def _conflicting_attribute(group: Sequence[Sample]) -> str | None:
    """The attribute in which identical images are labelled differently."""
    return next((name for name in CONFLICT_ATTRIBUTES if len({sample.labels.get(name) for sample in group}) > 1), None)


def _conflict(sample: Sample, attribute: str, split: str | None = None) -> Rejection:
    return Rejection(sample.name, f"identical picture with another {attribute}", split)
