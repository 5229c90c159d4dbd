"""Follow known faces through pictures in which nobody looks for faces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Protocol

import numpy as np

from app.domain import Face
from app.vision.landmarks import FOLDER, LandmarkNetwork, read_landmark_card

SAME = 0.5  # overlap of two boxes that are of one face


class Follower(Protocol):
    """Finds known faces again near where they are expected, and tells faces from what a detector took for them."""

    def found(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face]:
        """Those of a detector's faces that are faces, perhaps with a better place.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: In image pixels.
        """

    def follow(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face | None]:
        """Each face where it is in this picture, None for who is out of sight; empty where nobody can be followed.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: Where motion leads the faces, in image pixels.
        """


class ByMotion:
    """Tells nothing, so that each face is taken to be where the detector found it and then where its motion leads."""

    def found(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face]:
        return faces

    def follow(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face | None]:
        return []


def one_each(followed: Sequence[Face | None], expected: Sequence[Face]) -> list[Face | None]:
    """What was followed, but of two that ended on one face only the one that was expected nearer to it."""
    kept = list(followed)
    for first, second in combinations(range(len(kept)), 2):
        one, other = kept[first], kept[second]
        if one is not None and other is not None and one.box.overlap(other.box) > SAME:
            nearer = one.box.overlap(expected[first].box) >= other.box.overlap(expected[second].box)
            kept[second if nearer else first] = None
    return kept


def load_follower(models: str | Path) -> Follower:
    """The landmark network in a folder of models; motion alone where there is none.

    Raises:
        ModelError: the network is damaged, altered, or does not fit its card.
    """
    folder = Path(models) / FOLDER
    return LandmarkNetwork(read_landmark_card(folder)) if folder.is_dir() else ByMotion()
