"""Start a recipe's network from given weights."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from app.errors import SettingsError
from training.tasks.recipe import Recipe


def with_initial_weights(recipe: Recipe[Any], init: str | None = None, trunk_weights: Path | None = None) -> Recipe:
    """The recipe with a network that starts from given weights; None leaves the recipe's own choice.

    Args:
        init: `random` or `imagenet`, if the network comes from keras.applications.
        trunk_weights: File of weights, if the network has a trunk that can start from one.
    Raises:
        SettingsError: the recipe's network cannot start that way.
    """
    options = {"init": init, "trunk_weights": trunk_weights}
    chosen = {name: value for name, value in options.items() if value is not None}
    parameters = inspect.signature(recipe.build).parameters
    for name in chosen:
        if name not in parameters:
            raise SettingsError(f"{recipe.name} takes no --{name.replace('_', '-')}; leave it out")
    start = {name: weights_id(chosen.get(name, parameters[name].default)) for name in options if name in parameters}
    return replace(recipe, build=partial(recipe.build, **chosen), start=start)


def weights_id(choice: Path | str | None) -> str:
    """Identify initial weights by words that are the same on every machine: a file by its name and hash."""
    if isinstance(choice, Path) and choice.is_file():
        with choice.open("rb") as file:
            return f"{choice.name}, sha256 {hashlib.file_digest(file, 'sha256').hexdigest()}"
    return "random" if choice is None else str(choice)
