"""What a recipe is: a network with its data, augmentation, losses and schedule."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import SettingsError
from app.vision.patch import PatchSpec
from training.augment import Augmentation


@dataclass(frozen=True, slots=True)
class Head:
    """A run of output columns; `kind` is `classes` (softmax) or `bins` (softmax, read as expected value)."""

    attribute: str
    kind: str
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class Arrays:
    """One split in memory.

    Attributes:
        patches: uint8, shape (n, size, size, channels), as `vision.patch.cut` makes them.
        targets: By output of the training model.
        names: Where each patch comes from.
    """

    patches: np.ndarray
    targets: Mapping[str, np.ndarray]
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Splits:
    """The arrays of a recipe and what its readers left out."""

    train: Arrays
    valid: Arrays
    test: Arrays | None
    left_out: Mapping[str, int]


@dataclass(frozen=True)
class Recipe:
    """A named, repeatable training.

    Attributes:
        network: Folder under `models/` that the weights are served from.
        heads: What the output `logits` means, in column order.
        data: What `load` expects under its folder, for people.
        build: Makes the training model; its output `logits` is what is served, others only help to learn.
        load: Reads the splits from a folder of sets.
        losses: By output of the training model.
        monitor: Logged figure that the best epoch is chosen by, with `min` or `max`.
    """

    name: str
    title: str
    network: str
    patch: PatchSpec
    heads: Sequence[Head]
    data: str
    build: Callable[[], Any]
    load: Callable[[Path, PatchSpec], Splits]
    losses: Callable[[], Mapping[str, Any]]
    metrics: Callable[[], Mapping[str, Any]]
    monitor: tuple[str, str]
    loss_weights: Mapping[str, float] = field(default_factory=dict)
    augmentation: Augmentation = Augmentation()
    epochs: int = 20
    batch: int = 128
    learning_rate: float = 0.05
    weight_decay: float = 5e-4
    average: float = 0.998


def recipe_names() -> list[str]:
    """Every recipe, as `train` takes it."""
    import training.recipes

    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(training.recipes.__path__))


def find_recipe(name: str) -> Recipe:
    """The recipe called `name`.

    Raises:
        SettingsError: there is none of that name.
    """
    if name not in recipe_names():
        raise SettingsError(f"no recipe is called {name!r}; there are {', '.join(recipe_names())}")
    return importlib.import_module(f"training.recipes.{name.replace('-', '_')}").RECIPE
