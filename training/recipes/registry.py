"""Find recipes by name: a recipe is a module of `recipes.served` or `recipes.classic` with a `RECIPE`."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np

from app.errors import SettingsError
from training.tasks.attributes.task import AttributeTask
from training.tasks.recipe import Recipe


def recipe_names() -> list[str]:
    """Every recipe, as `train` takes it."""
    return sorted(_recipe_modules())


def find_recipe(name: str) -> Recipe[Any]:
    """The recipe called `name`.

    Raises:
        SettingsError: there is none of that name.
    """
    modules = _recipe_modules()
    if name not in modules:
        raise SettingsError(f"no recipe is called {name!r}; there are {', '.join(sorted(modules))}")
    return importlib.import_module(modules[name]).RECIPE


def find_face_recipe(name: str) -> Recipe[AttributeTask]:
    """The recipe called `name`, which learns from images of single faces.

    Raises:
        SettingsError: there is none of that name, or it learns from whole images.
    """
    recipe = find_recipe(name)
    if recipe.task.face_set is None:
        raise SettingsError(f"{name} learns from whole images, not from patches of faces; give another recipe here")
    return recipe


def recipe_summary(recipe: Recipe[Any]) -> dict[str, Any]:
    """Entry of the list that the command `recipes` prints; builds the network to count its parameters."""
    model = recipe.build()
    return {
        "name": recipe.name,
        "title": recipe.title,
        "parameters": model.count_params(),
        "trainable": sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
        "network": recipe.network,
        "set": recipe.task.source.name,
        "data": recipe.task.source.about,
    }


def _recipe_modules() -> dict[str, str]:
    """Dotted module of every recipe, by the recipe's name."""
    from training.recipes import classic, served

    packages = (served, classic)
    found = (module for one in packages for module in pkgutil.iter_modules(one.__path__, f"{one.__name__}."))
    return {module.name.rpartition(".")[2].replace("_", "-"): module.name for module in found}
