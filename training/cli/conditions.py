"""The command `python -m training evaluate conditions`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from training.cli.options import DATA, JSON, MODELS, shown, tell, write_json

if TYPE_CHECKING:
    from training.evaluation.robustness import ConditionsReport
    from training.metrics.scores import Figures


@click.command()
@DATA
@click.option("--split", type=click.Choice(["train", "valid", "test"]), help="Default: every picture.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many pictures, evenly spread over the set.")
@MODELS
@click.option("--run", type=click.Path(path_type=Path), help="Score the best weights of this run instead.")
@JSON
@click.option("--write-card", is_flag=True, help="Put the figures and this command into the served model's card.")
def conditions(
    data: Path,
    split: str | None,
    limit: int | None,
    models: Path,
    run: Path | None,
    json_file: Path | None,
    write_card: bool,
) -> None:
    """Score faces of a labelled set as they are, turned, cut tight, with the hair hidden and with drawn masks."""
    if run and write_card:
        raise click.UsageError("--write-card is for a served model, not for --run")
    from training.evaluation.robustness import RULES, score_conditions

    report = score_conditions(data, split, models, run, limit)
    tell([*_said(report), RULES], report.rejected)
    write_json(json_file, dict(report.figures))
    if write_card:
        _write_card(report, data, split, limit)


def _said(report: ConditionsReport) -> Iterator[str]:
    """A line for each figure under each condition, and what is lost against plain faces."""
    from training.evaluation.robustness import PLAIN

    figures = report.figures
    yield f"{figures['n']} faces, {figures['rejected']} rejected"
    for name in (one.main_figure for one in report.scores[PLAIN]):
        for condition in report.scores:
            if condition == PLAIN:
                yield f"{name:14} {condition:12} {figures[name]:8.4f}"
            else:
                lost = f"{name}_lost_{condition}"
                yield f"{name:14} {condition:12} {figures[f'{name}_{condition}']:8.4f}  lost {_range(figures, lost)}"
    if report.note:
        yield report.note


def _range(figures: Figures, name: str) -> str:
    """A figure with its interval, where it has one."""
    text = f"{figures[name]:8.4f}"
    if f"{name}_low" not in figures:
        return text
    return f"{text} ({figures[f'{name}_low']:.4f} to {figures[f'{name}_high']:.4f})"


def _write_card(report: ConditionsReport, data: Path, split: str | None, limit: int | None) -> None:
    from training.evaluation.robustness import RULES
    from training.export.model_card import add_figures

    options = (f" --split {split}" if split else "") + (f" --limit {limit}" if limit else "")
    command = f"python -m training evaluate conditions --data {shown(data)}{options}"
    rounded = {name: round(value, 4) for name, value in report.figures.items()}
    about = {"about": RULES, "command": command, **({"note": report.note} if report.note else {})}
    title = " ".join(filter(None, (data.name, split, f"{limit} pictures" if limit else "")))
    add_figures(report.folder, f"{title}, conditions", {**rounded, **about})
