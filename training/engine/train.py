"""Train a recipe of any task: averaged weights, a checkpoint every epoch, resume where it stopped."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from app.errors import SettingsError
from training.engine.backend import versions
from training.engine.callbacks import Curves, Log, Throughput, speed_line
from training.engine.checkpoints import Best, Newest, best_so_far, resume, trim_log
from training.engine.prefetch import Prefetcher
from training.engine.process_group import ProcessGroup
from training.engine.run_dir import BEST, LOG, NEWEST, write_run, write_split_lists
from training.samples.sample import Rejection, count_reasons
from training.tasks.base import SEED, BatchSource, TrainOptions, Validation
from training.tasks.recipe import Recipe

VALIDATION_BATCH = 256
DRAWS_PER_EPOCH = 1_000_000  # more than an epoch has steps, so that no two epochs drop out alike
ALONE = ProcessGroup()
TASK_OPTIONS = ("taught_by", "teacher", "limit", "balance")  # options that only some tasks take


class StartEpoch(keras.callbacks.Callback):
    """Seeds dropout by the epoch, so that a resumed run continues as an uninterrupted one would.

    Keras saves no state of dropout.
    """

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if keras.backend.backend() == "torch":  # whose dropout draws from its own generator, not from Keras' states
            keras.utils.set_random_seed(SEED + epoch)
        states = [one for one in self.model.non_trainable_variables if one.name == "seed_generator_state"]
        for number, state in enumerate(states):
            state.assign(np.array([SEED + number, epoch * DRAWS_PER_EPOCH], np.uint32))


def train(
    recipe: Recipe[Any], data: Path, out: Path, options: TrainOptions | None = None, group: ProcessGroup = ALONE
) -> Path:
    """Train a recipe and return the file of its best weights.

    Args:
        data: The set in any form that the task's source takes.
        out: Folder of the run: log, newest and best weights, the settings (`run.json`) and which image is in which
            split (`splits/*.txt`). A run found there is continued.
        group: The joined processes that train it together, each with an `out` of its own.
    Raises:
        SettingsError: `out` holds another run, the task does not take one of the options, or the processes differ.
        UnreadableMedia: the set cannot be found, or lacks images to train or to validate on.
        ModelError: the teacher is missing or is no network of this kind.
    """
    options = options or TrainOptions()
    check_options(recipe, options)
    recipe = with_options(recipe, options)
    total = options.epochs or recipe.epochs
    group.check_batch(recipe.batch)
    settings = {**_settings(recipe, total, options), **recipe.task.run_settings(options)}
    write_run(recipe, data, out, settings)
    found = recipe.task.read(recipe, data, options)
    group.check_same({"recipe": recipe.name, **settings, **{split: [*names] for split, names in found.names.items()}})
    write_split_lists(found.names, found.rejected, out)
    print(f"{recipe.name}: {found.summary}; left out: {_counts(found.rejected)}", flush=True)
    if recipe.random_start_notice and set(recipe.start.values()) <= {"random"}:
        print(f"Notice: {recipe.random_start_notice}", file=sys.stderr, flush=True)
    keras.utils.set_random_seed(SEED)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if options.mixed else "float32")
    source, validation = found.batches(), found.validation()
    with group.spread():
        return _fit(recipe, source, validation, out, total, group)


def check_options(recipe: Recipe[Any], options: TrainOptions) -> None:
    """Refuse options that the recipe's task does not take.

    Raises:
        SettingsError: there is one.
    """
    for name in TASK_OPTIONS:
        if getattr(options, name) and name not in recipe.task.train_options:
            raise SettingsError(f"{recipe.name} takes no --{name.replace('_', '-')}; leave it out")
    if options.undersample and not options.balance:
        raise SettingsError("--undersample belongs to --balance; give the balance.csv that explore writes")


def with_options(recipe: Recipe[Any], options: TrainOptions) -> Recipe[Any]:
    """The recipe with another batch size and learning rate, where they are given."""
    rate = options.learning_rate or recipe.optimizer.learning_rate
    return replace(recipe, batch=options.batch or recipe.batch, optimizer=replace(recipe.optimizer, learning_rate=rate))


def _fit(
    recipe: Recipe[Any], source: BatchSource, validation: Validation, out: Path, total: int, group: ProcessGroup
) -> Path:
    """Train from where the run in `out` stopped until `total` epochs are done."""
    model = _compiled(recipe, total * len(source), len(source))
    done = resume(model, out / NEWEST, len(source))
    if done:
        print(f"{out} holds {done} of {total} epochs; continuing", flush=True)
    if done < total:
        trim_log(out / LOG, done)
        prefetcher = Prefetcher(group.share(source))
        speed = Throughput(source.batch_size, prefetcher.ready_s)
        model.fit(
            prefetcher.batches(done),
            steps_per_epoch=len(source),
            shuffle=False,  # the batches have an order of their own
            validation_data=validation.arrays,
            validation_batch_size=VALIDATION_BATCH,
            epochs=total,
            initial_epoch=done,
            callbacks=[StartEpoch(), *validation.callbacks, speed, *_callbacks(model, recipe, out, done)],
            verbose=1 if sys.stdout.isatty() else 2,
        )
        print(f"{recipe.name}: {speed_line(out) or 'too few steps to time'}", flush=True)
    return out / BEST


def _compiled(recipe: Recipe[Any], steps: int, steps_per_epoch: int) -> keras.Model:
    model = recipe.build()
    model.compile(
        recipe.optimizer(steps, steps_per_epoch),
        loss=dict(recipe.losses()),
        loss_weights=dict(recipe.loss_weights) or None,
        metrics=dict(recipe.metrics()),
    )
    return model


def _callbacks(model: keras.Model, recipe: Recipe[Any], out: Path, done: int) -> list[keras.callbacks.Callback]:
    """In an order that survives a kill between any two of them: log, best, newest."""
    monitor, mode = recipe.monitor
    averages = keras.callbacks.SwapEMAWeights() if model.optimizer.use_ema else None  # validates the averaged weights
    return [
        *([averages] if averages else []),
        Log(out / LOG),
        Best(out / BEST, monitor, mode, best_so_far(out / LOG, monitor, mode, done), averages),
        Newest(out / NEWEST),
        Curves(out, recipe.title, monitor, mode),
    ]


def _settings(recipe: Recipe[Any], epochs: int, options: TrainOptions) -> dict[str, Any]:
    """Everything needed to repeat a run, except the data and the task's own options."""
    return {
        **recipe.start,
        "epochs": epochs,
        "batch": recipe.batch,
        "learning_rate": recipe.optimizer.learning_rate,
        "seed": SEED,
        "mixed": options.mixed,
        "backend": keras.backend.backend(),
        "versions": versions(),
    }


def _counts(rejected: Sequence[Rejection]) -> str:
    """Number of rejected images by reason, in words."""
    return ", ".join(f"{count} {reason}" for reason, count in count_reasons(rejected).items()) or "nothing"
