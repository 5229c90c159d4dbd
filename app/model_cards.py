"""Read the cards of models as they are written, without what it takes to run a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.errors import ModelError

CARD = "card.json"


def card_content(folder: Path) -> Any:
    """What stands in the card of a model's folder.

    Raises:
        ModelError: it is missing or cannot be read.
    """
    path = folder / CARD
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"there is no {path}; export the model again, or give another --models folder") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {path} ({error}); export the model again") from None


def card_folders(models: Path) -> list[Path]:
    """The folders in `models` that have a card, by name."""
    return sorted(path.parent for path in models.glob(f"*/{CARD}"))


def cards_for_people(models: Path) -> list[dict[str, Any]]:
    """Every card with what the page needs beside it: `folder` and the `sizes` of its files in bytes.

    One that cannot be read has `error`, a line that says why, instead of its content.
    """
    return [_card_for_people(folder) for folder in card_folders(models)]


def _card_for_people(folder: Path) -> dict[str, Any]:
    try:
        content = card_content(folder)
        if not isinstance(content, dict):
            raise ModelError(f"{folder / CARD} does not describe a model; export the model again")
    except ModelError as error:
        return {"folder": folder.name, "error": str(error)}
    named = content.get("files")
    files = [file for file in sorted(folder.iterdir()) if isinstance(named, dict) and file.name in named]
    sizes = {file.name: file.stat().st_size for file in files}
    return {**content, "folder": folder.name, "sizes": sizes}
