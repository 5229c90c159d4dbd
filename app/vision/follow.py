"""Follow known faces through pictures in which nobody looks for faces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from app.domain import Face


class Follower(Protocol):
    """Finds known faces again near where they are expected."""

    def follow(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face | None]:
        """Each face where it is in this picture; None where that cannot be told.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: Where motion leads the faces, in image pixels.
        """


class ByMotion:
    """Tells nothing, so that each face is taken to be where its motion leads."""

    def follow(self, image: np.ndarray, faces: Sequence[Face]) -> Sequence[Face | None]:
        return [None] * len(faces)
