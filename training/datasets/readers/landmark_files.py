"""Load landmarks stored in an `.npz` of names and points."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.errors import UnreadableMedia


def load_landmarks(path: Path, names: Sequence[str], points: int) -> dict[str, np.ndarray]:
    """Load the arrays of an `.npz`, each with one row per image.

    Args:
        names: Arrays to load; `keypoints`, shape (n, points, 2) in pixels, is one of them.
        points: Number of landmarks per face.
    Raises:
        UnreadableMedia: the file is damaged, lacks an array, or has another number of landmarks.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = {name: stored[name] for name in names}
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise UnreadableMedia(f"{path} cannot be read ({error}); it should hold {', '.join(names)}") from None
    count = len(found["name"])
    if found["keypoints"].shape != (count, points, 2) or {len(array) for array in found.values()} != {count}:
        raise UnreadableMedia(
            f"{path} has keypoints {found['keypoints'].shape}; expected ({count}, {points}, 2), a row for every name"
        )
    return found
