"""Read faces with expressions from several sources: a folder or tar of images, and a table of labels beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from training.datasets.readers.tables import Row, cell_text, join_by_file, read_labels
from training.samples.framing import EXPRESSIONS_FRAMING
from training.samples.labels import EMOTIONS
from training.samples.sample import Dataset, InvalidSample, Sample

LABELS_FILE = "expressions.csv"
COLUMNS = ("file", "emotion", "source")
PERSON = "person"  # optional column: the person, or the film, that images share; empty where it is unknown

Labels = Mapping[str, str]


def read(path: Path, labels: Path, keep_blank: bool = False) -> Dataset:
    """Read every image with an emotion, its source and, where it is known, its person.

    Args:
        path: Folder or tar of the images.
        labels: Table `file,emotion,source`, and `person` where it is known; further columns are ignored.
        keep_blank: Keep blank images too (scoring drops none).
    Raises:
        UnreadableMedia: a file is missing or damaged.
    """

    def join(name: str, file: str, image: np.ndarray, found: Labels) -> Sample:
        return Sample(name, image, found, framing=EXPRESSIONS_FRAMING)

    return Dataset.collect(join_by_file(path, read_labels(labels, COLUMNS, _parse_labels), join, keep_blank))


def _parse_labels(row: Row) -> Labels:
    emotion, source, person = (cell_text(row, column) for column in ("emotion", "source", PERSON))
    if not emotion or not source:
        raise InvalidSample("missing label")
    if emotion.lower() not in EMOTIONS:
        raise InvalidSample(f"unknown emotion {emotion[:20]!r}")
    return {"emotion": emotion.lower(), "source": source, **({PERSON: person} if person else {})}
