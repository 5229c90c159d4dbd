"""Load the weights of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.errors import ModelError
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
