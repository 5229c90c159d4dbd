"""Large faces in images that are searched at a higher resolution than the detector was trained for.

There it sees noses, ears and shoulders of close-ups as faces. Large faces are therefore taken from a second search at
the usual resolution, and boxes on the same person are dropped.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.domain import Face

# An image may be a close-up if the finer search finds a face of at least this mean side, as a fraction of the image's
# longer side, or none. Below 0.16 with a margin, since that search sees large faces too small.
MIN_CLOSE_UP_FRACTION = 0.14
# From this mean side on, as a fraction of the image's longer side, faces are taken from the search at the usual
# resolution. Chosen on portraits of All-Age-Faces that fill a sixth to all of an image of 1,280 pixels.
MIN_LARGE_FRACTION = 0.16
# Boxes whose centre is within this many face sizes of a large face's box belong to the same person if they are smaller
# than the given fraction of the face.
PERSON_MARGIN = 1.0
MAX_PART_FRACTION = 0.7
MAX_PART_IOU = 0.1


def may_be_close_up(faces: Sequence[Face], longest_px: int) -> bool:
    """Whether a second search at the usual resolution is worth its time.

    Args:
        faces: Faces found at the higher resolution, in image pixels.
        longest_px: Longer side of the image.
    """
    return not faces or max(map(_mean_side, faces)) >= MIN_CLOSE_UP_FRACTION * longest_px


def merge_scales(
    usual: Sequence[Face], fine: Sequence[Face], longest_px: int, *, drops_parts: bool = True
) -> list[Face]:
    """Large faces of the search at the usual resolution and small ones of the finer search, highest score first.

    Args:
        usual: Faces found at the resolution that the network was trained for, in image pixels.
        fine: Faces found at the higher one, in image pixels.
        longest_px: Longer side of the image.
        drops_parts: Whether small boxes on the person of a large face are dropped, besides those that overlap it.
    """
    min_large_px = MIN_LARGE_FRACTION * longest_px
    large = [face for face in usual if _mean_side(face) >= min_large_px]
    if not large:
        return list(fine)
    small = [
        face
        for face in fine
        if _mean_side(face) < min_large_px
        and not any(_overlaps(face, other) or (drops_parts and _is_part_of(face, other)) for other in large)
    ]
    return sorted([*large, *small], key=lambda face: -face.score)


def _overlaps(face: Face, other: Face) -> bool:
    return face.box.iou(other.box) > MAX_PART_IOU


def _is_part_of(face: Face, person: Face) -> bool:
    """Whether a box lies on a person with a large face: a nose, an ear, a shoulder."""
    (x, y), (person_x, person_y) = face.box.center, person.box.center
    reach = 0.5 + PERSON_MARGIN
    is_near = abs(x - person_x) <= reach * person.box.width and abs(y - person_y) <= reach * person.box.height
    return is_near and _mean_side(face) < MAX_PART_FRACTION * _mean_side(person)


def _mean_side(face: Face) -> float:
    """Mean of width and height of the box in pixels."""
    return (face.box.width + face.box.height) / 2
