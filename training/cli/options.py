"""Options that several commands of `python -m training` share, what they say, and the JSON and cards they write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.paths import resource

if TYPE_CHECKING:
    from training.samples.sample import Rejection

LISTED = 20
PATH = click.Path(path_type=Path)
DATA = click.option("--data", type=PATH, required=True, help="The set, or a folder of sets.")
SET = click.argument("data", metavar="SET", type=PATH)
MODELS = click.option("--models", type=PATH, default=resource("models"), help="Folder of the models.")
JSON = click.option("--json", "json_file", type=PATH, help="Also write the figures here.")
REPORT = click.option("--out", type=PATH, required=True, help="Folder of the report and its figures.")
SPLIT = click.option("--split", type=click.Choice(["train", "valid", "test"]), help="Default: every picture.")
LIMIT = click.option(
    "--limit", type=click.IntRange(min=1), help="At most so many pictures, evenly spread over the set."
)
SCORED_RUN = click.option("--run", type=PATH, help="Score the best weights of this run instead.")
FACES_REPORT = click.option("--out", type=PATH, help="Also write a report here; it shows faces of the set.")


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


def titled(*words: object) -> str:
    """The words that there are, as one title."""
    return " ".join(str(word) for word in words if word)


def card_entry(
    command: str, options: Mapping[str, Any], figures: Mapping[str, float | int], note: str | None
) -> tuple[dict[str, float | int], dict[str, str]]:
    """Figures as a card keeps them, and the command that they are from with what a reader must know.

    Args:
        command: What follows `evaluate`.
        options: By name; None leaves one out, True is a flag. Of an absolute path only the name is kept.
    """
    shown = {name: _without_folders(value) for name, value in options.items() if value is not None}
    words = "".join(f" --{name}" if value is True else f" --{name} {value}" for name, value in shown.items())
    rounded = {name: round(value, 4) for name, value in figures.items()}
    return rounded, {"command": f"python -m training evaluate {command}{words}", **({"note": note} if note else {})}


def _without_folders(value: Any) -> Any:
    if not isinstance(value, Path):
        return value
    return value.name if value.is_absolute() else value.as_posix()
