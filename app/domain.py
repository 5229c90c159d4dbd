"""Value types of the app: frames, boxes, faces, tracks, view options and frame results (NumPy and stdlib only)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from app.attributes.estimate import Estimates
from app.errors import UnknownView


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
class LandmarkTemplate:
    """What the landmark network saw of a face when it last located its landmarks.

    Attributes:
        patch: Gray uint8, shape (size, size, 1).
        points: Landmarks in pixels of the patch, float32 (points, 2), in the order of the network.
    """

    patch: np.ndarray
    points: np.ndarray


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
        template: From which its landmarks can be followed; None if the landmark network has not located them.
    """

    box: Box
    score: float
    points: np.ndarray | None = None
    landmark_confidence_ema: float | None = None
    occluded: bool = False
    template: LandmarkTemplate | None = None

    @property
    def is_trackable(self) -> bool:
        """Whether the landmark network can track the face between detections."""
        return self.landmark_confidence_ema is not None and not self.occluded

    def scale_by(self, factor: float) -> Face:
        """The face in an image resized by `factor`."""
        points = None if self.points is None else self.points * np.float32(factor)
        return self.move_to(self.box.scale_by(factor), points)

    def move_to(self, box: Box, points: np.ndarray | None) -> Face:
        """The face at another position. Every face is moved several times a frame, and `replace` is slow."""
        return Face(box, self.score, points, self.landmark_confidence_ema, self.occluded, self.template)


@dataclass(frozen=True, slots=True)
class Track:
    """A face followed over time; `id` is never reused while the source runs.

    Attributes:
        estimates: What is reported of the face, by name of the attribute.
        is_detected: Whether the last detector run found the face; otherwise its position is predicted.
        neutral_face: `measuring` while the person's neutral face is measured, `applied` once readings are corrected by
            it; None without one.
    """

    id: int
    face: Face
    estimates: Estimates = field(default_factory=dict)
    is_detected: bool = True
    neutral_face: str | None = None


@dataclass(frozen=True, slots=True)
class FaceResult:
    """What viewers and sessions get of a face, with the digits of docs/api.md.

    Attributes:
        id: Id of the track.
        score: Confidence of the detector, 0 to 1.
        estimates: By name of the attribute, in the order of the attributes.
        neutral_face: As in `Track`.
    """

    id: int
    box: Box
    score: float
    estimates: Estimates = field(default_factory=dict)
    neutral_face: str | None = None


class PictureSize(StrEnum):
    """How large a viewer shows the picture; labels are drawn to be readable at this size."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """What one viewer sees in the picture; viewers with equal options share one encoded image.

    Attributes:
        show: Overlays that are switched on, in the order of all overlays.
        size: Size at which the picture is shown.
        language: Code of the language of the labels.
    """

    show: tuple[str, ...] = ()
    size: PictureSize = PictureSize.MEDIUM
    language: str = "en"

    @classmethod
    def parse(
        cls,
        text: str | None,
        showable: Sequence[str],
        default: Sequence[str],
        *,
        size: str | None = None,
        language: str | None = None,
        languages: Collection[str] = ("en",),
    ) -> ViewOptions:
        """Parse a `show` value such as `boxes,emotion`; None gives the default, an empty text no overlays.

        Args:
            size: A value of `PictureSize`; None stands for the default.
            language: One of `languages`; None stands for the default.
        Raises:
            UnknownView: the text has a word that is not in `showable`, or the size or language is unknown.
        """
        words = set(default) if text is None else {word.strip() for word in text.split(",")} - {""}
        unknown = sorted(words - set(showable))
        if unknown:
            raise UnknownView(f"unknown view {', '.join(map(repr, unknown))}; choose from {', '.join(showable)}")
        if size is not None and size not in list(PictureSize):
            raise UnknownView(f"unknown size {size!r}; choose from {', '.join(PictureSize)}")
        if language is not None and language not in languages:
            raise UnknownView(f"unknown language {language!r}; choose from {', '.join(languages)}")
        shown = tuple(word for word in showable if word in words)
        return cls(shown, PictureSize(size or cls().size), language or cls().language)

    @classmethod
    def from_key(cls, key: str) -> ViewOptions:
        """The options with this key."""
        show, *others = key.split(";")
        size, language = others or (cls().size, cls().language)
        return cls(tuple(filter(None, show.split(","))), PictureSize(size), language)

    @property
    def key(self) -> str:
        """Canonical text: the `show` value, followed by size and language if one of them is not the default."""
        show = ",".join(self.show)
        is_default = (self.size, self.language) == (ViewOptions().size, ViewOptions().language)
        return show if is_default else f"{show};{self.size};{self.language}"

    def other_sizes(self) -> list[ViewOptions]:
        """The same options at the other sizes, the default size first."""
        sizes = sorted(PictureSize, key=lambda size: size is not PictureSize.MEDIUM)
        return [replace(self, size=size) for size in sizes if size is not self.size]


@dataclass(frozen=True, slots=True)
class FrameResult:
    """Result of the vision process for one frame.

    Attributes:
        stages_ms: Duration in milliseconds by stage (`capture`, `detect`, `predict`, `annotate`, `encode`, ...).
        fps: Frames per second over the last second.
        jpegs: Encoded image by `ViewOptions.key`, for the views in use.
        skipped_while_idle: Frames skipped since the previous result because there were no viewers.
        position_s: Position in a file or folder, in seconds; None for other sources.
    """

    index: int
    time_s: float
    read_at_s: float
    width: int
    height: int
    faces: Sequence[FaceResult]
    stages_ms: Mapping[str, float]
    fps: float
    jpegs: Mapping[str, bytes]
    skipped_while_idle: int = 0
    position_s: float | None = None
