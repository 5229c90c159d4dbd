"""Options that several commands of `python -m training` share, and the JSON they write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.settings import PROJECT

DATA = click.option("--data", type=click.Path(path_type=Path), required=True, help="The set, or a folder of sets.")
MODELS = click.option(
    "--models", type=click.Path(path_type=Path), default=PROJECT / "models", help="Folder of the models."
)
JSON = click.option("--json", "json_file", type=click.Path(path_type=Path), help="Also write the figures here.")


def write_json(file: Path | None, content: Any) -> None:
    """Write what `--json` asks for, if it was given."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def shown(data: Path) -> str:
    """A path for a card: relative as it was given, of an absolute one only the name."""
    return data.name if data.is_absolute() else data.as_posix()
