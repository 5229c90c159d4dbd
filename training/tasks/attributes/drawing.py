"""Which training pictures are drawn, and how often: all of a set, a part of it, or balanced classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from training.datasets.balance_table import read_balance, rows_of
from training.tasks.attributes.arrays import Arrays
from training.tasks.base import TrainOptions


def chosen_arrays(arrays: Arrays, options: TrainOptions) -> Arrays:
    """The training patches that `--balance`, `--undersample` and `--limit` leave.

    Raises:
        UnreadableMedia: the balance table cannot be read.
        SettingsError: it names none of the pictures.
    """
    if options.balance:
        found = rows_of(arrays.names, read_balance(options.balance), options.balance)
        rows = [i for i, row in enumerate(found) if row and (row.kept if options.undersample else row.weight > 0)]
        weights = None if options.undersample else np.array([row.weight if row else 0.0 for row in found])
        arrays = _rows(replace(arrays, weights=weights), np.array(rows, np.int64))
    count = len(arrays.names)
    if options.limit is None or options.limit >= count:
        return arrays
    return _rows(arrays, np.linspace(0, count - 1, options.limit).round().astype(np.int64))


def _rows(arrays: Arrays, rows: np.ndarray) -> Arrays:
    return replace(
        arrays,
        patches=arrays.patches[rows],
        targets={name: values[rows] for name, values in arrays.targets.items()},
        labels={name: values[rows] for name, values in arrays.labels.items()},
        names=[arrays.names[row] for row in rows],
        weights=None if arrays.weights is None else arrays.weights[rows],
        outside=None if arrays.outside is None else arrays.outside[rows],
    )
