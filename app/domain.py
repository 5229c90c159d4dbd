"""Value types of the app: frames, boxes, faces, tracks, view options and frame results (NumPy and stdlib only)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.errors import UnknownView

# Overlays a viewer can switch on, in the order used everywhere; `blur` hides faces.
SHOWABLE = ("boxes", "landmarks", "ids", "emotion", "age", "sex", "race", "mask", "blur")
DEFAULT_SHOW = ("boxes", "emotion", "age", "sex")
# Shown instead of a label whose calibrated probability is below the attribute's minimum.
UNSURE = "unsure"
# Minimum probabilities, chosen per attribute: 7 emotions, 2 sexes, 5 races, 3 kinds of mask wearing.
MIN_EMOTION_PROBABILITY = 0.4
MIN_SEX_PROBABILITY = 0.65
MIN_RACE_PROBABILITY = 0.5
MIN_MASK_PROBABILITY = 0.6
# Mask label under which too little of the face is visible to report emotion, age and race.
MASK_WORN = "mask"
# Perceived sex is not reported for younger faces: they show too little of it.
MIN_AGE_FOR_SEX_YEARS = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of a source.

    Attributes:
        image: RGB uint8, shape (height, width, 3).
        index: Number of the frame, from 0.
        time_s: Time stamp on the source's own clock in seconds; all scheduling follows it.
        read_at_s: `time.monotonic()` when the frame arrived; latency is measured from here.
    """

    image: np.ndarray
    index: int
    time_s: float
    read_at_s: float

    @property
    def width(self) -> int:
        """Width of the image in pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Height of the image in pixels."""
        return int(self.image.shape[0])

    def contains_center_of(self, box: Box) -> bool:
        """Whether the centre of a box lies inside the image."""
        x, y = box.center
        return 0 <= x < self.width and 0 <= y < self.height


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned rectangle in image pixels; it may extend beyond the image."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        """Area in square pixels; 0 for an inverted box."""
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def center(self) -> tuple[float, float]:
        """Centre x and y in pixels."""
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def iou(self, other: Box) -> float:
        """Intersection over union with another box, 0 to 1."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        if width <= 0 or height <= 0:
            return 0.0
        intersection = width * height
        return intersection / (self.area + other.area - intersection)

    def scale_by(self, factor: float) -> Box:
        """The box in an image resized by `factor`."""
        return Box(self.x1 * factor, self.y1 * factor, self.x2 * factor, self.y2 * factor)


@dataclass(frozen=True, slots=True)
class Face:
    """A detected face.

    Attributes:
        box: From forehead to chin and cheek to cheek (YuNet's convention).
        score: Confidence of the detector, 0 to 1.
        points: Eyes, nose tip and mouth corners, left side of the image first, float32 (5, 2) in image pixels; ten more
            follow if the landmark network ran, shape (15, 2). None if unknown.
        landmark_confidence_ema: Running average of the landmark network's face logit; None if it has not run.
        occluded: Whether the face is partly hidden; its landmarks are then unreliable.
    """

    box: Box
    score: float
    points: np.ndarray | None = None
    landmark_confidence_ema: float | None = None
    occluded: bool = False

    @property
    def is_trackable(self) -> bool:
        """Whether the landmark network can track the face between detections."""
        return self.landmark_confidence_ema is not None and not self.occluded


@dataclass(frozen=True, slots=True)
class Attributes:
    """Model outputs for one face; None where no model has run.

    Attributes:
        emotion: Probability by label, in the order of the model card.
        age_years: Expected age.
        p_female: Probability that the face is perceived as female.
        age_interval: 80 % prediction interval of the age in years, low and high.
        stable_emotion, stable_sex, stable_mask, stable_race: Label after temporal smoothing, or `UNSURE`; None for a
            single image.
        second_emotion: Second label if it is nearly as likely as the first.
        mask, race: Probability by label, in the order of the model card. `race` is as perceived, and only set if the
            server is configured to report it.
    """

    emotion: Mapping[str, float] | None = None
    age_years: float | None = None
    p_female: float | None = None
    age_interval: tuple[float, float] | None = None
    stable_emotion: str | None = None
    second_emotion: str | None = None
    stable_sex: str | None = None
    mask: Mapping[str, float] | None = None
    stable_mask: str | None = None
    race: Mapping[str, float] | None = None
    stable_race: str | None = None

    @property
    def emotion_label(self) -> str | None:
        """Label to show; `UNSURE` if a mask is worn."""
        if self.is_masked and self.emotion:
            return UNSURE
        return self.stable_emotion or _label_of(self.emotion, MIN_EMOTION_PROBABILITY)

    @property
    def sex_label(self) -> str | None:
        """`female`, `male` or `UNSURE`; always `UNSURE` for small children."""
        if self.p_female is not None and self.age_years is not None and self.age_years < MIN_AGE_FOR_SEX_YEARS:
            return UNSURE
        if self.stable_sex or self.p_female is None:
            return self.stable_sex
        return label_or_unsure({"female": self.p_female, "male": 1 - self.p_female}, MIN_SEX_PROBABILITY)

    @property
    def race_label(self) -> str | None:
        """Label to show; `UNSURE` if a mask is worn."""
        if self.is_masked and self.race:
            return UNSURE
        return self.stable_race or _label_of(self.race, MIN_RACE_PROBABILITY)

    @property
    def mask_label(self) -> str | None:
        """Label to show, or `UNSURE`."""
        return self.stable_mask or _label_of(self.mask, MIN_MASK_PROBABILITY)

    @property
    def is_masked(self) -> bool:
        """Whether a mask is worn correctly; emotion, age and race are then not reported."""
        return self.mask_label == MASK_WORN

    def to_dict(self) -> dict[str, Any]:
        """JSON form with `emotion`, `age`, `sex`, `race` and `mask`; null means not reported."""
        out: dict[str, Any] = {}
        if self.emotion is not None:
            second, probabilities = (None, None) if self.is_masked else (self.second_emotion, _rounded(self.emotion))
            out["emotion"] = {"label": self.emotion_label, "second": second, "probabilities": probabilities}
        if self.age_years is not None:
            out["age"] = self._age_dict(self.age_years)
        if self.p_female is not None:
            out["sex"] = {"label": self.sex_label, "p_female": round(self.p_female, 4)}
        if self.race is not None:
            out["race"] = {"label": self.race_label, "probabilities": None if self.is_masked else _rounded(self.race)}
        if self.mask is not None:
            out["mask"] = {"label": self.mask_label, "probabilities": _rounded(self.mask)}
        return out

    def _age_dict(self, age_years: float) -> dict[str, Any]:
        if self.is_masked:
            return {"years": None, "interval": None}
        interval = self.age_interval and [round(age, 1) for age in self.age_interval]
        return {"years": round(age_years, 1), "interval": interval}


def label_or_unsure(probabilities: Mapping[str, float], min_probability: float) -> str:
    """The most likely label, or `UNSURE` if its probability is below `min_probability`."""
    label, probability = max(probabilities.items(), key=lambda item: item[1])
    return label if probability >= min_probability else UNSURE


def _label_of(probabilities: Mapping[str, float] | None, min_probability: float) -> str | None:
    return label_or_unsure(probabilities, min_probability) if probabilities else None


def _rounded(probabilities: Mapping[str, float]) -> dict[str, float]:
    return {label: round(p, 4) for label, p in probabilities.items()}


@dataclass(frozen=True, slots=True)
class Track:
    """A face followed over time; `id` is never reused while the source runs.

    Attributes:
        is_detected: Whether the last detector run found the face; otherwise its position is predicted.
    """

    id: int
    face: Face
    attributes: Attributes = field(default_factory=Attributes)
    is_detected: bool = True

    def to_dict(self) -> dict[str, Any]:
        """JSON form of the face (`docs/api.md`, "Face")."""
        box = self.face.box
        return {
            "id": self.id,
            "box": [round(value, 1) for value in (box.x1, box.y1, box.x2, box.y2)],
            "score": round(self.face.score, 4),
            **self.attributes.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """Overlays that one viewer has switched on; viewers with equal options share one encoded image."""

    show: frozenset[str] = frozenset(DEFAULT_SHOW)

    @classmethod
    def parse(cls, text: str | None) -> ViewOptions:
        """Parse a `show` value such as `boxes,emotion`; None gives the default, an empty text no overlays.

        Raises:
            UnknownView: the text has a word that is not in `SHOWABLE`.
        """
        if text is None:
            return cls()
        words = {word.strip() for word in text.split(",")} - {""}
        unknown = sorted(words - set(SHOWABLE))
        if unknown:
            raise UnknownView(f"unknown view {', '.join(map(repr, unknown))}; choose from {', '.join(SHOWABLE)}")
        return cls(frozenset(words))

    @property
    def key(self) -> str:
        """Canonical `show` text; `parse(key)` returns equal options."""
        return ",".join(word for word in SHOWABLE if word in self.show)


@dataclass(frozen=True, slots=True)
class FrameResult:
    """Result of the vision process for one frame.

    Attributes:
        faces: One dictionary per face, from `Track.to_dict`.
        stages_ms: Duration in milliseconds by stage (`capture`, `detect`, `predict`, `annotate`, `encode`, ...).
        fps: Frames per second over the last second.
        jpegs: Encoded image by `ViewOptions.key`, for the views in use.
        skipped_while_idle: Frames skipped since the previous result because there were no viewers.
    """

    index: int
    time_s: float
    read_at_s: float
    width: int
    height: int
    faces: Sequence[Mapping[str, Any]]
    stages_ms: Mapping[str, float]
    fps: float
    jpegs: Mapping[str, bytes]
    skipped_while_idle: int = 0
