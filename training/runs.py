"""What the folder of a run says of it: `run.json` and the log."""

from __future__ import annotations

import csv
import json
import statistics
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.errors import SettingsError
from training.recipe import Recipe

# The files of a run.
RUN, NEWEST, BEST, LOG = "run.json", "newest.weights.h5", "best.weights.h5", "log.csv"
CURVES = "curves.png"
SECONDS = "seconds"  # column of the log


def write_run(recipe: Recipe, data: Path, out: Path, settings: Mapping[str, Any]) -> None:
    """Say what the run is.

    Raises:
        SettingsError: `out` holds a run of another recipe.
    """
    out.mkdir(parents=True, exist_ok=True)
    found = _content(out).get("recipe", recipe.name)
    if found != recipe.name:
        raise SettingsError(f"{out} holds a run of {found}; give another --out for {recipe.name}")
    about = {"recipe": recipe.name, "data": str(data.resolve()), **settings}
    (out / RUN).write_text(json.dumps(about, indent=2) + "\n")


def trained_on(run: Path) -> Path:
    """The set of the run.

    Raises:
        SettingsError: the run does not say.
    """
    about = _content(run)
    if "data" not in about:
        raise SettingsError(f"{run} does not say what it was trained on; give --data")
    return Path(about["data"])


def recipe_name(run: Path) -> str:
    """The recipe of the run.

    Raises:
        SettingsError: the folder is no run.
    """
    name = _content(run).get("recipe")
    if not name:
        raise SettingsError(f"{run} is no folder of a run; give what train wrote with --out")
    return str(name)


def training_facts(recipe: Recipe, run: Path) -> dict[str, Any]:
    """Seed, precision, epochs done and the best of them, as far as the run tells."""
    about = _content(run)
    facts: dict[str, Any] = {key: about[key] for key in ("seed", "mixed", "backend") if key in about}
    return {**facts, **_epochs(run, *recipe.monitor)}


def log_rows(run: Path) -> list[dict[str, float]]:
    """The figures of every epoch, `epoch` from 0 among them; a figure that an epoch lacks is missing in its row."""
    try:
        with (run / LOG).open(newline="") as file:
            return [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
    except (OSError, ValueError):
        return []


def seconds_an_epoch(runs: Path) -> dict[str, float]:
    """By recipe, the median over the epochs of all runs in a folder whose logs tell."""
    found: dict[str, list[float]] = defaultdict(list)
    for file in sorted(runs.glob(f"*/{RUN}")):
        found[recipe_name(file.parent)] += [row[SECONDS] for row in log_rows(file.parent) if SECONDS in row]
    return {name: statistics.median(seconds) for name, seconds in found.items() if seconds}


def _epochs(run: Path, monitor: str, mode: str) -> dict[str, Any]:
    figures = [row[monitor] for row in log_rows(run) if monitor in row]
    if not figures:
        return {}
    best = {"max": max, "min": min}[mode](figures)
    return {"epochs": len(figures), "best_epoch": figures.index(best) + 1, "monitor": monitor, "best": round(best, 4)}


def _content(run: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((run / RUN).read_text()))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise SettingsError(f"{run / RUN} is damaged; remove it and give --data") from None
