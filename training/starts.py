"""Start a recipe's network from weights that others trained."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from app.errors import ModelError, SettingsError
from training.checkpoints import first_line
from training.recipe import AnyRecipe

Either = TypeVar("Either", bound=AnyRecipe)


def started_from(recipe: Either, init: str | None = None, trunk_weights: Path | None = None) -> Either:
    """The recipe with a network that starts from given weights, and says so; None leaves the recipe's own start.

    Args:
        init: `random` or `imagenet`, where the network comes from keras.applications.
        trunk_weights: File of weights, where it has a trunk that can start from one.
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


def take_trunk(model: Any, file: Path, least: int) -> None:
    """Start a network's first layers, as far as they have the shapes of another one's, from that one's weights.

    Args:
        file: Of the other network, as Keras saves models.
        least: Layers that must fit.
    Raises:
        ModelError: the file is missing or is no such network, or fewer layers fit.
    """
    import keras

    try:
        other = keras.models.load_model(file, compile=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} is no network that Keras has saved ({first_line(error)})") from None
    pairs = list(zip(_weighted(model), _weighted(other), strict=False))
    fitting = list(takewhile(lambda pair: _shapes(pair[0]) == _shapes(pair[1]), pairs))
    if len(fitting) < least:
        raise ModelError(f"the trunk of {file} is another one: {len(fitting)} layers fit, not {least}")
    for own, theirs in fitting:
        own.set_weights(theirs.get_weights())


def _weighted(model: Any) -> list[Any]:
    return [layer for layer in model.layers if layer.weights]


def _shapes(layer: Any) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]


def _told(choice: Any) -> str:
    """A choice in words that name the same weights on every machine."""
    if isinstance(choice, Path) and choice.is_file():
        with choice.open("rb") as file:
            return f"{choice.name}, sha256 {hashlib.file_digest(file, 'sha256').hexdigest()}"
    return "random" if choice is None else str(choice)
