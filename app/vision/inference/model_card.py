"""Model cards: the inputs, outputs and file hashes of a model, read from `card.json`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np

from app.domain import MASK_WORN, Attributes
from app.errors import ModelError
from app.model_cards import CARD_FILE, load_card
from app.numerics import softmax
from app.vision.inference.face_crop import PatchSpec

MODEL = "model.tflite"
# Attributes reported with the probability of every label.
CLASS_ATTRIBUTES = ("emotion", "mask", "race")
# Probability mass of the reported age interval; 80 % is wide enough to be right, narrow enough to be useful.
AGE_INTERVAL_SHARE = 0.8
Card = TypeVar("Card")


@dataclass(frozen=True, slots=True)
class Head:
    """One attribute among the outputs of a model.

    Attributes:
        kind: `classes` (softmax over labels) or `bins` (softmax over numbers; the value is their mean).
        temperature: Divisor of the logits that calibrates the probabilities.
        interval_scale: For bins, pairs of (expected value, factor): the interval is widened by the factor, linearly
            interpolated, so that it has its nominal coverage. `stretch` in the card.
    """

    attribute: str
    kind: str
    labels: tuple[str, ...]
    temperature: float = 1.0
    interval_scale: tuple[tuple[float, float], ...] = ((0.0, 1.0),)

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Calibrated probabilities, float64, for this head's logits, shape (labels,)."""
        return softmax(logits.astype(np.float64) / self.temperature)

    def expected_value(self, logits: np.ndarray) -> float:
        """Mean of the bins for this head's logits, shape (labels,)."""
        return float(self.probabilities(logits) @ np.array(self.labels, float))

    def interval(self, logits: np.ndarray, share: float) -> tuple[float, float]:
        """Central interval with a share of the probability, scaled by `interval_scale` and clipped to the bins."""
        values, probabilities = np.array(self.labels, float), self.probabilities(logits)
        below = np.cumsum(probabilities) - probabilities / 2
        tails = ((1 - share) / 2, (1 + share) / 2)
        low, high = np.interp(tails, below, values)
        at, factors = np.array(self.interval_scale).T
        half = (high - low) / 2 * np.interp(probabilities @ values, at, factors)
        middle = (low + high) / 2
        first, last = np.clip([middle - half, middle + half], values.min(), values.max()).tolist()
        return first, last

    def expected_with_intervals(self, logits: np.ndarray, share: float) -> np.ndarray:
        """Expected value and interval of many faces, float64 (n, 3), for logits of shape (n, bins)."""
        return np.array([(self.expected_value(row), *self.interval(row, share)) for row in logits]).reshape(-1, 3)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Contents of the `card.json` of an attribute model; the label order is defined here and nowhere else.

    Attributes:
        hidden_attribute: Attribute that is not reported although the model predicts it.
    """

    name: str
    title: str
    patch: PatchSpec
    heads: tuple[Head, ...]
    files: Mapping[str, str]
    folder: Path
    hidden_attribute: str | None = None

    def without_attribute(self, attribute: str) -> ModelCard:
        """Copy of the card that does not report an attribute."""
        return replace(self, hidden_attribute=attribute)

    @property
    def served_heads(self) -> tuple[Head, ...]:
        """Heads whose attributes are reported."""
        return tuple(head for head in self.heads if head.attribute != self.hidden_attribute)

    @property
    def outputs(self) -> int:
        """Number of outputs of the model."""
        return sum(len(head.labels) for head in self.heads)

    @property
    def class_labels(self) -> list[str]:
        """Labels of the served heads of kind `classes`."""
        return [label for head in self.served_heads if head.kind == "classes" for label in head.labels]

    def head_logits(self, logits: np.ndarray) -> list[tuple[Head, np.ndarray]]:
        """Split float32 logits of shape (..., outputs) into the columns of each head."""
        ends = np.cumsum([len(head.labels) for head in self.heads])
        return [(head, logits[..., end - len(head.labels) : end]) for head, end in zip(self.heads, ends, strict=True)]

    def attributes(self, logits: np.ndarray) -> Attributes:
        """Attributes of one face from float32 logits of shape (outputs,)."""
        values: dict[str, Any] = {}
        for head, part in self.head_logits(logits):
            if head.attribute != self.hidden_attribute:
                values |= _attribute_values(head, part)
        return Attributes(**values)


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


def _attribute_values(head: Head, logits: np.ndarray) -> dict[str, Any]:
    """Fields of `Attributes` that a head sets."""
    if head.attribute in CLASS_ATTRIBUTES:
        return {head.attribute: dict(zip(head.labels, head.probabilities(logits).tolist(), strict=True))}
    if head.attribute == "age":
        interval = head.interval(logits, AGE_INTERVAL_SHARE)
        return {"age_years": head.expected_value(logits), "age_interval": interval}
    if head.attribute == "sex":
        return {"p_female": float(head.probabilities(logits)[head.labels.index("female")])}
    return {}


def _model_card(content: Mapping[str, Any], folder: Path) -> ModelCard | None:
    if isinstance(content, dict) and "heads" not in content:
        return None
    patch = parse_patch_spec(content["patch"])
    heads = tuple(_parse_head(entry) for entry in content["heads"])
    if not heads:
        raise ValueError("heads is empty")
    title = content.get("title", content["name"])
    return ModelCard(content["name"], title, patch, heads, dict(content["files"]), folder)


def _parse_head(entry: Mapping[str, Any]) -> Head:
    interval_scale = tuple((float(value), float(factor)) for value, factor in entry.get("stretch", [(0.0, 1.0)]))
    temperature = float(entry.get("temperature", 1.0))
    head = Head(entry["attribute"], entry["kind"], tuple(entry["labels"]), temperature, interval_scale)
    if head.kind not in ("classes", "bins"):
        raise ValueError(f"kind {head.kind!r} is neither classes nor bins")
    if len(set(head.labels)) != len(head.labels) or len(head.labels) < 2:
        raise ValueError(f"the labels of {head.attribute} are fewer than two or not all different")
    if head.temperature <= 0:
        raise ValueError(f"temperature {head.temperature} of {head.attribute} is not above 0")
    if not head.interval_scale:
        raise ValueError(f"the stretch of {head.attribute} is empty")
    _check_attribute(head.attribute, head.kind, head.labels)
    return head


def _check_attribute(attribute: str, kind: str, labels: Sequence[str]) -> None:
    """Check what `ModelCard.attributes` relies on."""
    if attribute == "sex" and "female" not in labels:
        raise ValueError("sex has no label 'female'")
    if attribute == "mask" and MASK_WORN not in labels:
        raise ValueError(f"mask has no label {MASK_WORN!r}")
    if attribute in CLASS_ATTRIBUTES and kind != "classes":
        raise ValueError(f"{attribute} is not of kind classes")
    if attribute == "age" and kind != "bins":
        raise ValueError("age is not of kind bins")
    if kind == "bins":
        [float(label) for label in labels]


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
