"""The results of a face with rounded values, and their JSON form (docs/api.md, "Face")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.attributes.estimate import Estimates
from app.domain import Box, FaceResult, Track

SCORE_DIGITS = 4
BOX_DIGITS = 1


class FaceResults:
    """Rounds the results of tracked faces. Most frames leave the estimates of a face as they are."""

    def __init__(self, attributes: AttributeSet) -> None:
        self._attributes = attributes
        self._rounded: dict[int, tuple[Estimates, Estimates]] = {}

    def of(self, tracks: Sequence[Track]) -> list[FaceResult]:
        """The results of the faces of a frame."""
        self._rounded = {track.id: self._estimates_of(track) for track in tracks}
        return [_with_estimates(track, self._rounded[track.id][1]) for track in tracks]

    def _estimates_of(self, track: Track) -> tuple[Estimates, Estimates]:
        """The estimates, and the same rounded."""
        known = self._rounded.get(track.id)
        if known is not None and known[0] is track.estimates:
            return known
        return track.estimates, _round(track, self._attributes)


def face_result(track: Track, attributes: AttributeSet) -> FaceResult:
    """The results of a tracked face."""
    return _with_estimates(track, _round(track, attributes))


def _round(track: Track, attributes: AttributeSet) -> Estimates:
    return {name: attributes[name].rounded(estimate) for name, estimate in track.estimates.items()}


def _with_estimates(track: Track, estimates: Estimates) -> FaceResult:
    box = track.face.box
    return FaceResult(
        track.id,
        Box(*(round(value, BOX_DIGITS) for value in (box.x1, box.y1, box.x2, box.y2))),
        round(track.face.score, SCORE_DIGITS),
        estimates,
        track.neutral_face,
    )


def face_to_json(face: FaceResult, attributes: AttributeSet) -> dict[str, Any]:
    """The JSON form of a face. Attributes without a model, or unknown to this process, are absent."""
    box = face.box
    return {
        "id": face.id,
        "box": [box.x1, box.y1, box.x2, box.y2],
        "score": face.score,
        **({"neutral_face": face.neutral_face} if face.neutral_face else {}),
        **{name: attributes[name].to_json(one) for name, one in face.estimates.items() if name in attributes},
    }
