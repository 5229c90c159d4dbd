"""Render a report as one HTML file that needs no other, and write it beside its figures as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from training.reports.images import data_uri
from training.samples.sample import Rejection, count_reasons
from training.wording import counted

PAGE, FIGURES = "index.html", "figures.json"
NONE_REJECTED = "None: every image could be scored."
LISTED_FILES = 200  # rejected files that are named: a longer table is slow to load and read


def write_report(
    template: str, context: Mapping[str, Any], figures: Any, out: Path, figures_file: str = FIGURES
) -> Path:
    """Write a report and its figures to a folder, which is made if missing, and return the page's file.

    Args:
        template: Name of the template without `.html.j2`.
        context: What the template shows.
        figures: The same as plain values, for JSON.
    """
    out.mkdir(parents=True, exist_ok=True)
    (out / figures_file).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    (out / PAGE).write_text(render(template, context), encoding="utf-8")
    return out / PAGE


def render(template: str, context: Mapping[str, Any]) -> str:
    """Return the HTML of a report; text in the context is escaped."""
    return _environment().get_template(f"{template}.html.j2").render(context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"thousands": "{:,}".format, "percent": "{:.1%}".format, "data_uri": data_uri}
    environment.filters["counted"] = counted
    return environment


def rejected_context(
    rejected: Sequence[Rejection], none: str = NONE_REJECTED, listed: int = LISTED_FILES
) -> dict[str, Any]:
    """What the macro `rejected` shows.

    Args:
        none: The sentence for when nothing was rejected.
        listed: At most so many files are named.
    """
    files = [(one.name, one.reason) for one in rejected[:listed]]
    return {"reasons": count_reasons(rejected), "files": files, "none": none}
