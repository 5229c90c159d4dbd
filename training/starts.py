"""Start a recipe's network from weights that others trained."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from app.errors import SettingsError
from training.recipe import AnyRecipe

Either = TypeVar("Either", bound=AnyRecipe)


def started_from(recipe: Either, init: str | None = None, trunk_weights: Path | None = None) -> Either:
    """The recipe with a network that starts from given weights, and says so; None leaves the recipe's own start.

    Args:
        init: `random` or `imagenet`, where the network comes from keras.applications.
        trunk_weights: File of the trunk's weights, where its trunk is VGGFace's.
    Raises:
        SettingsError: the recipe's network cannot start that way.
    """
    given = {"init": init, "trunk_weights": trunk_weights}
    chosen = {name: value for name, value in given.items() if value is not None}
    taken = inspect.signature(recipe.build).parameters
    for name in chosen:
        if name not in taken:
            raise SettingsError(f"{recipe.name} takes no --{name.replace('_', '-')}; leave it out")
    start = {name: _told(chosen.get(name, taken[name].default)) for name in given if name in taken}
    return replace(recipe, build=partial(recipe.build, **chosen), start=start)


def _told(choice: Any) -> str:
    """A choice in words that name the same weights on every machine."""
    if isinstance(choice, Path) and choice.is_file():
        with choice.open("rb") as file:
            return f"{choice.name}, sha256 {hashlib.file_digest(file, 'sha256').hexdigest()}"
    return "random" if choice is None else str(choice)
