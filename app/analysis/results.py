"""Results of the analysis: one per picture or video frame, with its faces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import Estimates
from app.domain import Box, FaceResult, Frame, Track
from app.errors import AppError, UnreadableMedia
from app.face_json import face_result, face_to_json

# Digits after the decimal point of time stamps.
TIME_DIGITS = 4
# For results that travel between processes; the receiver puts its own in.
NO_ATTRIBUTES = AttributeSet(())


@dataclass(frozen=True, slots=True)
class FaceRecord:
    """One face; a `FaceResult` that knows its JSON form.

    Attributes:
        id: 1, 2, ... in a picture; stays with a person through a video.
        box: In image pixels.
        score: Confidence of the detector, 0 to 1.
        estimates: By name of the attribute: `ClassEstimate`, `NumberEstimate` or `VectorEstimate`.
    """

    id: int
    box: Box
    score: float
    estimates: Estimates
    attributes: AttributeSet = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form of docs/api.md, "Face"."""
        return face_to_json(FaceResult(self.id, self.box, self.score, self.estimates), self.attributes)


@dataclass(frozen=True, slots=True)
class Result:
    """The faces of one picture or video frame, or why it cannot be read.

    Attributes:
        path: Path or address; None for arrays, bytes and Pillow images.
        frame: Number of the frame in a video, from 0.
        time_s: Time stamp of the frame in seconds.
        width, height: Size in pixels; 0 if it cannot be read.
        faces: Empty without a face.
        error: One line with the remedy; None if it was read.
        reason: The error in a few words, by which files are counted.
    """

    path: str | None
    frame: int = 0
    time_s: float = 0.0
    width: int = 0
    height: int = 0
    faces: tuple[FaceRecord, ...] = ()
    error: str | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form of docs/api.md, "Command line"."""
        if self.error is not None:
            return {"path": self.path, "error": self.error}
        return {
            "path": self.path,
            "frame": self.frame,
            "time_s": self.time_s,
            "width": self.width,
            "height": self.height,
            "faces": [face.to_dict() for face in self.faces],
        }

    def with_attributes(self, attributes: AttributeSet) -> Result:
        """The result with these attributes in its faces."""
        return replace(self, faces=tuple(replace(face, attributes=attributes) for face in self.faces))


def frame_result(path: str | None, frame: Frame, tracks: Iterable[Track], attributes: AttributeSet) -> Result:
    """The result of an analysed frame."""
    faces = (face_result(track, attributes) for track in tracks)
    records = tuple(FaceRecord(face.id, face.box, face.score, face.estimates, attributes) for face in faces)
    return Result(path, frame.index, round(frame.time_s, TIME_DIGITS), frame.width, frame.height, records)


def error_result(path: str | None, error: AppError) -> Result:
    """The result of a file that cannot be read."""
    return Result(path, error=str(error), reason=error.reason if isinstance(error, UnreadableMedia) else "damaged")


def strip_attributes(results: Iterable[Result]) -> Iterator[Result]:
    """Results that are small to send to another process."""
    return (result.with_attributes(NO_ATTRIBUTES) for result in results)
