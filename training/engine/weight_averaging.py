"""Average the weights of trainings that went on from one another (model soup, Wortsman et al. 2022)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.engine.weights import load_trained
from training.tasks.recipe import Recipe


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
