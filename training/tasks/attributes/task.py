"""The task of reading attributes from patches of single faces: emotion, age, sex, race, mask, or plain points."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.vision.inference import model_card
from app.vision.inference.face_crop import PatchSpec
from training.datasets.dataset_spec import DatasetSpec
from training.engine.run_dir import BEST, TAUGHT_BY
from training.engine.weights import weights_id
from training.networks.spatial_transformer import window_reader
from training.samples.sample import Sample
from training.tasks.attributes import serving
from training.tasks.attributes.arrays import Head
from training.tasks.attributes.batches import AugmentedBatches
from training.tasks.attributes.distillation import distilled
from training.tasks.attributes.drawing import chosen_arrays
from training.tasks.attributes.patch_cache import default_cache, load_splits
from training.tasks.base import SPLITS, ExportOptions, PortableForm, ServingForm, TrainingData, TrainOptions, Validation
from training.tasks.face_model import FaceModel
from training.tasks.recipe import Recipe
from training.transforms.patch_augmentation import Augmentation


@dataclass(frozen=True)
class AttributeTask:
    """Read attributes from patches of single faces. Implements `training.tasks.base.Task`.

    The training model has a layer `logits`, which is served; its other outputs only help to learn.

    Attributes:
        patch: How a face is cut out.
        heads: Meaning of the columns of `logits`, in order.
        source: The set it learns from.
        targets: By output of the training model, from the samples of a split.
        augmentation: Of training patches.
        draw: How often to draw each training sample, float (n,), 1 on average; None draws each once an epoch.
        calibrated_on: Prefix of the names of the images that temperatures are fitted on: of several sets the one that
            the figures are of.
        interval_sets: Prefixes of the names of the images of each set that intervals are fitted on. A camera may
            resemble any of them, so that each counts the same at every age, whatever its size.
        flip_tta: Serve the mean of the outputs for a patch and its mirror image (test-time augmentation).
        logit_adjustment: Share of the logarithm of each label's training frequency that is subtracted from the served
            logits (Menon et al. 2021): 0 nothing, 1 as if all labels had been equally frequent.
        distillation_weights: Share of a teacher's predictions in the targets of `logits`, if one is given, by what
            the names of samples begin with; empty takes no teacher.
    """

    patch: PatchSpec
    heads: Sequence[Head]
    source: DatasetSpec
    targets: Callable[[Sequence[Sample]], Mapping[str, np.ndarray]]
    augmentation: Augmentation = Augmentation()
    draw: Callable[[Sequence[Sample]], np.ndarray] | None = None
    calibrated_on: str = ""
    interval_sets: Sequence[str] = ("",)
    flip_tta: bool = False
    logit_adjustment: float = 0.0
    distillation_weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def face_set(self) -> DatasetSpec:
        return self.source

    @property
    def card_heads(self) -> tuple[model_card.Head, ...]:
        """The heads as a card has them, before they are calibrated."""
        return tuple(model_card.Head(head.attribute, head.kind, tuple(head.labels)) for head in self.heads)

    @property
    def train_options(self) -> Collection[str]:
        return ("limit", "balance", *(("taught_by",) if self.distillation_weights else ()))

    def run_settings(self, options: TrainOptions) -> Mapping[str, Any]:
        drawn: dict[str, Any] = {"limit": options.limit, "undersample": options.undersample}
        drawn |= {"balance": weights_id(options.balance)} if options.balance else {}
        taught = {TAUGHT_BY: weights_id(options.taught_by)} if options.taught_by else {}
        return {**{name: value for name, value in drawn.items() if value}, **taught}

    def read(self, recipe: Recipe[Any], data: Path, options: TrainOptions) -> TrainingData:
        cache = options.cache or default_cache()
        splits = load_splits(recipe, data, cache)
        splits = replace(splits, train=chosen_arrays(splits.train, options))
        names = {split: getattr(splits, split).names for split in SPLITS}

        def batches() -> AugmentedBatches:
            arrays = splits.train
            if options.taught_by:
                arrays = distilled(arrays, options.taught_by, self.distillation_weights, recipe.name, cache)
            return AugmentedBatches(arrays, recipe.batch, self.augmentation)

        summary = ", ".join(f"{len(images)} {split}" for split, images in names.items())
        valid = Validation((splits.valid.patches, dict(splits.valid.targets)))
        return TrainingData(names, splits.rejected, summary, batches, lambda: valid)

    def serving_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> ServingForm:
        return serving.serving_form(recipe, run, options)

    def portable_form(self, recipe: Recipe[Any], run: Path, options: ExportOptions) -> PortableForm:
        return serving.portable_form(recipe, run, options)

    def face_model(self, recipe: Recipe[Any], run: Path, weights: Path | None = None) -> FaceModel:
        return self.scored(recipe, serving.serving_model(recipe, weights or run / BEST), run)

    def scored(self, recipe: Recipe[Any], network: Any, run: Path) -> FaceModel:
        """A network of `serving.serving_model` in the form that is scored."""

        def predict(patches: np.ndarray) -> np.ndarray:
            outputs = network.predict(patches, batch_size=serving.PREDICTION_BATCH, verbose=0)
            return np.asarray(outputs, np.float32)

        title, windows = f"{recipe.title}, run {run.name}", window_reader(network)
        return FaceModel(title, self.patch, self.card_heads, predict, run, windows)
