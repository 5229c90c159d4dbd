"""Keep a run's newest and best weights so that a kill at any moment leaves whole files behind."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from app.errors import ModelError
from training.engine.process_group import computed_here
from training.errors import first_line


class Best(keras.callbacks.Callback):
    """Saves the weights whenever the monitored figure beats all epochs so far, those before a resume included.

    It comes after the log and before `Newest`: a kill between two of them then only repeats the epoch.
    """

    def __init__(
        self, file: Path, monitor: str, mode: str, best: float | None, averages: keras.callbacks.SwapEMAWeights | None
    ) -> None:
        super().__init__()
        self.file, self.monitor, self.sign, self.best = file, monitor, 1 if mode == "max" else -1, best
        self.averages = averages

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        figure = float((logs or {})[self.monitor])
        is_best = self.best is None or self.sign * figure > self.sign * self.best
        # What was validated is what is kept: the averages go in as they do for a validation. They do so after every
        # epoch, since several processes that train together must do it together, and may round figures differently.
        if self.averages:
            self.averages.on_test_begin()
        if is_best:
            self.best = figure
            save_whole(self.model, self.file)
        if self.averages:
            self.averages.on_test_end()


class Newest(keras.callbacks.Callback):
    """Saves weights, their averages and the optimizer's state after every epoch; comes last."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        save_whole(self.model, self.file)


def save_whole(model: keras.Model, file: Path) -> None:
    """Save weights under another name first, so that `file` is never half written."""
    unfinished = file.with_name("unfinished.weights.h5")
    with computed_here():  # Keras makes variables while it saves, which must not wait for other processes
        model.save_weights(unfinished)
    os.replace(unfinished, file)


def resume(model: keras.Model, file: Path, steps_per_epoch: int) -> int:
    """Load weights and optimizer state where there are any, and return the epochs done.

    Raises:
        ModelError: the file does not fit the network.
    """
    if not file.exists():
        return 0
    model.optimizer.build(model.trainable_variables)  # else its state would not be loaded
    try:
        model.load_weights(file)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{file} does not fit this recipe ({first_line(error)}); give another --out or remove it"
        ) from None
    return int(model.optimizer.iterations.numpy()) // steps_per_epoch


def best_so_far(log: Path, monitor: str, mode: str, epochs: int) -> float | None:
    """The best monitored figure among the first `epochs` epochs of a log."""
    if not log.exists():
        return None
    with log.open(newline="") as file:
        figures = [float(row[monitor]) for row in csv.DictReader(file) if int(row["epoch"]) < epochs]
    return {"max": max, "min": min}[mode](figures) if figures else None


def trim_log(log: Path, epochs: int) -> None:
    """Drop rows of epochs that will be repeated, and a row cut short by a kill."""
    if not log.exists():
        return
    with log.open(newline="") as file:
        head, *rows = list(csv.reader(file)) or [[]]
    kept = {int(row[0]): row for row in rows if len(row) == len(head) and row[0].isdigit() and int(row[0]) < epochs}
    if not kept:
        log.unlink()
        return
    unfinished = log.with_suffix(".unfinished")
    with unfinished.open("w", newline="") as file:
        csv.writer(file).writerows([head, *(kept[epoch] for epoch in sorted(kept))])
    os.replace(unfinished, log)
