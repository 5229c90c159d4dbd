"""A LiteRT network that runs on batches of face crops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from app.errors import ModelError
from app.vision.inference.face_crop import PatchSpec, crop_faces
from app.vision.inference.face_pose import FacePose
from app.vision.inference.litert import LiteRtModel
from app.vision.inference.model_card import MODEL, CardFiles, read_verified_model

# One model is kept per batch size: resizing it takes longer than a run.
BATCH_SIZES = (1, 2, 3, 4, 6, 8)


class CropModel(Protocol):
    """A network that runs on face crops."""

    def run_patches(self, patches: np.ndarray) -> np.ndarray:
        """Run on patches that `crop_face` made, uint8 (n, size, size, channels); float32, shape (n, outputs)."""


class LiteRtCropModel:
    """A `.tflite` network on one thread, checked against its card."""

    def __init__(self, card: CardFiles, patch: PatchSpec, outputs: int) -> None:
        """Load the network.

        Args:
            patch: Input of the network, from its card.
            outputs: Number of outputs, from its card.
        Raises:
            ModelError: the network is missing, altered, or does not match its card.
        """
        self.patch, self.outputs = patch, outputs
        self._path, self._content = card.folder / MODEL, read_verified_model(card)
        self._models: dict[int, LiteRtModel] = {}
        self._check_shapes(self._model(1))

    def run(self, image: np.ndarray, poses: Sequence[FacePose]) -> np.ndarray:
        """Crop and run all faces of an image in one call.

        Args:
            image: RGB uint8, shape (height, width, 3).
        Returns:
            float32, shape (len(poses), outputs).
        Raises:
            ValueError: image is not RGB uint8.
        """
        return self.run_patches(crop_faces(image, poses, self.patch))

    def run_patches(self, patches: np.ndarray) -> np.ndarray:
        """Run the network on patches that `crop_face` made.

        Args:
            patches: uint8, shape (n, size, size, channels).
        Returns:
            float32, shape (n, outputs).
        """
        largest = BATCH_SIZES[-1]
        parts = [self._run_batch(patches[start : start + largest]) for start in range(0, len(patches), largest)]
        return np.concatenate(parts) if parts else np.empty((0, self.outputs), np.float32)

    def _run_batch(self, patches: np.ndarray) -> np.ndarray:
        """Pad to the next batch size by repeating the last patch."""
        count = len(patches)
        batch_size = next(size for size in BATCH_SIZES if size >= count)
        if batch_size > count:
            patches = np.concatenate([patches, np.repeat(patches[-1:], batch_size - count, axis=0)])
        return self._model(batch_size).run(patches)[:count]

    def _model(self, batch_size: int) -> LiteRtModel:
        if batch_size not in self._models:
            self._models[batch_size] = LiteRtModel(self._content, (batch_size, None, None, None), self._path)
        return self._models[batch_size]

    def _check_shapes(self, model: LiteRtModel) -> None:
        shape = model.input_shape[1:]
        if shape != self.patch.shape or model.input_dtype != np.uint8:
            raise ModelError(
                f"{self._path} takes {model.input_dtype.name} {shape}, but its card cuts uint8 {self.patch.shape}; "
                "export the model again"
            )
        if model.output_shape[-1] != self.outputs:
            raise ModelError(
                f"{self._path} gives {model.output_shape[-1]} outputs, but its card has {self.outputs} labels; "
                "export the model again"
            )
