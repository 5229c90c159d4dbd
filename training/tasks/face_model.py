"""A network that reads single faces, in the form that is scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.attributes.output_head import INTERVAL_SHARE, Head
from app.numerics import softmax
from app.vision.inference.face_crop import PatchSpec


@dataclass(frozen=True, slots=True)
class Windows:
    """The affine windows through which a spatial transformer looks at its patches.

    Attributes:
        patches: uint8 (n, side, side, channels).
        rows: As `networks.spatial_transformer` takes them, float32 (n, 6).
    """

    patches: np.ndarray
    rows: np.ndarray

    @property
    def area_shares(self) -> np.ndarray:
        """Size of each window in areas of the patch, float64 (n,)."""
        return np.abs(np.linalg.det(self.rows.reshape(-1, 2, 3)[..., :2]))


@dataclass(frozen=True, slots=True)
class FaceModel:
    """A network that reads single faces.

    Attributes:
        title: For people.
        heads: Meaning of the output columns; those of kind `value` are plain numbers.
        predict: Outputs, float32 (n, columns), of uint8 patches (n, size, size, channels).
        folder: Of the model or the run.
        windows: What a spatial transformer looks at in uint8 patches (n, size, size, channels), float32 (n, 6); None if
            the network has none.
    """

    title: str
    patch: PatchSpec
    heads: Sequence[Head]
    predict: Callable[[np.ndarray], np.ndarray]
    folder: Path
    windows: Callable[[np.ndarray], np.ndarray] | None = None

    @property
    def attributes(self) -> set[str]:
        return {head.attribute for head in self.heads}

    def answers(self, patches: np.ndarray) -> dict[str, np.ndarray]:
        """Predictions by attribute, float64.

        Classes give probabilities (n, labels), bins the value and its interval (n, 3), plain values (n, columns).
        """
        outputs = self.predict(patches)
        ends = np.cumsum([head.outputs for head in self.heads])
        parts = np.split(outputs, ends[:-1], axis=-1)
        return {head.attribute: _prediction(head, part) for head, part in zip(self.heads, parts, strict=True)}


def _prediction(head: Head, outputs: np.ndarray) -> np.ndarray:
    if head.kind in ("value", "number"):
        return outputs.astype(np.float64)
    return (
        head.expected_with_intervals(outputs, INTERVAL_SHARE)
        if head.kind == "bins"
        else softmax(outputs / head.temperature)
    )
