"""Groups of commands whose errors are one line."""

from __future__ import annotations

import shlex
from typing import Any

import click

from app.errors import AppError


class OneLineErrors(click.Group):
    """A group that shows an AppError as one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an AppError ends it with its message."""
        try:
            return super().invoke(ctx)
        except AppError as error:
            raise click.ClickException(str(error)) from None


class AppCommands(OneLineErrors):
    """The commands of the app."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first argument; a usage error that suggests `--source` if there is none."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.message} {source_hint(args[0])}", ctx) from None


def source_hint(text: str) -> str:
    """What to type to show a camera, file or folder that was given without its option."""
    return f"To show a camera, file or folder, give: run --source {shlex.quote(text)}"
