"""Read faces with and without a mask: a folder or tar of images, and a table `file,label`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from training.datasets.readers.tables import Row, cell_text, join_by_file, read_labels
from training.samples.labels import MASK_STATES
from training.samples.sample import Dataset, InvalidSample, Sample

LABELS_FILE = "masks.csv"
COLUMNS = ("file", "label")
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
