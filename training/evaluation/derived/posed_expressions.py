"""The crops of people who were asked for an expression: frontal, and with sound labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.errors import UnreadableMedia
from training.datasets.readers import labelled_crops
from training.samples.labels import EMOTIONS
from training.samples.sample import Rejection, Sample
from training.samples.splits import split_of_group

# The sets in which people posed before a camera: KDEF, CFEE and CK+.
POSED_SOURCES = ("kdef", "cfee", "ckplus")
IMAGES = "expressions.tar"
TABLE = "expressions.csv"


def read_posed(folder: Path) -> tuple[Sequence[Sample], Sequence[Rejection]]:
    """The posed crops, labelled with `emotion`, `source` and `person`, and what could not be read.

    Raises:
        UnreadableMedia: the folder lacks a file, or holds no posed crop.
    """
    dataset = labelled_crops.read(folder / IMAGES, folder / TABLE, ("emotion", "source", "person"))
    posed = [one for one in dataset.samples if one.labels["source"] in POSED_SOURCES]
    if not posed or any(one.labels["emotion"] not in EMOTIONS for one in posed):
        raise UnreadableMedia(f"{folder} holds no posed expressions of {', '.join(POSED_SOURCES)}; give expressions/")
    return posed, dataset.rejected


def without_training_people(samples: Sequence[Sample]) -> list[Sample]:
    """The samples of people of whom no picture is in the training split of the expressions."""
    return [one for one in samples if split_of_group(str(one.labels["person"])) != "train"]
