"""Options of commands: those of settings, and the types of others."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.setting_fields import SettingSpec
from app.settings import Settings, setting_specs

INPUT_PATH = click.Path(exists=True, path_type=Path)

Command = Callable[..., Any]


class OutputFile(click.Path):
    """A file to write. An unwritable one is refused before the command starts its work."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, writable=True, allow_dash=True, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path; a usage error if its folder cannot be written."""
        path = Path(str(super().convert(value, param, ctx)))
        if str(path) != "-" and not os.access(path.parent, os.W_OK | os.X_OK):
            self.fail(f"folder {str(path.parent)!r} cannot be written; create it or choose another", param, ctx)
        return path


class Interval(click.ParamType):
    """An interval such as `0.5s`, in seconds."""

    name = "interval"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds; a usage error for another text."""
        from app.analysis.batch.command import parse_interval

        try:
            return parse_interval(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def setting_options(*names: str) -> Callable[[Command], Command]:
    """Add the options of settings to a command, in this order."""
    specs = {spec.name: spec for spec in setting_specs()}

    def add_options(command: Command) -> Command:
        for name in reversed(names):
            command = setting_option(specs[name])(command)
        return command

    return add_options


def setting_option(spec: SettingSpec) -> Callable[[Command], Command]:
    """The option of one setting. It is None unless given, so that the environment counts."""
    option = "--" + spec.name.replace("_", "-")
    if spec.type is bool:
        names = f"{option}/--no-{option[2:]}" if spec.default else option
        return click.option(names, is_flag=True, default=None, help=_option_help(spec))
    if spec.is_list:
        return click.option(option, multiple=True, metavar=spec.help.partition(":")[0], help=_option_help(spec))
    value_type: Any = click.Choice(spec.choices) if spec.choices else click.Path() if spec.is_path else spec.type
    return click.option(option, type=value_type, help=_option_help(spec))


def _option_help(spec: SettingSpec) -> str:
    """The help text with the default and the environment variables, in Click's style."""
    default = spec.default_text or ("yes" if spec.default is True else spec.default)
    facts = [f"default: {default}"] if default else []
    if spec.env:
        facts.append(f"env: {' or '.join(spec.env)}")
    return f"{spec.help}  [{'; '.join(facts)}]" if facts else spec.help


def load_settings(**options: Any) -> Settings:
    """The settings of the environment and of the options that are given; raises SettingsError."""
    return Settings.from_env(os.environ).with_options(**options)
