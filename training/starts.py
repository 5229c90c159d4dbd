"""Start a recipe's network from weights that others trained."""

from __future__ import annotations

import inspect
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.errors import SettingsError
from training.recipe import Recipe


def started_from(recipe: Recipe, init: str | None = None, trunk_weights: Path | None = None) -> Recipe:
    """The recipe with a network that starts from given weights; None leaves the recipe's own start.

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
    return replace(recipe, build=partial(recipe.build, **chosen)) if chosen else recipe
