"""What every reader yields: a picture with its labels, and a list of what had to be left out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled face picture.

    Attributes:
        name: Where it comes from, relative to its set.
        image: RGB uint8, shape (height, width, 3).
        labels: By attribute: `emotion` (word), `age` (years), `sex`, `race` (words); what the set has.
        split: `train`, `valid` or `test` where the set says so.
        row: Row number in the set's table, for joins; None where it has none.
    """

    name: str
    image: np.ndarray
    labels: Mapping[str, str | float]
    split: str | None = None
    row: int | None = None

    @property
    def content_hash(self) -> str:
        """Equal for pictures with the same pixels."""
        return hashlib.sha256(self.image.tobytes()).hexdigest()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row or file that was skipped, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything a reader found."""

    samples: Sequence[Sample]
    rejected: Sequence[Rejected] = field(default_factory=tuple)


def decode(data: bytes) -> np.ndarray | None:
    """A picture file's bytes as RGB uint8; None where they cannot be decoded."""
    if not data:
        return None
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def is_blank(image: np.ndarray) -> bool:
    """Whether a picture shows a single tone."""
    return int(image.max()) - int(image.min()) < 8
