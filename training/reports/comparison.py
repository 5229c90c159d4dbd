"""The report of `compare`: training runs side by side; it shows no image of a set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.evaluation.run_comparison import RunSummary
from training.reports import plots
from training.reports.svg import series_colors
from training.reports.tables import Cell, ShadedTable, shading

# By end of a figure's name: its name in the table, whether higher is better, and its format. Others are not shown.
ROWS: Mapping[str, tuple[str, bool, str]] = {
    "accuracy": ("accuracy", True, ".1%"),
    "balanced_accuracy": ("balanced accuracy", True, ".1%"),
    "ece": ("calibration error", False, ".3g"),
    "nll": ("log loss (nats)", False, ".3g"),
    "brier": ("Brier score", False, ".3g"),
    "mae_years": ("mean absolute error, years", False, ".3g"),
    "rmse_years": ("root mean square error, years", False, ".3g"),
    "share_within_5_years": ("within 5 years", True, ".1%"),
    "rmse_px96": ("RMSE at 96 px", False, ".3g"),
    "nme": ("error / eye distance", False, ".1%"),
    "parameters": ("parameters", False, ",.0f"),
    "size_mb": ("MB, float32", False, ".3g"),
    "ms_per_face": ("milliseconds per face", False, ".3g"),
}
ATTRIBUTES = ("sex", "race")  # prefixes of figures

Values = Mapping[str, float | int | str | bool]


def comparison_figures(runs: Sequence[RunSummary]) -> list[dict[str, Any]]:
    """The figures of every run, as plain values."""
    return [
        {"run": summary.run.name, "recipe": summary.recipe.name, **summary.figures, **summary.facts} for summary in runs
    ]


def comparison_context(runs: Sequence[RunSummary]) -> dict[str, Any]:
    """What the template shows."""
    variables, legend = series_colors(run_names(runs))
    return {
        "title": "Runs side by side",
        "sets": sorted({summary.recipe.task.source.name for summary in runs}),
        "notes": list(dict.fromkeys(summary.note for summary in runs if summary.note)),
        "several_sets": len({summary.scored_on for summary in runs}) > 1,
        "table": _table(runs),
        "training": [_training_row(name, summary) for name, summary in zip(run_names(runs), runs, strict=True)],
        "legend": legend,
        "curves": {title: plots.learning_curves(series, variables, title) for title, series in _curves(runs).items()},
    }


def run_names(runs: Sequence[RunSummary]) -> list[str]:
    """Return the name of each run's folder, numbered where several have the same."""
    folders = [summary.run.resolve().name for summary in runs]
    return [name if folders.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(folders, 1)]


def _table(runs: Sequence[RunSummary]) -> ShadedTable:
    values = [{**summary.figures, **summary.facts} for summary in runs]
    order = list(ROWS)
    shown = {name for known in values for name in known if _kind(name)}
    ordered = sorted(shown, key=lambda name: (name in runs[0].facts, _attribute(name), order.index(_kind(name))))
    names = (": ".join(filter(None, (_attribute(name), ROWS[_kind(name)][0]))) for name in ordered)
    groups = [summary.scored_on for summary in runs]
    rows = {
        title: figure_row(name, values, None if name in runs[0].facts else groups)
        for title, name in zip(names, ordered, strict=True)
    }
    return ShadedTable(run_names(runs), rows)


def figure_row(name: str, runs: Sequence[Values], scored_on: Sequence[str] | None = None) -> list[Cell | None]:
    """Return the cells of one figure; None for a run that does not have it.

    Args:
        scored_on: The pictures of each run, whose figures are shaded among those of the same pictures; None shades all
            together.
    """
    groups = scored_on or [""] * len(runs)
    known: dict[str, list[float]] = {}
    for group, values in zip(groups, runs, strict=True):
        known.setdefault(group, []).extend([float(values[name])] if name in values else [])
    pairs = zip(groups, runs, strict=True)
    return [_cell(name, values, known[group]) if name in values else None for group, values in pairs]


def _cell(name: str, values: Values, known: Sequence[float]) -> Cell:
    _, higher_is_better, text = ROWS[_kind(name)]
    ends = [f"{values[end]:.1%}" for end in (f"{name}_low", f"{name}_high") if end in values]
    value = float(values[name])
    return Cell(f"{value:{text}}", shading(value, known, higher_is_better), " to ".join(ends))


def _kind(name: str) -> str:
    """The key in `ROWS` of a figure, whose name may begin with an attribute; empty if there is none."""
    attribute, _, rest = name.partition("_")
    plain = rest if attribute in ATTRIBUTES else name
    return plain if plain in ROWS else ""


def _attribute(name: str) -> str:
    return name.removesuffix(_kind(name)).rstrip("_")


def _training_row(name: str, summary: RunSummary) -> tuple[Any, ...]:
    facts = summary.facts
    precision = "bfloat16" if facts.get("mixed") else "float32"
    epochs = facts.get("epochs", ""), facts.get("best_epoch", "")
    return name, summary.recipe.name, summary.figures["n"], *epochs, precision, facts.get("backend", "")


def _curves(runs: Sequence[RunSummary]) -> dict[str, dict[str, list[float]]]:
    """By plot and run, the figure that its best epoch is chosen by and its loss, by epoch."""
    found: dict[str, dict[str, list[float]]] = {}
    for name, summary in zip(run_names(runs), runs, strict=True):
        for title, values in _logged(summary):
            found.setdefault(title, {})[name] = values
    return found


def _logged(summary: RunSummary) -> Iterator[tuple[str, list[float]]]:
    for column in dict.fromkeys((summary.recipe.monitor[0], "val_loss")):
        values = [row[column] for row in summary.rows if column in row]
        if values:
            yield _plot_title(summary, column), values


def _plot_title(summary: RunSummary, column: str) -> str:
    figure = "accuracy" if column.endswith("accuracy") else column.removeprefix("val_").replace("_", " ")
    # Losses of different recipes cannot be compared.
    group = summary.recipe.name if figure == "loss" else summary.recipe.network
    return f"{group}: validation {figure}"
