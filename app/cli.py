"""The command line of `python -m app`; `run` is the default command."""

from __future__ import annotations

import click

from app import __version__
from app.commands.analysis import analyze
from app.commands.archives import import_archive
from app.commands.groups import AppCommands
from app.commands.lessons import learn
from app.commands.measurements import bench, doctor
from app.commands.servers import camera, recorder, run, web
from app.paths import NAME


@click.group(cls=AppCommands)
@click.version_option(__version__, prog_name=NAME)
def cli() -> None:
    """Real-time facial analysis in the browser. Without a command: run, whose options may follow directly."""


for command in (run, web, camera, recorder, analyze, import_archive, bench, learn, doctor):
    cli.add_command(command)
