"""Draw the learning curves of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

TRAINED, VALIDATED = "#9a958b", "#d4581f"

Rows = Sequence[Mapping[str, float]]


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
