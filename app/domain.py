"""The values that flow through the app: frames, faces, tracks, views and results (NumPy and stdlib only)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.errors import UnknownView

# What a viewer may ask to see drawn, in the order it is listed everywhere; blur hides faces.
SHOWABLE = ("boxes", "landmarks", "ids", "emotion", "age", "sex", "race", "mask", "blur")
DEFAULT_SHOW = ("boxes", "emotion", "age", "sex")
# What is said instead of a label whose calibrated probability is less than this.
UNSURE = "unsure"
SURE_EMOTION, SURE_SEX, SURE_RACE, SURE_MASK = 0.4, 0.65, 0.5, 0.6
MASK_WORN = "mask"  # the label under which too little of a face is seen to tell emotion, age and race
SEX_FROM_YEARS = 4  # younger faces tell too little of it


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a source.

    Attributes:
        image: RGB uint8, shape (height, width, 3).
        index: Counts the pictures of the source from 0.
        time_s: The source's own clock in seconds; every schedule follows it.
        read_at_s: `time.monotonic()` when the picture arrived; latency counts from here.
    """

    image: np.ndarray
    index: int
    time_s: float
    read_at_s: float

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])

    def holds(self, box: Box) -> bool:
        """Whether the middle of a box lies in the picture."""
        x, y = box.center
        return 0 <= x < self.width and 0 <= y < self.height


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in image pixels; it may reach past the image's edge."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def center(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    def iou(self, other: Box) -> float:
        """Intersection over union with another box, 0 to 1."""
        width = min(self.x2, other.x2) - max(self.x1, other.x1)
        height = min(self.y2, other.y2) - max(self.y1, other.y1)
        if width <= 0 or height <= 0:
            return 0.0
        shared = width * height
        return shared / (self.area + other.area - shared)

    def scale_by(self, factor: float) -> Box:
        """The same box in a picture whose sides are `factor` times as long."""
        return Box(self.x1 * factor, self.y1 * factor, self.x2 * factor, self.y2 * factor)


@dataclass(frozen=True, slots=True)
class Face:
    """A detected face.

    Attributes:
        box: From the forehead to the chin and from cheek to cheek, as YuNet draws it.
        score: The detector's confidence, 0 to 1.
        points: Eyes, nose tip and mouth corners, the left side of the picture first, float32 (5, 2) in image pixels;
            from the landmark network ten more follow, shape (15, 2). None where nobody told them.
        clarity: What usually speaks for its being a face, a logit of the landmark network; None where it was not asked.
        covered: Whether something hides a part of it, so that its landmarks tell little of where it is.
    """

    box: Box
    score: float
    points: np.ndarray | None = None
    landmark_confidence_ema: float | None = None
    occluded: bool = False

    @property
    def is_trackable(self) -> bool:
        """Whether its landmarks can be followed."""
        return self.landmark_confidence_ema is not None and not self.occluded


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the models read from one face; None where a model has not spoken.

    Attributes:
        emotion: Probability of each label, in the order of the model's card.
        age_years: Expected age.
        p_female: Probability that the face is perceived as female.
        age_interval: Where four of five ages lie, youngest and oldest.
        decided_emotion, decided_sex, decided_mask, decided_race: The label, or `UNSURE`, that was settled on over time;
            None where only this picture counts.
        second_emotion: One that is nearly as likely as the first.
        mask, race: Probability of each label, in the order of the model's card; race is as perceived, and only told
            where the server is asked to.
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
        """The label to show, or `UNSURE`, as wherever a mask is worn."""
        if self.is_masked and self.emotion:
            return UNSURE
        return self.stable_emotion or (named(self.emotion, SURE_EMOTION) if self.emotion else None)

    @property
    def sex_label(self) -> str | None:
        """`female`, `male` or `UNSURE`, as for every small child."""
        if self.p_female is not None and self.age_years is not None and self.age_years < SEX_FROM_YEARS:
            return UNSURE
        if self.stable_sex or self.p_female is None:
            return self.stable_sex
        return named({"female": self.p_female, "male": 1 - self.p_female}, SURE_SEX)

    @property
    def race_label(self) -> str | None:
        """The label to show, or `UNSURE`, as wherever a mask is worn."""
        if self.is_masked and self.race:
            return UNSURE
        return self.stable_race or (named(self.race, SURE_RACE) if self.race else None)

    @property
    def mask_label(self) -> str | None:
        """The label to show, or `UNSURE`."""
        return self.stable_mask or (named(self.mask, SURE_MASK) if self.mask else None)

    @property
    def is_masked(self) -> bool:
        """Whether a mask is worn as it should be; what is read of emotion, age and race is then not told."""
        return self.mask_label == MASK_WORN

    def to_dict(self) -> dict[str, Any]:
        """The attributes as they appear in every JSON: `emotion`, `age`, `sex`, `race`, `mask`; null is not told."""
        out: dict[str, Any] = {}
        if self.emotion is not None:
            second, probabilities = (None, None) if self.is_masked else (self.second_emotion, _rounded(self.emotion))
            out["emotion"] = {"label": self.emotion_label, "second": second, "probabilities": probabilities}
        if self.age_years is not None:
            interval = self.age_interval and [round(age, 1) for age in self.age_interval]
            told = (None, None) if self.is_masked else (round(self.age_years, 1), interval)
            out["age"] = dict(zip(("years", "interval"), told, strict=True))
        if self.p_female is not None:
            out["sex"] = {"label": self.sex_label, "p_female": round(self.p_female, 4)}
        if self.race is not None:
            out["race"] = {"label": self.race_label, "probabilities": None if self.is_masked else _rounded(self.race)}
        if self.mask is not None:
            out["mask"] = {"label": self.mask_label, "probabilities": _rounded(self.mask)}
        return out


def named(probabilities: Mapping[str, float], least: float) -> str:
    """The likeliest label, or `UNSURE` where it is less likely than `least`."""
    label, probability = max(probabilities.items(), key=lambda item: item[1])
    return label if probability >= least else UNSURE


def _rounded(probabilities: Mapping[str, float]) -> dict[str, float]:
    return {label: round(p, 4) for label, p in probabilities.items()}


@dataclass(frozen=True, slots=True)
class Track:
    """A face followed over time; `id` is never reused while the source runs.

    Attributes:
        seen: Whether the detector found the face when it last looked; if not, it is where it is expected.
    """

    id: int
    face: Face
    attributes: Attributes = field(default_factory=Attributes)
    seen: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The face as it appears in every JSON (`docs/api.md`, "Face")."""
        box = self.face.box
        return {
            "id": self.id,
            "box": [round(value, 1) for value in (box.x1, box.y1, box.x2, box.y2)],
            "score": round(self.face.score, 4),
            **self.attributes.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What one viewer sees drawn; equal options share one drawn and encoded picture."""

    show: frozenset[str] = frozenset(DEFAULT_SHOW)

    @classmethod
    def parse(cls, text: str | None) -> ViewOptions:
        """Read a `show` value such as `boxes,emotion`; None is the default, empty the plain picture.

        Raises:
            UnknownView: a word is none of `SHOWABLE`.
        """
        if text is None:
            return cls()
        words = {word.strip() for word in text.split(",")} - {""}
        unknown = sorted(words - set(SHOWABLE))
        if unknown:
            raise UnknownView(f"show does not know {', '.join(map(repr, unknown))}; it knows {', '.join(SHOWABLE)}")
        return cls(frozenset(words))

    @property
    def key(self) -> str:
        """The canonical `show` text; `parse(key)` gives the same options."""
        return ",".join(word for word in SHOWABLE if word in self.show)


@dataclass(frozen=True, slots=True)
class FrameResult:
    """What the vision process says of one frame.

    Attributes:
        faces: One dictionary a face, as `Track.to_dict` makes it.
        stages_ms: Milliseconds by stage (`capture`, `detect`, `predict`, `annotate`, `encode`, ...).
        fps: Frames a second over the last second or so.
        pictures: JPEG bytes by `ViewOptions.key`, for the views in use.
        left_out: Pictures passed over since the result before because nobody was watching.
    """

    index: int
    time_s: float
    read_at_s: float
    width: int
    height: int
    faces: Sequence[Mapping[str, Any]]
    stages_ms: Mapping[str, float]
    fps: float
    pictures: Mapping[str, bytes]
    skipped_while_idle: int = 0
