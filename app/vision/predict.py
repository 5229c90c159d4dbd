"""Run the models on faces through LiteRT."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from app.domain import Face
from app.errors import ModelError
from app.vision.litert import answer, interpreter_for
from app.vision.modelcard import CARD, MODEL, ModelCard, read_card, verified_model
from app.vision.patch import cut

# An interpreter is kept for each of these numbers of faces: changing one's number costs more than a whole call.
BATCHES = (1, 2, 3, 4, 6, 8)


class Predictor(Protocol):
    """One model that reads attributes from faces."""

    card: ModelCard

    def predict(self, image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
        """Run the model on every face in one call.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: Faces in image pixels; may be empty.
        Returns:
            float32 logits, shape (len(faces), card.outputs); columns follow the card's heads and labels.
        Raises:
            ValueError: the image is not RGB uint8.
        """


def load_predictors(models: str | Path) -> list[Predictor]:
    """Load the model of every folder in `models` whose card has heads, by name of the folder.

    Raises:
        ModelError: there is none, or one is missing, altered, or does not fit its card.
    """
    folders = sorted(path.parent for path in Path(models).glob(f"*/{CARD}"))
    cards = [card for card in map(read_card, folders) if card is not None]
    if not cards:
        raise ModelError(f"there is no model in {str(models)!r}; train and export one, or give another --models folder")
    return [LiteRtPredictor(card) for card in cards]


class LiteRtPredictor:
    """A `.tflite` model on one thread, checked against its card."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card
        self._content = verified_model(card)
        self._interpreters: dict[int, Any] = {}
        self._check_against_card(self._interpreter(1))

    def predict(self, image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise ValueError(f"the image is {image.dtype} {image.shape}, not RGB uint8 (height, width, 3)")
        patches = [cut(image, face.box, self.card.patch) for face in faces]
        return self.predict_patches(np.stack(patches)) if patches else self._nothing()

    def predict_patches(self, patches: np.ndarray) -> np.ndarray:
        """Run the model on patches that were cut before.

        Args:
            patches: uint8, shape (n, size, size, channels) as the card's patch says.
        Returns:
            float32 logits, shape (n, card.outputs).
        """
        most = BATCHES[-1]
        parts = [self._run(patches[start : start + most]) for start in range(0, len(patches), most)]
        return np.concatenate(parts) if parts else self._nothing()

    def _nothing(self) -> np.ndarray:
        return np.empty((0, self.card.outputs), np.float32)

    def _run(self, patches: np.ndarray) -> np.ndarray:
        count = len(patches)
        batch = next(size for size in BATCHES if size >= count)
        interpreter = self._interpreter(batch)
        if batch > count:
            patches = np.concatenate([patches, np.repeat(patches[-1:], batch - count, axis=0)])
        return answer(interpreter, patches)[:count]

    def _interpreter(self, batch: int) -> Any:
        if batch not in self._interpreters:
            path = self.card.folder / MODEL
            self._interpreters[batch] = interpreter_for(self._content, (batch, None, None, None), path)
        return self._interpreters[batch]

    def _check_against_card(self, interpreter: Any) -> None:
        source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
        path, wanted = self.card.folder / MODEL, self.card.patch.shape
        found = tuple(int(side) for side in source["shape"][1:])
        if found != wanted or source["dtype"] != np.uint8:
            kind = np.dtype(source["dtype"]).name
            raise ModelError(f"{path} takes {kind} {found}, but its card cuts uint8 {wanted}; export the model again")
        if int(result["shape"][-1]) != self.card.outputs:
            raise ModelError(
                f"{path} gives {int(result['shape'][-1])} outputs, but its card has {self.card.outputs} labels; "
                "export the model again"
            )
