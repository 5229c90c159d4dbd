"""Augmented batches of patches."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from training.tasks.attributes.arrays import Arrays
from training.tasks.base import Batch
from training.transforms.patch_augmentation import Augmentation, fill_padding
from training.transforms.surround_fill import fill_surroundings


def vary(
    augmentation: Augmentation,
    patches: np.ndarray,
    outside: np.ndarray | None,
    targets: Mapping[str, np.ndarray],
    random: np.random.Generator,
) -> Batch:
    """Augmented copies of patches, uint8 (n, side, side, channels), and their targets.

    Args:
        outside: As in `Arrays`.
    """
    if augmentation.padding_fill and outside is not None:
        patches = fill_padding(patches, outside, augmentation.padding_fill, random)
    if augmentation.surround_fill:
        patches = fill_surroundings(patches, augmentation.surround_fill, random)
    return augmentation.augment(patches, targets, random)


class AugmentedBatches:
    """Batches of one split, whose order and augmentation depend only on seed, epoch and index."""

    def __init__(self, arrays: Arrays, batch_size: int, augmentation: Augmentation, seed: int = 0) -> None:
        self.arrays, self.batch_size, self.augmentation, self.seed = arrays, batch_size, augmentation, seed
        self._order = self._order_of(0)

    def __len__(self) -> int:
        """The last short batch is dropped: compiled steps keep one shape."""
        return max(1, len(self.arrays.patches) // self.batch_size)

    def batch_at(self, epoch: int, index: int) -> Batch:
        """Patches, uint8 (batch_size, size, size, channels), and targets of one batch of an epoch."""
        if self._order[0] != epoch:
            self._order = self._order_of(epoch)
        rows = self._order[1][index * self.batch_size : (index + 1) * self.batch_size]
        targets = {name: values[rows] for name, values in self.arrays.targets.items()}
        random = np.random.default_rng((self.seed, epoch, index))
        outside = None if self.arrays.outside is None else self.arrays.outside[rows]
        return vary(self.augmentation, self.arrays.patches[rows], outside, targets, random)

    def _order_of(self, epoch: int) -> tuple[int, np.ndarray]:
        """The epoch and the rows in the order of its batches."""
        random, count = np.random.default_rng((self.seed, epoch)), len(self.arrays.patches)
        if self.arrays.weights is None:
            return epoch, random.permutation(count)
        return epoch, random.choice(count, count, p=self.arrays.weights / self.arrays.weights.sum())
