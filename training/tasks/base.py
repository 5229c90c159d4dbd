"""The `Task` protocol: everything that `train`, `export` and `evaluate` need to know of what a network learns.

One implementation each: `tasks.attributes`, `tasks.detection` and `tasks.landmarks`. A new task implements `Task`,
and a recipe names it; no other module changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from app.vision.inference.face_crop import PatchSpec
from training.datasets.dataset_spec import DatasetSpec
from training.datasets.scene_sets import CombinedSet
from training.samples.sample import Rejection
from training.tasks.face_model import FaceModel

if TYPE_CHECKING:
    from training.tasks.recipe import Recipe

SEED = 1  # of weights, order and augmentation
SPLITS = ("train", "valid", "test")
Batch = tuple[np.ndarray, dict[str, np.ndarray]]  # inputs, and targets by output of the training model


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """Options of `train`; None leaves the default.

    Attributes:
        epochs: Instead of the recipe's own count.
        mixed: Compute in bfloat16 where that is faster.
        cache: Folder of prepared patches; default: in the user's cache folder.
        taught_by: Keras model whose predictions become a part of the targets (knowledge distillation).
        teacher: File of YuNet; labelled faces that it does not detect are ignored in training.
        batch, learning_rate: Instead of the recipe's own.
        limit: Train on at most so many pictures, evenly spread over the set.
        balance: Table of `explore --balance`: pictures are drawn by its weights, and no others.
        undersample: Of `balance`, train on what it keeps, each picture once an epoch.
    """

    epochs: int | None = None
    mixed: bool = False
    cache: Path | None = None
    taught_by: Path | None = None
    teacher: Path | None = None
    batch: int | None = None
    learning_rate: float | None = None
    limit: int | None = None
    balance: Path | None = None
    undersample: bool = False


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Options of `export`; None leaves the default.

    Attributes:
        data: Data set to calibrate and compare on; default: the one that the run was trained on.
        file_format: `int8` (dynamic range), `float32` or, for use elsewhere, `json` or `h5`.
        weights: File of weights; default: the run's best.
        cache: As in `TrainOptions`.
    """

    data: Path | None = None
    file_format: str = "int8"
    weights: Path | None = None
    cache: Path | None = None


class BatchSource(Protocol):
    """Training batches; each depends only on the seed, its epoch and its index."""

    @property
    def batch_size(self) -> int: ...

    def __len__(self) -> int:
        """Batches in an epoch."""

    def batch_at(self, epoch: int, index: int) -> Batch:
        """Inputs and targets of one batch."""


@dataclass(frozen=True, slots=True)
class Validation:
    """What is computed at the end of an epoch.

    Attributes:
        arrays: Inputs and targets for Keras to evaluate; None if the callbacks do it all.
        callbacks: Keras callbacks that add figures to the epoch's.
    """

    arrays: Batch | None = None
    callbacks: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class TrainingData:
    """A data set as a task reads it.

    Attributes:
        names: Names of the images by split.
        rejected: Images and rows that are not used.
        summary: Sizes of the splits in words.
        batches: Makes the training batches. Called after the random generators were seeded.
        validation: Makes what is computed at the end of an epoch.
    """

    names: Mapping[str, Sequence[str]]
    rejected: Sequence[Rejection]
    summary: str
    batches: Callable[[], BatchSource]
    validation: Callable[[], Validation]


@dataclass(frozen=True, slots=True)
class ServingForm:
    """A trained network as the app serves it.

    Attributes:
        model: Keras model in float32; its one output is what the app reads.
        kind: Value of the card's entry `kind`; None for a network of attributes, whose card has none.
        card: Further entries of the card that the app reads.
        training: Further entries of the card's `training`.
        check: Compare a folder with the written model and its card to `model`, through the app's own code; returns
            the agreement in words, or raises ModelError.
    """

    model: Any
    kind: str | None
    card: Mapping[str, Any]
    check: Callable[[Path], str]
    training: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the output of a network for use elsewhere means.

    Attributes:
        kind: `classes` (probabilities that add up to 1), `binary` (probability of the second label), `number` (one
            value), `landmarks` (x and y of each, 0 at the centre of the patch and 1 at its edge) or `logits` (of
            several softmaxes).
        labels: Of the classes, of the columns, or the unit of a number.
    """

    kind: str
    labels: Sequence[str]


@dataclass(frozen=True, slots=True)
class PortableForm:
    """A trained network for use elsewhere, without a card.

    Attributes:
        patches: uint8, shape (n, *spec.shape): inputs to compare on.
        agreement: Say in words how close outputs (n, columns) for `patches` are to the model's, or raise ModelError.
        answer: What the outputs mean, of a network that is written whole.
    """

    model: Any
    spec: PatchSpec
    patches: np.ndarray
    agreement: Callable[[np.ndarray], str]
    answer: Answer | None = None


class Task(Protocol):
    """What the network of a recipe learns to do."""

    @property
    def source(self) -> DatasetSpec | CombinedSet:
        """The data set that it learns from."""

    @property
    def face_set(self) -> DatasetSpec | None:
        """The set, if every image of it is one face; None for a task that learns from whole images."""

    @property
    def train_options(self) -> Collection[str]:
        """Which of `taught_by`, `teacher`, `limit` and `balance` it takes."""

    def run_settings(self, options: TrainOptions) -> Mapping[str, Any]:
        """Entries of `run.json` for the options that it takes."""

    def read(self, recipe: Recipe[Any], data: Path, options: TrainOptions) -> TrainingData:
        """Read and split a data set.

        Raises:
            UnreadableMedia: the set cannot be found, or lacks images to train or to validate on.
        """

    def serving_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> ServingForm:
        """The network of a run with what the app must know to serve it.

        Raises:
            ModelError: the weights are missing or do not fit.
            SettingsError: the app cannot serve what the network predicts.
        """

    def portable_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> PortableForm | None:
        """The network of a run as it was trained; None if it is of use only with its card.

        Raises:
            ModelError: the weights are missing or do not fit.
        """

    def face_model(self, recipe: Recipe[Any], run: Path, weights: Path | None = None) -> FaceModel:
        """The network of a run for scoring on labelled faces.

        Raises:
            ModelError: the weights are missing or do not fit.
            SettingsError: it reads no single faces.
        """
