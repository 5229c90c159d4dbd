"""The card of a model: what goes in, what comes out, and which file it speaks of."""

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
from app.vision.inference.face_crop import PatchSpec

MODEL = "model.tflite"
WORDED = ("emotion", "mask", "race")  # attributes that are told with the probability of each label
AGE_SHARE = 0.8  # of the ages that a model holds possible lie within the interval that is told
Described = TypeVar("Described")


@dataclass(frozen=True, slots=True)
class Head:
    """One attribute among a model's outputs.

    Attributes:
        kind: `classes` (a softmax over labels) or `bins` (a softmax over numbers; the value is their mean).
        temperature: Logits are divided by it, which makes the probabilities honest.
        stretch: Of bins, by expected value, how many times as wide as the bins say an interval is told, so that it
            holds the share it should; between these points linearly.
    """

    attribute: str
    kind: str
    labels: tuple[str, ...]
    temperature: float = 1.0
    stretch: tuple[tuple[float, float], ...] = ((0.0, 1.0),)

    def probabilities(self, logits: np.ndarray) -> np.ndarray:
        """Softmax of this head's logits, float64 of the same length."""
        scaled = logits.astype(np.float64) / self.temperature
        powers = np.exp(scaled - scaled.max())
        return powers / powers.sum()

    def expected(self, logits: np.ndarray) -> float:
        """Mean of the bins under their probabilities."""
        return float(self.probabilities(logits) @ np.array(self.labels, float))

    def between(self, logits: np.ndarray, share: float) -> tuple[float, float]:
        """The values between which the middle `share` of the bins' probability lies, stretched."""
        values, probabilities = np.array(self.labels, float), self.probabilities(logits)
        below = np.cumsum(probabilities) - probabilities / 2
        tails = ((1 - share) / 2, (1 + share) / 2)
        low, high = np.interp(tails, below, values)
        at, factors = np.array(self.stretch).T
        half = (high - low) / 2 * np.interp(probabilities @ values, at, factors)
        first, last = np.clip([(low + high) / 2 - half, (low + high) / 2 + half], values.min(), values.max()).tolist()
        return first, last

    def expected_with_intervals(self, logits: np.ndarray, share: float) -> np.ndarray:
        """Of many faces' logits (n, bins): the expected values and their intervals, float64 (n, 3)."""
        return np.array([(self.expected(row), *self.between(row, share)) for row in logits]).reshape(-1, 3)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What `card.json` says of a model; label order stands here and nowhere else.

    Attributes:
        withheld: An attribute that is not told, whatever the model reads.
    """

    name: str
    title: str
    patch: PatchSpec
    heads: tuple[Head, ...]
    files: Mapping[str, str]
    folder: Path
    hidden_attribute: str | None = None

    def without(self, attribute: str) -> ModelCard:
        """The same card of a model that does not tell an attribute."""
        return replace(self, hidden_attribute=attribute)

    @property
    def served_heads(self) -> tuple[Head, ...]:
        """The heads whose attributes are told."""
        return tuple(head for head in self.heads if head.attribute != self.hidden_attribute)

    @property
    def outputs(self) -> int:
        return sum(len(head.labels) for head in self.heads)

    @property
    def class_labels(self) -> list[str]:
        """The labels of the told heads that choose among words."""
        return [label for head in self.served_heads if head.kind == "classes" for label in head.labels]

    def head_logits(self, logits: np.ndarray) -> list[tuple[Head, np.ndarray]]:
        """The columns of each head in float32 logits of shape (..., outputs)."""
        ends = np.cumsum([len(head.labels) for head in self.heads])
        return [(head, logits[..., end - len(head.labels) : end]) for head, end in zip(self.heads, ends, strict=True)]

    def attributes(self, logits: np.ndarray) -> Attributes:
        """What one row of logits, shape (outputs,), says of a face."""
        values: dict[str, Any] = {}
        for head, part in self.head_logits(logits):
            if head.attribute == self.hidden_attribute:
                continue
            if head.attribute in WORDED:
                values[head.attribute] = dict(zip(head.labels, head.probabilities(part).tolist(), strict=True))
            elif head.attribute == "age":
                values["age_years"], values["age_interval"] = head.expected(part), head.between(part, AGE_SHARE)
            elif head.attribute == "sex":
                values["p_female"] = float(head.probabilities(part)[head.labels.index("female")])
        return Attributes(**values)


class CardFiles(Protocol):
    """What every card has, whatever its model does."""

    @property
    def files(self) -> Mapping[str, str]:
        """Hashes by name of file."""

    @property
    def folder(self) -> Path: ...


def read_card(folder: Path) -> ModelCard | None:
    """The card in a model's folder; None if it is of another kind (it has no heads).

    Raises:
        ModelError: it is missing, or lacks or distorts something.
    """
    return parse_card(folder, lambda content: _card(content, folder))


def parse_card(folder: Path, build: Callable[[Any], Described]) -> Described:
    """What `build` makes of the content of a folder's card.

    Raises:
        ModelError: the card is missing or cannot be read, or `build` finds it lacking or distorted.
    """
    content = load_card(folder)
    try:
        return build(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        path, reason = folder / CARD_FILE, _reason(error)
        raise ModelError(f"{path} does not describe a model ({reason}); export the model again") from None


def parse_patch_spec(patch: Mapping[str, Any]) -> PatchSpec:
    """The patch that a card describes.

    Raises:
        KeyError, TypeError, ValueError: it is none that can be cut.
    """
    offset_y, aligned = float(patch.get("offset_y", 0.0)), bool(patch.get("aligned", False))
    spec = PatchSpec(int(patch["size"]), patch["colour"], float(patch["margin"]), offset_y, aligned)
    if spec.colour not in ("gray", "rgb") or spec.size < 1 or spec.margin <= 0:
        raise ValueError(f"patch {patch} is none that can be cut")
    return spec


def read_verified_model(card: CardFiles) -> bytes:
    """The content of the model's file.

    Raises:
        ModelError: it is missing, or is not the one that the card was written for.
    """
    path = card.folder / MODEL
    if not path.is_file():
        raise ModelError(f"there is no {path}; export the model again, or give another --models folder")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != card.files.get(MODEL):
        raise ModelError(f"{path} is not the file its card was written for (the hash differs); export the model again")
    return content


def _card(content: Mapping[str, Any], folder: Path) -> ModelCard | None:
    if isinstance(content, dict) and "heads" not in content:
        return None
    spec = parse_patch_spec(content["patch"])
    heads = tuple(_head(entry) for entry in content["heads"])
    if not heads:
        raise ValueError("heads is empty")
    return ModelCard(
        content["name"], content.get("title", content["name"]), spec, heads, dict(content["files"]), folder
    )


def _head(entry: Mapping[str, Any]) -> Head:
    stretch = tuple((float(value), float(factor)) for value, factor in entry.get("stretch", [(0.0, 1.0)]))
    temperature = float(entry.get("temperature", 1.0))
    head = Head(entry["attribute"], entry["kind"], tuple(entry["labels"]), temperature, stretch)
    if head.kind not in ("classes", "bins"):
        raise ValueError(f"kind {head.kind!r} is neither classes nor bins")
    if len(set(head.labels)) != len(head.labels) or len(head.labels) < 2:
        raise ValueError(f"the labels of {head.attribute} are fewer than two or not all different")
    if head.temperature <= 0:
        raise ValueError(f"temperature {head.temperature} of {head.attribute} is not above 0")
    if not head.stretch:
        raise ValueError(f"the stretch of {head.attribute} is empty")
    _check_attribute(head.attribute, head.kind, head.labels)
    return head


def _check_attribute(attribute: str, kind: str, labels: Sequence[str]) -> None:
    """What `ModelCard.attributes` relies on."""
    if attribute == "sex" and "female" not in labels:
        raise ValueError("sex has no label 'female'")
    if attribute == "mask" and MASK_WORN not in labels:
        raise ValueError(f"mask has no label {MASK_WORN!r}")
    if attribute in WORDED and kind != "classes":
        raise ValueError(f"{attribute} is not of kind classes")
    if attribute == "age" and kind != "bins":
        raise ValueError("age is not of kind bins")
    if kind == "bins":
        [float(label) for label in labels]


def _reason(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
