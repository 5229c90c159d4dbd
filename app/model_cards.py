"""Read model cards without loading the libraries that run models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.errors import ModelError

CARD_FILE = "card.json"


def load_card(folder: Path) -> Any:
    """The parsed content of the card in a model's folder.

    Raises:
        ModelError: the card is missing or cannot be read.
    """
    path = folder / CARD_FILE
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path} does not exist; export the model again or give another --models folder") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {path} ({error}); export the model again") from None


def model_folders(models: Path) -> list[Path]:
    """The folders in `models` that contain a card, sorted by name."""
    return sorted(path.parent for path in models.glob(f"*/{CARD_FILE}"))


def list_cards(models: Path) -> list[dict[str, Any]]:
    """Every card, with the name of its `folder` and the `sizes` of its files in bytes.

    A card that cannot be read has `folder` and `error`, a one-line message, instead of its content.
    """
    return [_card_with_sizes(folder) for folder in model_folders(models)]


def _card_with_sizes(folder: Path) -> dict[str, Any]:
    try:
        card = load_card(folder)
        if not isinstance(card, dict):
            raise ModelError(f"{folder / CARD_FILE} does not describe a model; export the model again")
    except ModelError as error:
        return {"folder": folder.name, "error": str(error)}
    listed = card.get("files")
    files = [file for file in sorted(folder.iterdir()) if isinstance(listed, dict) and file.name in listed]
    sizes = {file.name: file.stat().st_size for file in files}
    return {**card, "folder": folder.name, "sizes": sizes}
