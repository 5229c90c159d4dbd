"""Run the models on faces through LiteRT."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from app.domain import Face
from app.errors import ModelError
from app.model_cards import CARD_FILE
from app.vision.inference.crop_model import LiteRtCropModel
from app.vision.inference.face_pose import FacePose
from app.vision.inference.model_card import ModelCard, read_card


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


def load_predictors(models: str | Path, *, race: bool = False) -> list[Predictor]:
    """Load the model of every folder in `models` whose card has heads, by name of the folder.

    Args:
        race: Tell perceived race too; otherwise no card tells it, and a model that reads nothing else is left out.
    Raises:
        ModelError: there is none, or one is missing, altered, or does not fit its card.
    """
    folders = sorted(path.parent for path in Path(models).glob(f"*/{CARD_FILE}"))
    cards = [card for card in map(read_card, folders) if card is not None]
    if not cards:
        raise ModelError(f"there is no model in {str(models)!r}; train and export one, or give another --models folder")
    told = cards if race else [card.without("race") for card in cards]
    return [LiteRtPredictor(card) for card in told if card.served_heads]


class LiteRtPredictor:
    """A `.tflite` model on one thread, checked against its card."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card
        self._network = LiteRtCropModel(card, card.patch, card.outputs)

    def predict(self, image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
        return self._network.read(image, [FacePose.from_face(face) for face in faces])

    def predict_patches(self, patches: np.ndarray) -> np.ndarray:
        """Run the model on patches that were cut before.

        Args:
            patches: uint8, shape (n, size, size, channels) as the card's patch says.
        Returns:
            float32 logits, shape (n, card.outputs).
        """
        return self._network.read_patches(patches)
