"""The results of a face with rounded values, and their JSON form (docs/api.md, "Face")."""

from __future__ import annotations

from typing import Any

from app.attributes.attribute_set import AttributeSet
from app.domain import Box, FaceResult, Track

SCORE_DIGITS = 4
BOX_DIGITS = 1


def face_result(track: Track, attributes: AttributeSet) -> FaceResult:
    """The results of a tracked face."""
    box = track.face.box
    return FaceResult(
        track.id,
        Box(*(round(value, BOX_DIGITS) for value in (box.x1, box.y1, box.x2, box.y2))),
        round(track.face.score, SCORE_DIGITS),
        {name: attributes[name].rounded(estimate) for name, estimate in track.estimates.items()},
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
