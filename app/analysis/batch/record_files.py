"""What `python -m app analyze` does without `--out`: analyse in this process, then write everything at once."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from app.analysis import analyze_paths, csv_rows
from app.attributes.attribute_set import load_attributes
from app.errors import SettingsError
from app.sessions.export.row_table import escape_formula
from app.settings import Settings

Record = dict[str, Any]


def write_lists(
    paths: Sequence[str],
    settings: Settings,
    json_file: Path | None,
    csv_file: Path | None,
    *,
    annotate: Path | None,
    crops: bool,
    every: float | None,
) -> None:
    """Analyse files and write their records as JSON and CSV; as JSON on the terminal without either.

    Ends the program with status 1 if no file could be read.
    """
    records: list[Record] = []
    with click.progressbar(length=100, label="Analysing", file=sys.stderr) as bar:
        for record in analyze_paths(
            paths,
            settings,
            crops=crops,
            every_s=every,
            annotate_dir=annotate,
            on_progress=lambda fraction: bar.update(max(0, round(fraction * 100) - bar.pos)),
        ):
            records.append(record)
    _write_records(records, json_file, csv_file, settings)
    failed = [record for record in records if "error" in record]
    for record in failed:
        click.echo(f"{record['path']}: {record['error']}", err=True)
    if failed and len(failed) == len(records):
        sys.exit(1)


def _write_records(records: list[Record], json_file: Path | None, csv_file: Path | None, settings: Settings) -> None:
    if json_file is not None or csv_file is None:
        write_text(json_file or Path("-"), json.dumps(records, indent=2) + "\n")
    if csv_file is not None:
        write_text(csv_file, _csv_text(records, settings))


def _csv_text(records: list[Record], settings: Settings) -> str:
    rows = csv_rows(records, load_attributes(settings.models, settings.enabled_attributes))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(key for row in rows for key in row)))
    writer.writeheader()
    writer.writerows({key: escape_formula(value) for key, value in row.items()} for row in rows)
    return text.getvalue()


def write_text(path: Path, text: str) -> None:
    """Write a file, or to the terminal for `-`; raises SettingsError."""
    if str(path) == "-":
        click.echo(text, nl=False)
        return
    try:
        path.write_text(text, newline="")
    except OSError as error:
        raise SettingsError(f"cannot write {str(path)!r} ({error.strerror}); choose another file") from None
