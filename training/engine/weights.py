"""The weights of networks: load those of a run, start from given ones, and average several."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import ModelError, SettingsError
from training.errors import first_line
from training.tasks.recipe import Recipe


def load_trained(recipe: Recipe[Any], weights: Path) -> Any:
    """The recipe's training model with the weights of a run, in float32.

    Raises:
        ModelError: the weights are missing or do not fit.
    """
    if not weights.is_file():
        raise ModelError(f"there is no {weights}; train {recipe.name} first, or give the folder of its run")
    import keras  # takes seconds, and scoring of served models does without

    keras.mixed_precision.set_global_policy("float32")  # a network built in bfloat16 does not convert
    model = recipe.build()
    try:
        model.load_weights(weights)
    except (OSError, ValueError) as error:
        raise ModelError(f"{weights} does not fit {recipe.name} ({first_line(error)})") from None
    return model


def average(recipe: Recipe[Any], files: Sequence[Path], out: Path) -> Path:
    """Write the mean of the weights in some files, for `export --weights`, and return the file.

    Networks that were trained apart from the beginning have nothing in common that could be averaged.

    Args:
        files: As training writes them, of one recipe.
        out: Its name ends in `.weights.h5`, and stands in the card.
    Raises:
        ModelError: a file is missing or does not fit.
    """
    models = [load_trained(recipe, file) for file in files]
    means = [np.mean(same, axis=0) for same in zip(*(model.get_weights() for model in models), strict=True)]
    models[0].set_weights(means)
    out.parent.mkdir(parents=True, exist_ok=True)
    models[0].save_weights(out)
    return out


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
