"""The command `learn`: the answer of a lesson."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.commands.options import INPUT_PATH, load_settings, setting_options


@click.command()
@click.argument("lesson")
@click.argument("picture", required=False, type=INPUT_PATH)
@click.option("--set", "assignments", multiple=True, metavar="NAME=VALUE", help="Choose a parameter; repeatable.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the images of the lesson to this folder.")
@setting_options("detector", "detect_width", "models", "race", "enable")
def learn(lesson: str, picture: Path | None, assignments: tuple[str, ...], out: Path | None, **options: Any) -> None:
    """Print the answer of a LESSON of the page /learn.

    PICTURE is an image file; without one, the bundled portrait is used.
    """
    from app.learn.command import answer_lesson

    click.echo(answer_lesson(lesson, picture, assignments, out, load_settings(**options)), nl=False)
