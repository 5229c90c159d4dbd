"""Deal samples into train, valid and test by content, so that copies never straddle two splits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from training.samples.sample import Rejection, Sample

SHARES: Mapping[str, float] = {"train": 0.8, "valid": 0.1, "test": 0.1}
# Identical pictures that disagree in one of these teach nothing.
CONFLICTS = ("age", "emotion", "mask")


def split_samples(
    samples: Iterable[Sample], shares: Mapping[str, float] = SHARES
) -> tuple[dict[str, list[Sample]], list[Rejection]]:
    """Split by the hash of the pixels; of identical pictures one is kept, none where their labels conflict.

    Returns:
        Samples by split, and the copies that were left out.
    """
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.content_hash].append(sample)
    splits: dict[str, list[Sample]] = {name: [] for name in shares}
    dropped: list[Rejection] = []
    for digest, group in groups.items():
        conflict = _conflict(group)
        if conflict:
            dropped += [Rejection(sample.name, f"identical picture with another {conflict}") for sample in group]
            continue
        splits[assign_split(digest, shares)].append(group[0])
        dropped += [Rejection(sample.name, "copy of another picture") for sample in group[1:]]
    return splits, dropped


def drop_leaking_duplicates(train: Sequence[Sample], others: Sequence[Sample]) -> tuple[list[Sample], list[Rejection]]:
    """The training samples that no identical picture contradicts, and of which none is in another part.

    Returns:
        They, and those that were left out. Copies that agree within the training part stay.
    """
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in (*others, *train):
        groups[sample.content_hash].append(sample)
    elsewhere = {sample.content_hash for sample in others}
    kept: list[Sample] = []
    dropped: list[Rejection] = []
    for sample in train:
        conflict = _conflict(groups[sample.content_hash])
        if conflict:
            dropped.append(Rejection(sample.name, f"identical picture with another {conflict}", "train"))
        elif sample.content_hash in elsewhere:
            dropped.append(Rejection(sample.name, "copy of a picture to choose by or to score on", "train"))
        else:
            kept.append(sample)
    return kept, dropped


def _conflict(group: Sequence[Sample]) -> str | None:
    """The attribute that identical pictures disagree in."""
    return next((name for name in CONFLICTS if len({sample.labels.get(name) for sample in group}) > 1), None)


def assign_split(digest: str, shares: Mapping[str, float]) -> str:
    position = int(digest[:8], 16) / 16**8
    names: Sequence[str] = list(shares)
    for name in names:
        if position < shares[name]:
            return name
        position -= shares[name]
    return names[-1]
