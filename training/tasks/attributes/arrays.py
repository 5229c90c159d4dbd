"""Arrays of one data set in memory: patches with targets and labels, by split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.samples.sample import Rejection, Sample


@dataclass(frozen=True, slots=True)
class Head:
    """A run of output columns.

    Attributes:
        kind: `classes` (softmax over words), `bins` (softmax over numbers, read as expected value), or
            `value` (plain numbers).
    """

    attribute: str
    kind: str
    labels: Sequence[str]

    def indexes(self, samples: Sequence[Sample]) -> np.ndarray:
        """Index of each sample's label, int64 (n,): of bins the nearest one; -1 for plain values and unknown labels."""
        if self.kind == "value":
            return np.full(len(samples), -1, np.int64)
        if self.kind == "classes":
            known = [s.labels.get(self.attribute) for s in samples]
            return np.array([-1 if label is None else self.labels.index(str(label)) for label in known], np.int64)
        values = np.array([float(s.labels[self.attribute]) for s in samples])
        return np.abs(values[:, None] - np.array(self.labels, float)).argmin(1)


@dataclass(frozen=True, slots=True)
class Arrays:
    """One split in memory.

    Attributes:
        patches: uint8, shape (n, size, size, channels), as `app.vision.inference.face_crop` cuts them.
        targets: By output of the training model, each with n rows.
        labels: By attribute of the task's heads, the index of each patch's label, int64 (n,); -1 where unknown.
        names: Where each patch comes from.
        weights: How often each patch is drawn, float64 (n,), 1 on average; None draws each once an epoch.
        outside: How far each pixel of a patch lies past the edge of its image, uint8 (n, size, size); None if the
            augmentation does not need it.
    """

    patches: np.ndarray
    targets: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]
    names: Sequence[str]
    weights: np.ndarray | None = None
    outside: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Splits:
    """The arrays of a task by split, and what the reader rejected."""

    train: Arrays
    valid: Arrays
    test: Arrays
    rejected: Sequence[Rejection]
