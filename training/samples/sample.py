"""What every reader yields: a picture with its labels, and a list of what had to be left out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from training.samples.framing import Framing

BLANK_RANGE = 8  # a picture whose tones differ by less shows nothing


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled face picture.

    Attributes:
        name: Where it comes from, relative to its set.
        image: RGB uint8, shape (height, width, 3).
        labels: By attribute: `emotion` (word), `age` (years), `sex`, `race`, `person`, `mask` (words); what the set
            has.
        split: `train`, `valid` or `test` where the set says so.
        row: Row number in the set's table, for joins; None where it has none.
        votes: Shares of annotators by what they could choose; None where nobody was asked.
        points: Landmarks in pixels of the image, float32 (15, 2), in the order of `LANDMARK_NAMES`; NaN where
            a point is unknown. None if the set has no landmarks.
        framing: How its set frames faces; None where pictures show what the patches do that are cut from them.
    """

    name: str
    image: np.ndarray
    labels: Mapping[str, str | float]
    split: str | None = None
    row: int | None = None
    votes: np.ndarray | None = None
    points: np.ndarray | None = None
    framing: Framing | None = None

    @property
    def content_hash(self) -> str:
        """Equal for pictures with the same pixels."""
        return hashlib.sha256(self.image.tobytes()).hexdigest()

    @property
    def has_all_landmarks(self) -> bool:
        """Whether every landmark is known."""
        return self.points is not None and bool(np.isfinite(self.points).all())


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row or file that was skipped, and why; `split` where it is known to be of one only."""

    name: str
    reason: str
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything a reader found."""

    samples: Sequence[Sample]
    rejected: Sequence[Rejection] = field(default_factory=tuple)

    @classmethod
    def collect(cls, found: Iterable[Sample | Rejection]) -> Dataset:
        """Sort a reader's findings."""
        samples: list[Sample] = []
        rejected: list[Rejection] = []
        for one in found:
            if isinstance(one, Sample):
                samples.append(one)
            else:
                rejected.append(one)
        return cls(samples, rejected)

    def only(self, attribute: str, labels: Sequence[str]) -> Dataset:
        """The samples whose label is one of `labels`; the others join the rejected."""
        return self.collect(
            [*self.rejected, *(s if s.labels[attribute] in labels else _unknown(s, attribute) for s in self.samples)]
        )


def count_reasons(rejected: Iterable[Rejection]) -> dict[str, int]:
    """How often each reason occurs, the most frequent first."""
    return dict(Counter(one.reason for one in rejected).most_common())


def decode(data: bytes) -> np.ndarray | None:
    """A picture file's bytes as RGB uint8; None where they cannot be decoded."""
    if not data:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # absurd sizes in a damaged header
        return None
    return None if picture is None else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def decode_face_image(data: bytes, keep_blank: bool) -> np.ndarray | str:
    """A face picture as RGB uint8, or why it is none."""
    image = decode(data)
    if image is None:
        return "cannot be decoded"
    return "blank picture" if is_blank(image) and not keep_blank else image


def is_blank(image: np.ndarray) -> bool:
    """Whether a picture shows a single tone."""
    return int(image.max()) - int(image.min()) < BLANK_RANGE


def _unknown(sample: Sample, attribute: str) -> Rejection:
    return Rejection(sample.name, f"unknown {attribute} {sample.labels[attribute]!r}", sample.split)
