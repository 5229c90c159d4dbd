"""Write what `app.vision.inference.model_card` reads: `card.json`."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.model_cards import CARD_FILE
from app.vision.inference.model_card import Head
from training.export.intended_use import use_of
from training.tasks.attributes.task import Recipe
from training.tasks.detection.task import DetectorRecipe
from training.tasks.landmarks.task import LandmarkRecipe

SHORT = 110  # characters of what stands on one line


def write_card(
    folder: Path,
    recipe: Recipe,
    heads: Sequence[Head],
    files: Sequence[str],
    about: Mapping[str, Any],
) -> None:
    """Describe the model files of a folder.

    Args:
        heads: The recipe's, calibrated.
        files: Names in `folder`, each entered with its hash.
        about: Further entries.
    """
    source = recipe.source
    card = {
        "name": recipe.network,
        "title": recipe.title,
        "recipe": recipe.name,
        "patch": asdict(recipe.patch),
        "heads": [_head(head) for head in heads],
        "files": _hashes(folder, files),
        "data": {"sets": [source.name], "terms": f"{source.name} {source.terms}", "splits": source.protocol},
        **about,
        "figures": {},
    }
    _write(folder / CARD_FILE, card)


def _head(head: Head) -> dict[str, Any]:
    """Card entry of a head; only bins have intervals, whose scale is called `stretch` in the card."""
    entry = asdict(head)
    interval_scale = entry.pop("interval_scale")
    return {**entry, "stretch": interval_scale} if head.kind == "bins" else entry


def write_kind_card(
    folder: Path,
    kind: str,
    recipe: DetectorRecipe | LandmarkRecipe,
    serving: Mapping[str, Any],
    files: Sequence[str],
    about: Mapping[str, Any],
) -> None:
    """Describe the files of a network that names no attributes, as `app.vision` reads the card of its kind.

    Args:
        serving: What the app must know to serve it.
        files: Names in `folder`, each entered with its hash.
        about: Further entries.
    """
    source = recipe.source
    card = {
        "name": recipe.network,
        "title": recipe.title,
        "kind": kind,
        "recipe": recipe.name,
        **serving,
        "files": _hashes(folder, files),
        "data": {"sets": source.sets, "terms": source.terms, "splits": source.protocol},
        **about,
        "figures": {},
    }
    _write(folder / CARD_FILE, card)


def add_figures(folder: Path, name: str, figures: Mapping[str, Any]) -> None:
    """Put figures, with the command that produced them, into a card."""
    card = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    card["figures"] = {**card.get("figures", {}), name: dict(figures)}
    _write(folder / CARD_FILE, card)


def _hashes(folder: Path, files: Sequence[str]) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}


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
