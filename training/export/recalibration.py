"""Fit the temperatures and intervals of a served model anew, without the run that it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.errors import ModelError
from app.vision.attributes.predictor import LiteRtPredictor
from app.vision.inference.model_card import read_card
from training.export.model_card import change_card
from training.tasks.attributes.patch_cache import read_validation
from training.tasks.attributes.serving import calibrated_heads, card_entries
from training.tasks.recipe import Recipe


def recalibrate(recipe: Recipe[Any], data: Path, models: Path) -> list[dict[str, Any]]:
    """Calibrate the served model of a recipe on the validation split, and write the heads into its card.

    Returns:
        The heads as the card has them. Figures in the card that depend on them have to be measured again.
    Raises:
        ModelError: the model is missing, altered, or reads something else than the recipe.
        UnreadableMedia: the set cannot be found, or lacks images to validate on.
    """
    task, folder = recipe.task, models / recipe.network
    card = read_card(folder)
    if card is None or [head.attribute for head in card.heads] != [head.attribute for head in task.heads]:
        raise ModelError(f"{folder} does not read what {recipe.name} reads; give another --models")
    valid = read_validation(task, data)
    heads = card_entries(calibrated_heads(task, LiteRtPredictor(card).predict_patches(valid.patches), valid))
    change_card(folder, {"heads": heads})
    return heads
