"""Options that several commands of `python -m training` share, what they say, and the JSON they write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.paths import resource

if TYPE_CHECKING:
    from training.samples.sample import Rejection

DATA = click.option("--data", type=click.Path(path_type=Path), required=True, help="The set, or a folder of sets.")
MODELS = click.option(
    "--models", type=click.Path(path_type=Path), default=resource("models"), help="Folder of the models."
)
LISTED = 20
JSON = click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the figures here.")


def tell(lines: Iterable[str], rejected: Sequence[Rejection]) -> None:
    """Say what was found, and beside it what was rejected, at most `LISTED` of it by name."""
    for one in rejected[:LISTED]:
        click.echo(f"rejected {one.name}: {one.reason}", err=True)
    if len(rejected) > LISTED:
        click.echo(f"... and {len(rejected) - LISTED} more", err=True)
    for line in lines:
        click.echo(line)


def write_json(file: Path | None, content: Any) -> None:
    """Write what `--json` asks for, if it was given."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def shown(data: Path) -> str:
    """A path for a card: relative as it was given, of an absolute one only the name."""
    return data.name if data.is_absolute() else data.as_posix()
