"""A LiteRT network that runs on batches of face crops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from app.errors import ModelError
from app.vision.inference.face_crop import PatchSpec, crop_face
from app.vision.inference.face_pose import FacePose
from app.vision.inference.litert import load_interpreter, run_interpreter
from app.vision.inference.model_card import MODEL, CardFiles, read_verified_model

# One interpreter is kept per batch size: resizing an interpreter takes longer than a run.
BATCH_SIZES = (1, 2, 3, 4, 6, 8)


class CropModel(Protocol):
    """A network that runs on face crops."""

    def run(self, image: np.ndarray, poses: Sequence[FacePose]) -> np.ndarray:
        """Crop and run all faces of an image; float32, shape (len(poses), outputs)."""


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
        self._interpreters: dict[int, Any] = {}
        self._check_shapes(self._interpreter(1))

    def run(self, image: np.ndarray, poses: Sequence[FacePose]) -> np.ndarray:
        """Crop and run all faces of an image in one call.

        Args:
            image: RGB uint8, shape (height, width, 3).
        Returns:
            float32, shape (len(poses), outputs).
        Raises:
            ValueError: image is not RGB uint8.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"the image is {image.dtype} {image.shape}, not RGB uint8 (height, width, 3)")
        patches = [crop_face(image, pose, self.patch) for pose in poses]
        return self.run_patches(np.array(patches, np.uint8).reshape(-1, *self.patch.shape))

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
        interpreter = self._interpreter(batch_size)
        if batch_size > count:
            patches = np.concatenate([patches, np.repeat(patches[-1:], batch_size - count, axis=0)])
        return run_interpreter(interpreter, patches)[:count]

    def _interpreter(self, batch_size: int) -> Any:
        if batch_size not in self._interpreters:
            shape = (batch_size, None, None, None)
            self._interpreters[batch_size] = load_interpreter(self._content, shape, self._path)
        return self._interpreters[batch_size]

    def _check_shapes(self, interpreter: Any) -> None:
        inputs, outputs = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        shape = tuple(int(side) for side in inputs["shape"][1:])
        if shape != self.patch.shape or inputs["dtype"] != np.uint8:
            dtype = np.dtype(inputs["dtype"]).name
            raise ModelError(
                f"{self._path} takes {dtype} {shape}, but its card cuts uint8 {self.patch.shape}; "
                "export the model again"
            )
        if int(outputs["shape"][-1]) != self.outputs:
            raise ModelError(
                f"{self._path} gives {int(outputs['shape'][-1])} outputs, but its card has {self.outputs} labels; "
                "export the model again"
            )
