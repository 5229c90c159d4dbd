"""Model cards: the inputs, outputs and file hashes of a model, read from `card.json`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from app.attributes.estimate import Estimate
from app.attributes.output_head import Head, parse_heads
from app.errors import ModelError
from app.model_cards import CARD_FILE, load_card
from app.vision.inference.face_crop import PatchSpec

MODEL = "model.tflite"
Card = TypeVar("Card")


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Contents of the `card.json` of an attribute model; the label order is defined here and nowhere else.

    Attributes:
        served: Attributes that are reported; outputs for others are discarded. None stands for all.
    """

    name: str
    title: str
    patch: PatchSpec
    heads: tuple[Head, ...]
    files: Mapping[str, str]
    folder: Path
    served: frozenset[str] | None = None

    def serving(self, attributes: Collection[str]) -> ModelCard:
        """Copy of the card that reports only these attributes."""
        return replace(self, served=frozenset(attributes))

    @property
    def served_heads(self) -> tuple[Head, ...]:
        """Heads whose attributes are reported."""
        return tuple(head for head in self.heads if self.served is None or head.attribute in self.served)

    @property
    def outputs(self) -> int:
        """Number of outputs of the model."""
        return sum(head.outputs for head in self.heads)

    @property
    def class_labels(self) -> list[str]:
        """Labels of the served heads of kind `classes`."""
        return [label for head in self.served_heads if head.kind == "classes" for label in head.labels]

    def head_logits(self, logits: np.ndarray) -> list[tuple[Head, np.ndarray]]:
        """Split float32 logits of shape (..., outputs) into the columns of each head."""
        ends = np.cumsum([head.outputs for head in self.heads])
        return [(head, logits[..., end - head.outputs : end]) for head, end in zip(self.heads, ends, strict=True)]

    def estimates(self, logits: np.ndarray) -> dict[str, Estimate]:
        """Reported attributes of one face from float32 logits of shape (outputs,)."""
        served = self.served_heads
        return {head.attribute: head.estimate(part) for head, part in self.head_logits(logits) if head in served}


class CardFiles(Protocol):
    """Part of a card that all kinds of models share."""

    @property
    def files(self) -> Mapping[str, str]:
        """SHA-256 by file name."""

    @property
    def folder(self) -> Path:
        """Folder of the model."""


def read_card(folder: Path) -> ModelCard | None:
    """Read the card in a model's folder; None if it is not an attribute model (it has no heads).

    Raises:
        ModelError: the card is missing, incomplete or invalid.
    """
    return parse_card(folder, lambda content: _model_card(content, folder))


def parse_card(folder: Path, parse: Callable[[Any], Card]) -> Card:
    """Apply `parse` to the content of the card in a folder.

    Raises:
        ModelError: the card is missing or unreadable, or `parse` finds it incomplete or invalid.
    """
    content = load_card(folder)
    try:
        return parse(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        path, reason = folder / CARD_FILE, _reason(error)
        raise ModelError(f"{path} does not describe a model ({reason}); export the model again") from None


def parse_patch_spec(patch: Mapping[str, Any]) -> PatchSpec:
    """Parse the `patch` entry of a card.

    Raises:
        KeyError, TypeError, ValueError: the entry is incomplete or invalid.
    """
    offset_y, aligned = float(patch.get("offset_y", 0.0)), bool(patch.get("aligned", False))
    spec = PatchSpec(int(patch["size"]), patch["colour"], float(patch["margin"]), offset_y, aligned)
    if spec.colour not in ("gray", "rgb") or spec.size < 1 or spec.margin <= 0:
        raise ValueError(f"patch {patch} is not a valid patch")
    return spec


def read_verified_model(card: CardFiles) -> bytes:
    """Read the model file and check its hash.

    Raises:
        ModelError: the file is missing, or does not have the hash in the card.
    """
    path = card.folder / MODEL
    if not path.is_file():
        raise ModelError(f"{path} does not exist; export the model again or give another --models folder")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card.files.get(MODEL):
        raise ModelError(f"{path} is not the file its card was written for (the hash differs); export the model again")
    return content


def _model_card(content: Mapping[str, Any], folder: Path) -> ModelCard | None:
    if isinstance(content, dict) and "heads" not in content:
        return None
    patch = parse_patch_spec(content["patch"])
    heads = parse_heads(content)
    title = content.get("title", content["name"])
    return ModelCard(content["name"], title, patch, heads, dict(content["files"]), folder)


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
