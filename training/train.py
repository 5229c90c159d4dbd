"""Train a recipe: batches from memory, averaged weights, a checkpoint every epoch, resume where it stopped."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.augment import Augmentation
from training.recipe import Arrays, Recipe, Splits

WARM_UP_EPOCHS = 2


class Batches(keras.utils.PyDataset):
    """Augmented batches of one split, in an order and variation that depend only on seed and epoch."""

    def __init__(self, arrays: Arrays, batch: int, augmentation: Augmentation | None = None, seed: int = 0) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self.arrays, self.batch, self.augmentation, self.seed = arrays, batch, augmentation, seed
        self.epoch = 0
        self._shuffle()

    def __len__(self) -> int:
        count = len(self.arrays.patches)
        # A training epoch drops the last short batch: compiled steps keep one shape.
        return count // self.batch if self.augmentation else math.ceil(count / self.batch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        rows = self.order[index * self.batch : (index + 1) * self.batch]
        patches = self.arrays.patches[rows]
        if self.augmentation:
            patches = self.augmentation.apply(patches, np.random.default_rng((self.seed, self.epoch, index)))
        return patches, {name: values[rows] for name, values in self.arrays.targets.items()}

    def on_epoch_end(self) -> None:
        self.epoch += 1
        self._shuffle()

    def _shuffle(self) -> None:
        count = len(self.arrays.patches)
        self.order = np.arange(count)
        if self.augmentation:
            self.order = np.random.default_rng((self.seed, self.epoch)).permutation(count)


class StartAtEpoch(keras.callbacks.Callback):
    """Bring the batches' epoch in line after a resume, so that the order and variation continue."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self.batches.epoch != epoch:
            self.batches.epoch = epoch
            self.batches._shuffle()


class Throughput(keras.callbacks.Callback):
    """Adds `images_per_s` to the epoch's figures."""

    def __init__(self, batch: int) -> None:
        super().__init__()
        self.batch = batch

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.started_s, self.images = time.monotonic(), 0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.images += self.batch
        self.seconds = time.monotonic() - self.started_s

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs["images_per_s"] = self.images / max(self.seconds, 1e-9)


def train(recipe: Recipe, data: Path, out: Path, epochs: int | None = None, mixed: bool = False) -> Path:
    """Train a recipe and return the file of its best weights.

    Args:
        data: Folder of the sets, as the recipe's `data` describes.
        out: Folder of the run: log, checkpoint and best weights; a run found there is continued.
        epochs: Instead of the recipe's own count.
        mixed: Compute in bfloat16 where that is faster.
    """
    keras.utils.set_random_seed(1)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if mixed else "float32")
    out.mkdir(parents=True, exist_ok=True)
    splits = recipe.load(data, recipe.patch)
    print(f"{recipe.name}: {len(splits.train.patches)} train, {len(splits.valid.patches)} valid; {splits.left_out}")
    total = epochs or recipe.epochs
    batches = Batches(splits.train, recipe.batch, recipe.augmentation)
    model = recipe.build()
    _compile(model, recipe, total * len(batches), len(batches))
    model.fit(
        batches,
        validation_data=Batches(splits.valid, 256),
        epochs=total,
        callbacks=_callbacks(recipe, out, batches),
        verbose=2,
    )
    return out / "best.weights.h5"


def _compile(model: keras.Model, recipe: Recipe, steps: int, steps_per_epoch: int) -> None:
    schedule = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 50,
        decay_steps=steps,
        alpha=0.002,
        warmup_target=recipe.learning_rate,
        warmup_steps=min(WARM_UP_EPOCHS * steps_per_epoch, steps // 2),
    )
    optimizer = keras.optimizers.SGD(
        schedule,
        momentum=0.9,
        nesterov=True,
        weight_decay=recipe.weight_decay,
        clipnorm=5.0,
        use_ema=True,
        ema_momentum=recipe.average,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer,
        loss=dict(recipe.losses()),
        loss_weights=dict(recipe.loss_weights) or None,
        metrics=dict(recipe.metrics()),
    )


def _callbacks(recipe: Recipe, out: Path, batches: Batches) -> list[keras.callbacks.Callback]:
    monitor, mode = recipe.monitor
    return [
        StartAtEpoch(batches),
        Throughput(recipe.batch),
        # Before the swap: the backup must hold the raw weights beside their averages.
        keras.callbacks.BackupAndRestore(str(out / "backup"), delete_checkpoint=False),
        keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
        keras.callbacks.ModelCheckpoint(
            str(out / "best.weights.h5"), monitor=monitor, mode=mode, save_best_only=True, save_weights_only=True
        ),
        keras.callbacks.CSVLogger(str(out / "log.csv"), append=True),
    ]
