"""A network that reads patches of faces, through LiteRT and in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from app.errors import ModelError
from app.vision.inference.face_crop import PatchSpec, crop_face
from app.vision.inference.face_pose import FacePose
from app.vision.inference.litert import load_interpreter, run_interpreter
from app.vision.inference.model_card import MODEL, CardFiles, read_verified_model

# An interpreter is kept for each of these numbers of faces: changing one's number costs more than a whole call.
BATCHES = (1, 2, 3, 4, 6, 8)


class LiteRtCropModel:
    """A `.tflite` network on one thread, checked against its card."""

    def __init__(self, card: CardFiles, patch: PatchSpec, outputs: int) -> None:
        """Load the network.

        Args:
            patch, outputs: What the card says that goes in and how many numbers come out.
        Raises:
            ModelError: the network is missing, altered, or does not fit its card.
        """
        self.patch, self.outputs = patch, outputs
        self._path, self._content = card.folder / MODEL, read_verified_model(card)
        self._interpreters: dict[int, Any] = {}
        self._check(self._interpreter(1))

    def read(self, image: np.ndarray, frames: Sequence[FacePose]) -> np.ndarray:
        """Outputs of every face of a picture in one call, float32 (n, outputs).

        Args:
            image: RGB uint8, shape (height, width, 3).
        Raises:
            ValueError: the image is not RGB uint8.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"the image is {image.dtype} {image.shape}, not RGB uint8 (height, width, 3)")
        patches = [crop_face(image, frame, self.patch) for frame in frames]
        return self.read_patches(np.array(patches, np.uint8).reshape(-1, *self.patch.shape))

    def read_patches(self, patches: np.ndarray) -> np.ndarray:
        """Outputs of patches that were cut before, float32 (n, outputs).

        Args:
            patches: uint8, shape (n, size, size, channels).
        """
        most = BATCHES[-1]
        parts = [self._run(patches[start : start + most]) for start in range(0, len(patches), most)]
        return np.concatenate(parts) if parts else np.empty((0, self.outputs), np.float32)

    def _run(self, patches: np.ndarray) -> np.ndarray:
        count = len(patches)
        batch = next(size for size in BATCHES if size >= count)
        interpreter = self._interpreter(batch)
        if batch > count:
            patches = np.concatenate([patches, np.repeat(patches[-1:], batch - count, axis=0)])
        return run_interpreter(interpreter, patches)[:count]

    def _interpreter(self, batch: int) -> Any:
        if batch not in self._interpreters:
            self._interpreters[batch] = load_interpreter(self._content, (batch, None, None, None), self._path)
        return self._interpreters[batch]

    def _check(self, interpreter: Any) -> None:
        source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        found = tuple(int(side) for side in source["shape"][1:])
        if found != self.patch.shape or source["dtype"] != np.uint8:
            kind = np.dtype(source["dtype"]).name
            raise ModelError(
                f"{self._path} takes {kind} {found}, but its card cuts uint8 {self.patch.shape}; export the model again"
            )
        if int(result["shape"][-1]) != self.outputs:
            raise ModelError(
                f"{self._path} gives {int(result['shape'][-1])} outputs, but its card has {self.outputs} labels; "
                "export the model again"
            )
