"""Read face crops with a table of words: the expressions and the compound expressions, which share their framing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.datasets.readers.tables import Row, cell_text, join_by_file, read_labels
from training.samples.framing import Framing
from training.samples.sample import Dataset, Sample

# The side of a crop is 1.25 sides of the face, as the set states.
CROP_FRAMING = Framing(margin=1.25)


def read(images: Path, table: Path, columns: Sequence[str]) -> Dataset:
    """Read every crop with the words in the columns of its row, as labels by the name of the column.

    Args:
        images: Folder or tar.
        table: CSV with a column `file` and these columns; cells may be empty.
    Raises:
        UnreadableMedia: a file is missing or damaged, or the table lacks a column.
    """

    def words(row: Row) -> dict[str, str]:
        return {column: cell_text(row, column) for column in columns}

    def join(name: str, file: str, image: np.ndarray, labels: dict[str, str]) -> Sample:
        return Sample(name, image, labels, framing=CROP_FRAMING)

    return Dataset.collect(join_by_file(images, read_labels(table, ("file", *columns), words), join, True))
