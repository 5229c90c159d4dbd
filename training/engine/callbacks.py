"""Keras callbacks that report on a training: speed, waiting for data, log and learning curves."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.engine.run_dir import CURVES, SECONDS, log_rows

SPEED, WAITING = "images_per_s", "waiting_for_data"
MAX_WAITING = 0.05  # share of the time above which the input side is reported to hold the network up
TRAINED, VALIDATED = "#9a958b", "#d4581f"
Rows = Sequence[Mapping[str, float]]


class Throughput(keras.callbacks.Callback):
    """Adds `images_per_s`, `waiting_for_data` (share of the time) and `seconds` to the epoch's figures.

    `seconds` are of the whole epoch, validation included. The network waits from the end of a step until the next
    batch is ready. On a backend that ends its steps later than it reports (JAX), the share is an upper bound. The
    very first step compiles and is not timed.
    """

    def __init__(self, batch_size: int, ready_s: dict[tuple[int, int], float]) -> None:
        """Args: ready_s: When each batch was ready (`time.monotonic`), by epoch and index; read entries are removed."""
        super().__init__()
        self.batch_size, self.ready_s, self.compiled = batch_size, ready_s, False

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self.epoch = epoch
        self._restart()
        self.epoch_started_s = self.started_s

    def _restart(self) -> None:
        self.started_s = self.free_s = time.monotonic()
        self.images, self.waited_s = 0, 0.0

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if not self.compiled:
            self.compiled = True
            self._restart()
            return
        self.images += self.batch_size
        self.waited_s += max(0.0, self.ready_s.pop((self.epoch, batch), 0.0) - self.free_s)
        self.free_s = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        seconds = self.free_s - self.started_s
        if logs is not None and seconds > 0:
            logs[SPEED], logs[WAITING] = self.images / seconds, self.waited_s / seconds
            logs[SECONDS] = time.monotonic() - self.epoch_started_s


class Log(keras.callbacks.Callback):
    """Writes a row of figures an epoch, whole: also into a log whose earlier rows have other columns."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        figures = {name: str(float(value)) for name, value in (logs or {}).items()}
        rows = [*self._rows(), {"epoch": str(epoch), **figures}]
        columns = ["epoch", *sorted({name for row in rows for name in row} - {"epoch"})]
        unfinished = self.file.with_suffix(".unfinished")
        with unfinished.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        os.replace(unfinished, self.file)

    def _rows(self) -> list[dict[str, str]]:
        if not self.file.exists():
            return []
        with self.file.open(newline="") as file:
            return list(csv.DictReader(file))


class Curves(keras.callbacks.Callback):
    """Draws the learning curves of a run after every epoch."""

    def __init__(self, run: Path, title: str, monitor: str, mode: str) -> None:
        super().__init__()
        self.run, self.title, self.monitor, self.mode = run, title, monitor, mode

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        try:
            draw_curves(log_rows(self.run), self.title, self.monitor, self.mode, self.run / CURVES)
        except OSError as error:  # a picture is not worth a training
            print(f"The curves are not drawn ({error})", flush=True)


def speed_line(run: Path) -> str:
    """Mean speed and waiting of a log in one line; empty if it has no such figures."""
    rows = [row for row in log_rows(run) if SPEED in row]
    if not rows:
        return ""
    text = f"{sum(row[SPEED] for row in rows) / len(rows):.0f} images/s"
    waits = [row[WAITING] for row in rows if WAITING in row]
    if not waits:
        return text
    share = sum(waits) / len(waits)
    held_up = "; the input side holds the network up" if share > MAX_WAITING else ""
    return f"{text}, {share:.1%} of the time waiting for data{held_up}"


def draw_curves(rows: Rows, title: str, monitor: str, mode: str, file: Path) -> None:
    """Write a picture of the loss and the monitored figure over the epochs, the best epoch marked.

    Args:
        rows: By epoch, as `runs.log_rows` reads them.
        monitor: Name of the validated figure that the best epoch is chosen by, with `min` or `max`.
    Raises:
        OSError: the picture cannot be written.
    """
    names = list(dict.fromkeys(("val_loss", monitor)))
    figure = Figure(figsize=(5 * len(names), 3.6), dpi=120, layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        _panel(axes, rows, name)
        if name == monitor and rows:
            _mark_best(axes, rows, monitor, mode)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    unfinished = file.with_name(f"unfinished.{file.name}")
    figure.savefig(unfinished)
    os.replace(unfinished, file)


def best_row(rows: Rows, monitor: str, mode: str) -> Mapping[str, float]:
    """The first row whose monitored figure none beats; at least one row must have it."""
    known = [row for row in rows if monitor in row]
    return {"max": max, "min": min}[mode](known, key=lambda row: row[monitor])


def _panel(axes: Any, rows: Rows, name: str) -> None:
    for column, colour, label in ((name.removeprefix("val_"), TRAINED, "train"), (name, VALIDATED, "valid")):
        known = [(row["epoch"] + 1, row[column]) for row in rows if column in row]
        axes.plot(*zip(*known, strict=True) if known else ([], []), color=colour, label=label, linewidth=1.8)
    axes.set_title(name.removeprefix("val_").replace("_", " "), loc="left", fontsize=10)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)


def _mark_best(axes: Any, rows: Rows, monitor: str, mode: str) -> None:
    best = best_row(rows, monitor, mode)
    place = best["epoch"] + 1, best[monitor]
    axes.plot(*place, "o", color=VALIDATED, markersize=6)
    axes.annotate(f"{best[monitor]:.4g}", place, textcoords="offset points", xytext=(0, 8), ha="center", fontsize=9)
