"""Train a recipe: batches from memory, averaged weights, a checkpoint every epoch, resume where it stopped."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from training.engine.backend import versions
from training.engine.callbacks import Curves, Log, Throughput, speed_line
from training.engine.checkpoints import Best, Newest, best_so_far, resume, trim_log
from training.engine.initialisation import check_teachable, taught, told
from training.engine.prefetch import BatchSource, ahead
from training.engine.run_dir import BEST, LOG, NEWEST, TAUGHT_BY, write_run, write_split_lists
from training.samples.sample import Rejection, count_reasons
from training.tasks.attributes.patch_cache import SPLITS, prepared
from training.tasks.attributes.task import AnyRecipe, Arrays, Recipe, Splits, TrainableRecipe
from training.transforms.patch_augmentation import Augmentation, fill_padding

SEED = 1
VALIDATION_BATCH = 256
DRAWS_PER_EPOCH = 1_000_000  # more than an epoch has steps, so that no two epochs drop out alike


class Batches:
    """Augmented batches of one split, in an order and variation that depend only on seed and epoch.

    `ready_s` holds when a batch was ready, by epoch and index and `time.monotonic`.
    """

    def __init__(self, arrays: Arrays, batch: int, augmentation: Augmentation, seed: int = 0) -> None:
        self.arrays, self.batch, self.augmentation, self.seed = arrays, batch, augmentation, seed
        self.ready_s: dict[tuple[int, int], float] = {}
        self._order = self._dealt(0)

    def __len__(self) -> int:
        """The last short batch is dropped: compiled steps keep one shape."""
        return max(1, len(self.arrays.patches) // self.batch)

    def made(self, epoch: int, index: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Patches and targets of one batch of an epoch."""
        if self._order[0] != epoch:
            self._order = self._dealt(epoch)
        rows = self._order[1][index * self.batch : (index + 1) * self.batch]
        targets = {name: values[rows] for name, values in self.arrays.targets.items()}
        random = np.random.default_rng((self.seed, epoch, index))
        patches, outside = self.arrays.patches[rows], self.arrays.outside
        if self.augmentation.padding_fill and outside is not None:
            patches = fill_padding(patches, outside[rows], self.augmentation.padding_fill, random)
        varied = self.augmentation.augment(patches, targets, random)
        self.ready_s[epoch, index] = time.monotonic()
        return varied

    def _dealt(self, epoch: int) -> tuple[int, np.ndarray]:
        random, count = np.random.default_rng((self.seed, epoch)), len(self.arrays.patches)
        if self.arrays.weights is None:
            return epoch, random.permutation(count)
        return epoch, random.choice(count, count, p=self.arrays.weights / self.arrays.weights.sum())


class StartEpoch(keras.callbacks.Callback):
    """Tells dropout which epoch begins, so that a resumed run continues as an uninterrupted one would.

    Keras saves no state of dropout.
    """

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if keras.backend.backend() == "torch":  # whose dropout draws from its own generator, not from Keras' states
            keras.utils.set_random_seed(SEED + epoch)
        states = [one for one in self.model.non_trainable_variables if one.name == "seed_generator_state"]
        for number, state in enumerate(states):
            state.assign(np.array([SEED + number, epoch * DRAWS_PER_EPOCH], np.uint32))


def train(
    recipe: Recipe,
    data: Path,
    out: Path,
    epochs: int | None = None,
    mixed: bool = False,
    cache: Path | None = None,
    taught_by: Path | None = None,
) -> Path:
    """Train a recipe and return the file of its best weights.

    Args:
        data: The set in any form that the recipe's source takes.
        out: Folder of the run: log, newest and best weights, the settings (`run.json`) and which picture is in which
            split (`splits/*.txt`); a run found there is continued.
        epochs: Instead of the recipe's own count.
        mixed: Compute in bfloat16 where that is faster.
        cache: Folder of the prepared patches, as `prepare.prepared` takes it.
        taught_by: A network whose answers become a part of the targets, as `starts.taught` takes it.
    Raises:
        SettingsError: `out` holds another run, or the recipe takes no teacher.
        ModelError: the teacher is missing or is no network of this kind.
    """
    total = epochs or recipe.epochs
    settings = run_settings(recipe, total, mixed)
    if taught_by:
        check_teachable(recipe)
        settings[TAUGHT_BY] = told(taught_by)
    write_run(recipe, data, out, settings)
    splits = prepared(recipe, data, cache)
    write_split_lists({name: getattr(splits, name).names for name in SPLITS}, splits.rejected, out)
    print(_summary(recipe, splits), flush=True)
    begin(mixed)
    arrays = taught(recipe, splits.train, taught_by) if taught_by else splits.train
    batches = Batches(arrays, recipe.batch, recipe.augmentation)
    return fitted(recipe, batches, out, total, (splits.valid.patches, dict(splits.valid.targets)))


def begin(mixed: bool) -> None:
    """Make what follows repeatable, and choose its precision."""
    keras.utils.set_random_seed(SEED)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if mixed else "float32")


def fitted(
    recipe: TrainableRecipe,
    batches: BatchSource,
    out: Path,
    total: int,
    validation: tuple[np.ndarray, dict[str, np.ndarray]] | None = None,
    figures: Sequence[keras.callbacks.Callback] = (),
) -> Path:
    """Train on batches, from where the run in `out` stopped, and return the file of its best weights.

    Args:
        validation: Patches and targets.
        figures: Callbacks that add figures to the epoch's, for the log and the choice of the best.
    """
    model = _compiled(recipe, total * len(batches), len(batches))
    done = resume(model, out / NEWEST, len(batches))
    if done:
        print(f"{out} holds {done} of {total} epochs; continuing", flush=True)
    if done < total:
        trim_log(out / LOG, done)
        model.fit(
            ahead(batches, done),
            steps_per_epoch=len(batches),
            shuffle=False,  # the batches have an order of their own
            validation_data=validation,
            validation_batch_size=VALIDATION_BATCH,
            epochs=total,
            initial_epoch=done,
            callbacks=[StartEpoch(), *figures, *_callbacks(model, recipe, batches, out, done)],
            verbose=1 if sys.stdout.isatty() else 2,
        )
        print(f"{recipe.name}: {speed_line(out) or 'too few steps to time'}", flush=True)
    return out / BEST


def _compiled(recipe: TrainableRecipe, steps: int, steps_per_epoch: int) -> keras.Model:
    model = recipe.build()
    model.compile(
        recipe.optimizer(steps, steps_per_epoch),
        loss=dict(recipe.losses()),
        loss_weights=dict(recipe.loss_weights) or None,
        metrics=dict(recipe.metrics()),
    )
    return model


def _callbacks(
    model: keras.Model, recipe: TrainableRecipe, batches: BatchSource, out: Path, done: int
) -> list[keras.callbacks.Callback]:
    """In an order that survives a kill between any two of them: log, best, newest."""
    monitor, mode = recipe.monitor
    averages = keras.callbacks.SwapEMAWeights() if model.optimizer.use_ema else None  # validates the averaged weights
    return [
        *([averages] if averages else []),
        Throughput(batches),
        Log(out / LOG),
        Best(out / BEST, monitor, mode, best_so_far(out / LOG, monitor, mode, done), averages),
        Newest(out / NEWEST),
        Curves(out, recipe.title, monitor, mode),
    ]


def run_settings(recipe: AnyRecipe, epochs: int, mixed: bool) -> dict[str, Any]:
    """All that it takes to repeat a run, but the data."""
    return {
        **recipe.start,
        "epochs": epochs,
        "batch": recipe.batch,
        "seed": SEED,
        "mixed": mixed,
        "backend": keras.backend.backend(),
        "versions": versions(),
    }


def left_out(rejected: Sequence[Rejection]) -> str:
    """What a reader left out and why, in words."""
    return ", ".join(f"{count} {reason}" for reason, count in count_reasons(rejected).items()) or "nothing"


def _summary(recipe: Recipe, splits: Splits) -> str:
    counts = f"{len(splits.train.patches)} train, {len(splits.valid.patches)} valid, {len(splits.test.patches)} test"
    return f"{recipe.name}: {counts}; left out: {left_out(splits.rejected)}"
