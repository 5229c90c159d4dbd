"""What the folder of a run says of it: `run.json` and the log."""

from __future__ import annotations

import csv
import json
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.errors import SettingsError
from training.samples.sample import Rejection, count_reasons
from training.tasks.recipe import Recipe

# The files of a run.
RUN, NEWEST, BEST, LOG = "run.json", "newest.weights.h5", "best.weights.h5", "log.csv"
CURVES = "curves.png"
SPLITS = "splits"  # folder of the lists of pictures
TEACHER = "teacher"
TAUGHT_BY = "taught_by"
STARTS = ("init", "trunk_weights", TAUGHT_BY)
# What makes another training of a run that is continued.
KEPT_SETTINGS = (*STARTS, "batch", "learning_rate", "limit", "balance", "undersample")
FACTS = ("seed", "mixed", "backend", *KEPT_SETTINGS, "last_layer_share")  # of a run that a card repeats
BEST_EPOCH = ("best_epoch", "monitor", "best")
SECONDS = "seconds"  # column of the log


def write_run(recipe: Recipe[Any], data: Path, out: Path, settings: Mapping[str, Any]) -> None:
    """Say what the run is.

    Args:
        settings: What else it takes to repeat it.
    Raises:
        SettingsError: `out` holds a run of another recipe, or one with other weights to start from or other settings.
    """
    out.mkdir(parents=True, exist_ok=True)
    found = _content(out)
    if found.get("recipe", recipe.name) != recipe.name:
        raise SettingsError(f"{out} holds a run of {found['recipe']}; give another --out for {recipe.name}")
    if (out / NEWEST).exists():
        _check_settings(found, settings, out)
    about = {"recipe": recipe.name, "data": str(data.resolve()), **settings}
    (out / RUN).write_text(json.dumps(about, indent=2) + "\n")


def _check_settings(found: Mapping[str, Any], settings: Mapping[str, Any], out: Path) -> None:
    for name in KEPT_SETTINGS:
        if name in found and found[name] != settings.get(name):
            flag = f"--{name.replace('_', '-')}"
            had = f"started from {flag} {found[name]}" if name in STARTS else f"was trained with {flag} {found[name]}"
            raise SettingsError(f"{out} {had}; give the same to continue, or another --out")


def write_split_lists(names: Mapping[str, Sequence[str]], rejected: Sequence[Rejection], out: Path) -> None:
    """Say which pictures are in which split: `splits/train.txt` and so on, a name a line; `left_out.txt` has reasons.

    Args:
        names: By split, as the set names its pictures.
    """
    folder = out / SPLITS
    folder.mkdir(parents=True, exist_ok=True)
    left_out = [f"{one.name}\t{one.reason}" for one in rejected]
    for title, lines in {**names, "left_out": left_out}.items():
        (folder / f"{title}.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def trained_on(run: Path) -> Path:
    """The set of the run.

    Raises:
        SettingsError: the run does not say.
    """
    about = _content(run)
    if "data" not in about:
        raise SettingsError(f"{run} does not say what it was trained on; give --data")
    return Path(about["data"])


def teacher_of(run: Path) -> Path | None:
    """The file of the detector that marked what not to learn."""
    teacher = _content(run).get(TEACHER)
    return Path(teacher) if teacher else None


def recipe_name(run: Path) -> str:
    """The recipe of the run.

    Raises:
        SettingsError: the folder is no run.
    """
    name = _content(run).get("recipe")
    if not name:
        raise SettingsError(f"{run} is no folder of a run; give what train wrote with --out")
    return str(name)


def training_facts(recipe: Recipe[Any], run: Path, weights: Path | None = None) -> dict[str, Any]:
    """Seed, precision, batch, initial weights, epochs done and the best of them, as far as the run records them.

    Args:
        weights: File that is used instead of the best epoch's weights; its name replaces the best epoch.
    """
    about = _content(run)
    facts: dict[str, Any] = {key: about[key] for key in FACTS if about.get(key) is not None}
    facts |= _epochs(run, *recipe.monitor)
    if weights is None:
        return facts
    return {name: facts[name] for name in facts if name not in BEST_EPOCH} | {"weights": weights.name}


def data_report(names: Mapping[str, Sequence[str]], rejected: Sequence[Rejection]) -> dict[str, Any]:
    """What `prepare --json` writes.

    Args:
        names: Of the images, by split.
    """
    return {
        "pictures": {split: len(images) for split, images in names.items()},
        "rejected": len(rejected),
        "reasons": count_reasons(rejected),
        "files": [{"name": one.name, "reason": one.reason} for one in rejected],
    }


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
