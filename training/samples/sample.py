"""One labelled face image, a data set of them, and the list of files that could not be used."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import cv2
import numpy as np

from training.samples.framing import Framing
from training.samples.landmark_points import EYE_INDEXES

MIN_INTENSITY_RANGE = 8  # gray levels; an image with a smaller range shows nothing

Source = TypeVar("Source")
Parsed = TypeVar("Parsed")


class InvalidSample(Exception):
    """A row or file cannot become a sample; the message is the reason that is reported."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled face image.

    Attributes:
        name: File or row, relative to its data set.
        image: RGB uint8, shape (height, width, 3).
        labels: By attribute: `emotion`, `sex`, `race`, `person`, `mask` (words) and `age` (years), as far as known.
        split: `train`, `valid` or `test` if the data set defines its splits.
        row: Row number in the table of the data set, for joins; None if there is no table.
        votes: Fraction of annotators by choice, float32 (choices,); None if the image was not voted on.
        points: Landmarks in pixels of the image, float32 (15, 2), in the order of `LANDMARK_NAMES`; NaN where a point
            is unknown. None if the image has no landmarks.
        framing: Where the face lies in images of this data set; None if they are framed like the patches cut from
            them.
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
        """SHA-256 of the pixels: equal for identical images."""
        return hashlib.sha256(self.image.tobytes()).hexdigest()

    @property
    def has_eye_centres(self) -> bool:
        """Whether both eye centres are known, whose distance is the unit of landmark errors."""
        return self.points is not None and bool(np.isfinite(self.points[EYE_INDEXES, :]).all())

    @property
    def has_all_landmarks(self) -> bool:
        """Whether every landmark is known."""
        return self.points is not None and bool(np.isfinite(self.points).all())


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row or file that was skipped, and why; `split` if it concerns one split only."""

    name: str
    reason: str
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """The samples of a data set, and what was skipped."""

    samples: Sequence[Sample]
    rejected: Sequence[Rejection] = field(default_factory=tuple)

    @classmethod
    def collect(cls, items: Iterable[Sample | Rejection]) -> Dataset:
        """Sort the output of a reader into samples and rejections."""
        samples: list[Sample] = []
        rejected: list[Rejection] = []
        for item in items:
            if isinstance(item, Sample):
                samples.append(item)
            else:
                rejected.append(item)
        return cls(samples, rejected)

    def keep_labels(self, attribute: str, labels: Sequence[str]) -> Dataset:
        """Keep the samples whose label is one of `labels`; reject the others."""
        return self.collect(
            [*self.rejected, *(s if s.labels[attribute] in labels else _unknown(s, attribute) for s in self.samples)]
        )


def parse_each(
    items: Iterable[tuple[str, Source]], parse: Callable[[str, Source], Parsed]
) -> Iterator[Parsed | Rejection]:
    """Parse (name, content) pairs; those that raise `InvalidSample` become rejections."""
    for name, content in items:
        try:
            yield parse(name, content)
        except InvalidSample as error:
            yield Rejection(name, str(error))


def count_reasons(rejected: Iterable[Rejection]) -> dict[str, int]:
    """Number of rejections by reason, most frequent first."""
    return dict(Counter(one.reason for one in rejected).most_common())


def decode_face_image(data: bytes, keep_blank: bool) -> np.ndarray:
    """Decode an image file to RGB uint8, shape (height, width, 3).

    Raises:
        InvalidSample: it cannot be decoded, or is blank and `keep_blank` is off.
    """
    image = _decode(data)
    if image is None:
        raise InvalidSample("cannot be decoded")
    return require_content(image, keep_blank)


def require_content(image: np.ndarray, keep_blank: bool) -> np.ndarray:
    """The image itself.

    Raises:
        InvalidSample: it is blank (nearly one gray level) and `keep_blank` is off.
    """
    if not keep_blank and int(image.max()) - int(image.min()) < MIN_INTENSITY_RANGE:
        raise InvalidSample("blank picture")
    return image


def _decode(data: bytes) -> np.ndarray | None:
    if not data:
        return None
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # absurd sizes in a damaged header
        return None
    return None if image is None else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _unknown(sample: Sample, attribute: str) -> Rejection:
    return Rejection(sample.name, f"unknown {attribute} {sample.labels[attribute]!r}", sample.split)
