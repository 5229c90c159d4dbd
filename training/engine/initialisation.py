"""Start a recipe's network from weights that others trained, or let another network teach it."""

from __future__ import annotations

import hashlib
import inspect
from dataclasses import replace
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from app.errors import ModelError, SettingsError
from app.numerics import softmax
from training.engine.checkpoints import first_line
from training.tasks.attributes.task import AnyRecipe, Arrays, Recipe

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
    start = {name: told(chosen.get(name, taken[name].default)) for name in given if name in taken}
    return replace(recipe, build=partial(recipe.build, **chosen), start=start)


def take_trunk(model: Any, file: Path, least: int) -> None:
    """Start a network's first layers, as far as they have the shapes of another one's, from that one's weights.

    Args:
        file: Of the other network, as Keras saves models.
        least: Layers that must fit.
    Raises:
        ModelError: the file is missing or is no such network, or fewer layers fit.
    """
    other = _saved_network(file)
    pairs = list(zip(weighted(model), weighted(other), strict=False))
    fitting = list(takewhile(lambda pair: _shapes(pair[0]) == _shapes(pair[1]), pairs))
    if len(fitting) < least:
        raise ModelError(f"the trunk of {file} is another one: {len(fitting)} layers fit, not {least}")
    for own, theirs in fitting:
        own.set_weights(theirs.get_weights())


def check_teachable(recipe: AnyRecipe) -> None:
    """Refuse a teacher of answers for a recipe that takes none.

    Raises:
        SettingsError: it takes none.
    """
    if not isinstance(recipe, Recipe) or not recipe.taught:
        raise SettingsError(f"{recipe.name} takes no --taught-by; leave it out")


def taught(recipe: Recipe, arrays: Arrays, teacher: Path) -> Arrays:
    """The arrays with the teacher's answers in the targets of `logits`, to the part that the recipe says.

    Its answer to a patch is the mean of those to both mirror images (distillation, Hinton et al. 2015).

    Args:
        teacher: File of a network with the recipe's patch and labels, as Keras saves models.
    Raises:
        ModelError: the file is missing or is no such network.
    """
    network, labels = _saved_network(teacher), arrays.targets["logits"]
    shapes = network.input_shape[1:], network.output_shape[1:]
    if shapes != (recipe.patch.shape, labels.shape[1:]):
        raise ModelError(f"{teacher} reads and says other shapes than {recipe.name}: {shapes[0]} and {shapes[1]}")
    views = arrays.patches, arrays.patches[:, :, ::-1]
    said = np.mean([softmax(network.predict(view, batch_size=256, verbose=0)) for view in views], axis=0)
    logits = ((1 - recipe.taught) * labels + recipe.taught * said).astype(np.float32)
    return replace(arrays, targets={**arrays.targets, "logits": logits})


def _saved_network(file: Path) -> Any:
    import keras

    try:
        return keras.models.load_model(file, compile=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} is no network that Keras has saved ({first_line(error)})") from None


def weighted(model: Any) -> list[Any]:
    """The layers with weights, those of networks inside it too."""
    inner = (weighted(layer) if hasattr(layer, "layers") else [layer] for layer in model.layers if layer.weights)
    return [layer for layers in inner for layer in layers]


def _shapes(layer: Any) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in layer.weights]


def told(choice: Any) -> str:
    """A choice in words that name the same weights on every machine."""
    if isinstance(choice, Path) and choice.is_file():
        with choice.open("rb") as file:
            return f"{choice.name}, sha256 {hashlib.file_digest(file, 'sha256').hexdigest()}"
    return "random" if choice is None else str(choice)
