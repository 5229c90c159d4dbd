"""Write what `app.vision.inference.model_card` reads: `card.json`."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.model_cards import CARD_FILE
from training.export.intended_use import use_of
from training.tasks.base import ServingForm
from training.tasks.recipe import Recipe

SHORT = 110  # characters of what stands on one line


def write_card(
    folder: Path,
    recipe: Recipe[Any],
    form: ServingForm,
    files: Sequence[str],
    data: Mapping[str, Any],
    about: Mapping[str, Any],
) -> None:
    """Describe the model files of a folder.

    Args:
        files: Names in `folder`, each entered with its hash.
        data: The set that it was trained on, as `DatasetSpec.card_entry` says it.
        about: Further entries.
    """
    card = {
        "name": recipe.network,
        "title": recipe.title,
        **({"kind": form.kind} if form.kind else {}),
        "recipe": recipe.name,
        **form.card,
        "files": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files},
        "data": data,
        **about,
        "figures": {},
    }
    _write(folder / CARD_FILE, card)


def add_figures(folder: Path, name: str, figures: Mapping[str, Any]) -> None:
    """Put figures, with the command that produced them, into a card."""
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    change_card(folder, {"figures": {**card.get("figures", {}), name: dict(figures)}})


def change_card(folder: Path, entries: Mapping[str, Any]) -> None:
    """Replace entries of a card."""
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    _write(folder / CARD_FILE, {**card, **entries})


def _on_one_line(found: re.Match[str]) -> str:
    """A list or object that holds no other, if it is short; no string of JSON holds a line break."""
    line = re.sub(r"\n\s*", " ", found[0])
    line = f"{line[0]}{line[1:-1].strip()}{line[-1]}"
    return line if len(line) <= SHORT else found[0]


def _write(file: Path, card: Mapping[str, Any]) -> None:
    unfinished = file.with_suffix(".unfinished")
    text = json.dumps({**card, "use": use_of(card)}, indent=2)
    unfinished.write_text(re.sub(r"[\[{][^\[\]{}]*[\]}]", _on_one_line, text) + "\n", encoding="utf-8")
    os.replace(unfinished, file)
