"""Entry point: `python -m app` runs a command; before one that serves pages it patches the standard library."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from itertools import pairwise

# Options of `python -m app` itself; others without a command before them are those of `run`.
OWN_OPTIONS = ("--help", "--version")
# Those that serve pages.
SERVER_COMMANDS = ("run", "web")


def main() -> None:
    """Run the command line: `python -m app`, or `live-face-analysis` of the installed package."""
    arguments = with_default_command(sys.argv[1:])
    if arguments[0] in SERVER_COMMANDS and requested_server(arguments, os.environ) != "threading":
        _patch_standard_library()
    from app import logs
    from app.cli import cli

    logs.configure()
    cli(arguments)


def with_default_command(arguments: Sequence[str]) -> list[str]:
    """The arguments, after `run` if they name no command."""
    names_command = bool(arguments) and (arguments[0] in OWN_OPTIONS or not arguments[0].startswith("-"))
    return list(arguments) if names_command else ["run", *arguments]


def requested_server(arguments: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """The value of `--server`, else of its variable; read before the command line is, which would import the app."""
    values = [value for option, value in pairwise(arguments) if option == "--server"]
    values += [option.partition("=")[2] for option in arguments if option.startswith("--server=")]
    return values[-1] if values else environ.get("SERVER")


def _patch_standard_library() -> None:
    """Replace threads and sockets by green ones. Only for servers, and before other modules of the app are imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eventlet warns on import that it is deprecated
        import eventlet

    eventlet.monkey_patch()


if __name__ == "__main__":
    main()
