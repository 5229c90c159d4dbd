"""Read faces with and without a mask: a folder or tar of images, and a table `file,label`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from training.datasets.readers.tables import Row, cell_text, join_by_file, read_labels, read_rows
from training.samples.labels import MASK_STATES
from training.samples.sample import Dataset, InvalidSample, Sample

LABELS_FILE = "masks.csv"
COLUMNS = ("file", "label")
CORRECTION_COLUMNS = ("file", "label", "corrected")
# Optional columns: the origin of the image, whether its mask is synthetic, and the person or origin that it shares with
# other images (its group never falls into two splits).
OPTIONAL_COLUMNS = ("source", "synthetic", "group")
SYNTHETIC = "1"  # value of the column `synthetic`
REAL = "0"

Labels = Mapping[str, str]


def read(path: Path, labels: Path, keep_blank: bool = False) -> Dataset:
    """Read every image with a label.

    Args:
        path: Folder or tar of the images.
        labels: Table `file,label` and the optional columns; the file with or without its folders.
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """

    def join(name: str, file: str, image: np.ndarray, found: Labels) -> Sample:
        return Sample(name, image, found)

    return Dataset.collect(join_by_file(path, read_labels(labels, COLUMNS, _parse_labels), join, keep_blank))


def correct(dataset: Dataset, corrections: Path) -> Dataset:
    """The data set with other labels for some images.

    Args:
        corrections: Table `file,label,corrected`; a row applies to an image whose label is still `label`.
    Raises:
        UnreadableMedia: the table lacks a column.
    """
    rows = read_rows(corrections, CORRECTION_COLUMNS)
    corrected = {(cell_text(row, "file"), cell_text(row, "label")): cell_text(row, "corrected") for row in rows}

    def relabel(sample: Sample) -> Sample:
        found = corrected.get((PurePosixPath(sample.name).name, str(sample.labels["mask"])))
        return sample if found is None else replace(sample, labels={**sample.labels, "mask": found})

    return replace(dataset, samples=[relabel(sample) for sample in dataset.samples])


def _parse_labels(row: Row) -> Labels:
    label = cell_text(row, "label").lower()
    if not label:
        raise InvalidSample("missing label")
    if label not in MASK_STATES:
        raise InvalidSample(f"unknown label {label[:20]!r}")
    optional = {name: cell_text(row, name) for name in OPTIONAL_COLUMNS if name in row}
    missing = [name for name, text in optional.items() if not text]
    if missing:
        raise InvalidSample(f"missing {missing[0]}")
    if optional.get("synthetic", SYNTHETIC) not in (REAL, SYNTHETIC):
        raise InvalidSample(f"unknown synthetic {optional['synthetic'][:20]!r}")
    return {"mask": label, **optional}
