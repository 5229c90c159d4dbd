"""Attribute models that run on face crops through LiteRT."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    """A model that predicts attributes of faces."""

    card: ModelCard

    def predict(self, image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
        """Run the model on all faces in one call.

        Args:
            image: RGB uint8, shape (height, width, 3).
            faces: Faces in image pixels; may be empty.
        Returns:
            float32 logits, shape (len(faces), card.outputs); columns follow the heads and labels of the card.
        Raises:
            ValueError: image is not RGB uint8.
        """


def load_predictors(models: str | Path, served: Collection[str] | None = None) -> list[Predictor]:
    """Load the model of every folder in `models` whose card has heads, by folder name.

    Args:
        served: Attributes that are reported; a model that predicts none of them is skipped. None stands for all.
    Raises:
        ModelError: there is no model, or one is missing, altered, or does not match its card.
    """
    folders = sorted(path.parent for path in Path(models).glob(f"*/{CARD_FILE}"))
    cards = [card for card in map(read_card, folders) if card is not None]
    if not cards:
        raise ModelError(f"there is no model in {str(models)!r}; train and export one, or give another --models folder")
    serving = cards if served is None else [card.serving(served) for card in cards]
    return [LiteRtPredictor(card) for card in serving if card.served_heads]


class LiteRtPredictor:
    """A `.tflite` attribute model, checked against its card."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card
        self._model = LiteRtCropModel(card, card.patch, card.outputs)

    def predict(self, image: np.ndarray, faces: Sequence[Face]) -> np.ndarray:
        """Run the model on all faces; see `Predictor.predict`."""
        return self._model.run(image, [FacePose.from_face(face) for face in faces])

    def predict_patches(self, patches: np.ndarray) -> np.ndarray:
        """Run the model on patches that `crop_face` made.

        Args:
            patches: uint8, shape (n, size, size, channels) as the card's patch says.
        Returns:
            float32 logits, shape (n, card.outputs).
        """
        return self._model.run_patches(patches)
