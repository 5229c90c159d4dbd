"""The page that `compare` writes; it shows no picture of any set."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from training.evaluation.run_comparison import RunSummary
from training.reports import plots as charts
from training.reports import render as page

PAGE, FIGURES = "index.html", "figures.json"
# What is worth a row, by the end of its name: the words for people, and whether more is better.
ROWS: Mapping[str, tuple[str, bool]] = {
    "accuracy": ("accuracy", True),
    "balanced_accuracy": ("balanced accuracy", True),
    "ece": ("calibration error", False),
    "nll": ("likelihood (nats)", False),
    "brier": ("Brier score", False),
    "mae_years": ("mean error, years", False),
    "rmse_years": ("root mean square error, years", False),
    "share_within_5_years": ("within 5 years", True),
    "rmse_px96": ("RMSE at 96 px", False),
    "nme": ("error by the eyes' distance", False),
    "parameters": ("parameters", False),
    "size_mb": ("MB, float32", False),
    "ms_per_face": ("milliseconds a face", False),
}
ATTRIBUTES = ("sex", "race")


def write_page(runs: Sequence[RunSummary], out: Path) -> Path:
    """Write the page and its figures as JSON, and return the page's file."""
    out.mkdir(parents=True, exist_ok=True)
    plain = [{"run": one.run.name, "recipe": one.recipe.name, **one.figures, **one.facts} for one in runs]
    (out / FIGURES).write_text(json.dumps(plain, indent=2) + "\n", encoding="utf-8")
    (out / PAGE).write_text(page.document("Runs side by side", filter(None, _parts(runs))), encoding="utf-8")
    return out / PAGE


def names(runs: Sequence[RunSummary]) -> list[str]:
    """A name for each run, none twice."""
    plain = [one.run.resolve().name for one in runs]
    return [name if plain.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(plain, 1)]


def _parts(runs: Sequence[RunSummary]) -> Iterator[str]:
    colours = {name: charts.COLOURS[index % len(charts.COLOURS)] for index, name in enumerate(names(runs))}
    sets = sorted({one.recipe.source.name for one in runs})
    yield charts.style()
    yield "<h1>Runs side by side</h1>"
    yield page.paragraph(
        f"Scored on the pictures of {' and '.join(sets)} that each run's best epoch was chosen by, so the figures "
        "flatter. Size and time are of LiteRT in float32, on one thread of the machine that wrote this page."
    )
    for note in dict.fromkeys(one.note for one in runs if one.note):
        yield f'<p class="notice">{escape(note)}.</p>'
    yield page.section("Figures", page.paragraph("The best of a row is shaded most."), _figures(runs))
    yield page.section("Training", _training(runs))
    yield page.section("Curves", *_curves(runs, colours))


def _figures(runs: Sequence[RunSummary]) -> str:
    known = [{**one.figures, **one.facts} for one in runs]
    order = list(ROWS)
    found = {name for values in known for name in values if _kind(name)}
    ordered = sorted(found, key=lambda name: (name in runs[0].facts, _attribute(name), order.index(_kind(name))))
    return charts.matrix(names(runs), {_words(name): _row(name, known) for name in ordered})


def _row(name: str, known: Sequence[Mapping[str, float | int | str | bool]]) -> list[charts.Cell | None]:
    values = [float(one[name]) if name in one else None for one in known]
    there = [value for value in values if value is not None]
    higher = ROWS[_kind(name)][1]
    cells = zip(values, known, strict=True)
    return [
        None
        if value is None
        else charts.Cell(_text(name, value), charts.strength(value, there, higher), _interval(name, one))
        for value, one in cells
    ]


def _kind(name: str) -> str:
    """The row a figure belongs to, without its attribute; empty where it has none."""
    plain = next((name.removeprefix(f"{one}_") for one in ATTRIBUTES if name.startswith(f"{one}_")), name)
    return plain if plain in ROWS else ""


def _attribute(name: str) -> str:
    return name.removesuffix(_kind(name)).rstrip("_")


def _words(name: str) -> str:
    kind = _kind(name)
    attribute = _attribute(name)
    return f"{attribute}: {ROWS[kind][0]}" if attribute else ROWS[kind][0]


def _text(name: str, value: float) -> str:
    kind = _kind(name)
    if kind == "parameters":
        return f"{value:,.0f}"
    shares = ("accuracy", "balanced_accuracy", "share_within_5_years", "nme")
    return f"{value:.1%}" if kind in shares else f"{value:.3g}"


def _interval(name: str, one: Mapping[str, float | int | str | bool]) -> str:
    if f"{name}_low" not in one:
        return ""
    return f"{float(one[f'{name}_low']):.1%} to {float(one[f'{name}_high']):.1%}"


def _training(runs: Sequence[RunSummary]) -> str:
    head = ["run", "recipe", "pictures scored", "epochs", "best epoch", "precision", "backend"]
    rows = (
        [
            name,
            one.recipe.name,
            f"{one.figures['n']:,}",
            str(one.facts.get("epochs", "")),
            str(one.facts.get("best_epoch", "")),
            "bfloat16" if one.facts.get("mixed") else "float32",
            str(one.facts.get("backend", "")),
        ]
        for name, one in zip(names(runs), runs, strict=True)
    )
    return page.table(head, rows)


def _curves(runs: Sequence[RunSummary], colours: Mapping[str, str]) -> Iterator[str]:
    """A chart for each figure that runs chose their best epoch by, those of one network together."""
    charted: dict[str, dict[str, list[float]]] = {}
    for name, one in zip(names(runs), runs, strict=True):
        for column in dict.fromkeys((one.recipe.monitor[0], "val_loss")):
            values = [row[column] for row in one.rows if column in row]
            if values:
                charted.setdefault(_chart(one, column), {})[name] = values
    if not charted:
        return
    yield charts.key(colours)
    drawn = (f"<div><h3>{escape(title)}</h3>{charts.curves(lines, colours)}</div>" for title, lines in charted.items())
    yield f'<div class="columns">{"".join(drawn)}</div>'


def _chart(one: RunSummary, column: str) -> str:
    figure = "accuracy" if column.endswith("accuracy") else column.removeprefix("val_").replace("_", " ")
    # Losses of different recipes are not the same thing.
    whose = one.recipe.name if figure == "loss" else one.recipe.network
    return f"{whose}: {figure}, valid"
