"""What a recipe is: a network with its data, augmentation, losses and schedule."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np

from app.errors import SettingsError
from app.vision.inference import model_card
from app.vision.inference.face_crop import PatchSpec
from training.datasets.dataset_spec import DatasetSpec
from training.networks.optimizers import OptimizerFactory, nesterov
from training.samples.sample import Rejection, Sample
from training.tasks.detection.task import DetectorRecipe
from training.tasks.landmarks.task import LandmarkRecipe
from training.transforms.patch_augmentation import Augmentation


@dataclass(frozen=True, slots=True)
class Head:
    """A run of output columns.

    Attributes:
        kind: `classes` (softmax over words), `bins` (softmax over numbers, read as expected value), or
            `value` (one plain number, which the app does not serve).
    """

    attribute: str
    kind: str
    labels: Sequence[str]

    def indexes(self, samples: Sequence[Sample]) -> np.ndarray:
        """The label of every sample, int64 (n,); of bins the nearest one, of a plain value or an unknown label -1."""
        if self.kind == "value":
            return np.full(len(samples), -1, np.int64)
        if self.kind == "classes":
            known = [s.labels.get(self.attribute) for s in samples]
            return np.array([-1 if label is None else self.labels.index(str(label)) for label in known], np.int64)
        values = np.array([float(s.labels[self.attribute]) for s in samples])
        return np.abs(values[:, None] - np.array(self.labels, float)).argmin(1)


@dataclass(frozen=True, slots=True)
class Arrays:
    """One split in memory.

    Attributes:
        patches: uint8, shape (n, size, size, channels), as `vision.patch.cut` makes them.
        targets: By output of the training model, each with n rows.
        labels: By attribute of the recipe's heads, the index of each patch's label, int64 (n,); -1 where unknown.
        names: Where each patch comes from.
        weights: How often each patch is drawn, float64 (n,), 1 on average; None draws each once an epoch.
        outside: How far each pixel of a patch lies past the edge of its picture, uint8 (n, size, size); None where the
            recipe does not ask.
    """

    patches: np.ndarray
    targets: Mapping[str, np.ndarray]
    labels: Mapping[str, np.ndarray]
    names: Sequence[str]
    weights: np.ndarray | None = None
    outside: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Splits:
    """The arrays of a recipe and what its reader left out."""

    train: Arrays
    valid: Arrays
    test: Arrays
    rejected: Sequence[Rejection]


class TrainableRecipe(Protocol):
    """What a training needs to know of a recipe, whatever it learns from."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def build(self) -> Callable[[], Any]: ...
    @property
    def losses(self) -> Callable[[], Mapping[str, Any]]: ...
    @property
    def loss_weights(self) -> Mapping[str, float]: ...
    @property
    def metrics(self) -> Callable[[], Mapping[str, Any]]: ...
    @property
    def monitor(self) -> tuple[str, str]: ...
    @property
    def optimizer(self) -> OptimizerFactory: ...


@dataclass(frozen=True)
class Recipe:
    """A named, repeatable training.

    Attributes:
        network: Folder under `models/` that the weights are served from.
        heads: What the output `logits` means, in column order.
        source: The set it learns from.
        build: Makes the training model. The layer `logits` is what is served; other outputs only help to learn.
        targets: By output of the training model, from the samples of a split.
        losses, metrics: By output of the training model.
        monitor: Logged figure that the best epoch is chosen by, with `min` or `max`.
        draw: How often to draw each picture to train on, float (n,), 1 on average; None draws each once an epoch.
        calibrated_on: How the names of the pictures begin that temperatures and intervals are fitted on: of several
            sets the one that the figures are of.
        start: Whose weights the network starts from, by the flag that chooses them; empty where it has no choice.
        mirrored: Whether the served network reads both mirror images of a patch and says the mean.
        evened: How much of the logarithms of the labels' shares in training the served network takes off its logits
            (logit adjustment, Menon et al. 2021): 0 nothing, 1 as if all labels had been as frequent.
        taught: Which part of the targets of `logits` are a teacher's answers, if one is given; 0 takes no teacher.
    """

    name: str
    title: str
    network: str
    patch: PatchSpec
    heads: Sequence[Head]
    source: DatasetSpec
    build: Callable[[], Any]
    targets: Callable[[Sequence[Sample]], Mapping[str, np.ndarray]]
    losses: Callable[[], Mapping[str, Any]]
    metrics: Callable[[], Mapping[str, Any]]
    monitor: tuple[str, str]
    loss_weights: Mapping[str, float] = field(default_factory=dict)
    augmentation: Augmentation = Augmentation()
    optimizer: OptimizerFactory = nesterov(0.05)
    epochs: int = 20
    batch: int = 128
    draw: Callable[[Sequence[Sample]], np.ndarray] | None = None
    calibrated_on: str = ""
    start: Mapping[str, str] = field(default_factory=dict)
    mirrored: bool = False
    evened: float = 0.0
    taught: float = 0.0

    @property
    def plain_heads(self) -> tuple[model_card.Head, ...]:
        """The heads as a card has them, before anything is calibrated."""
        return tuple(model_card.Head(head.attribute, head.kind, tuple(head.labels)) for head in self.heads)


AnyRecipe: TypeAlias = Recipe | DetectorRecipe | LandmarkRecipe


def recipe_names() -> list[str]:
    """Every recipe, as `train` takes it."""
    return sorted(_recipe_modules())


def find_recipe(name: str) -> Recipe:
    """The recipe called `name`, which learns from patches of faces.

    Raises:
        SettingsError: there is none of that name, or it learns from whole pictures.
    """
    recipe = find_any_recipe(name)
    if not isinstance(recipe, Recipe):
        raise SettingsError(f"{name} learns from whole pictures, not from patches of faces; give another recipe here")
    return recipe


def find_any_recipe(name: str) -> AnyRecipe:
    """The recipe called `name`.

    Raises:
        SettingsError: there is none of that name.
    """
    modules = _recipe_modules()
    if name not in modules:
        raise SettingsError(f"no recipe is called {name!r}; there are {', '.join(sorted(modules))}")
    return importlib.import_module(modules[name]).RECIPE


def _recipe_modules() -> dict[str, str]:
    """Dotted module of every recipe, by the recipe's name."""
    from training.recipes import classic, served

    packages = (served, classic)
    found = (module for one in packages for module in pkgutil.iter_modules(one.__path__, f"{one.__name__}."))
    return {module.name.rpartition(".")[2].replace("_", "-"): module.name for module in found}


def described(recipe: AnyRecipe) -> dict[str, Any]:
    """What `recipes` lists; builds the network to count its parameters."""
    model = recipe.build()
    return {
        "name": recipe.name,
        "title": recipe.title,
        "parameters": model.count_params(),
        "trainable": sum(int(np.prod(weight.shape)) for weight in model.trainable_weights),
        "network": recipe.network,
        "set": recipe.source.name,
        "data": recipe.source.about,
    }
