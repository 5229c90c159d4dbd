"""The command `import`: a session from an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.commands.options import load_settings, setting_options


@click.command("import")
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@setting_options("data", "database", "keep_days")
def import_archive(archive: Path, **options: Any) -> None:
    """Import the session of a ZIP ARCHIVE that was downloaded from its page."""
    from app.sessions.imports.command import import_file

    click.echo(import_file(archive, load_settings(**options)))
