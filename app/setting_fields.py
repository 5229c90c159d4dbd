"""A setting is declared at its field: default, help text, environment variables and limits. What follows from that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, get_args, get_origin, get_type_hints

from app.errors import SettingsError


def setting(
    default: Any,
    help: str,
    *,
    env: Sequence[str] = (),
    default_text: str | None = None,
    limits: tuple[float, float] | None = None,
    choices: Sequence[Any] = (),
    is_path: bool = False,
) -> Any:
    """A field of `Settings`.

    Args:
        default: The default value.
        help: One sentence, shown by `--help`.
        env: Environment variables; of several that are set the first one counts.
        default_text: The default in `--help`, where it is not the value itself.
        limits: Smallest and largest value.
        choices: All values, if there are few.
        is_path: Whether the value is a file or folder.
    """
    metadata = {"help": help, "env": env, "default_text": default_text, "limits": limits, "choices": choices}
    return field(default=default, metadata={**metadata, "is_path": is_path})


@dataclass(frozen=True, slots=True)
class SettingSpec:
    """What a field of `Settings` declares (see `setting`).

    Attributes:
        type: `str`, `int`, `float` or `bool`; that of the items if `is_list`.
    """

    name: str
    type: type
    default: Any
    help: str
    env: Sequence[str]
    default_text: str | None
    limits: tuple[float, float] | None
    choices: Sequence[Any]
    is_path: bool
    is_list: bool

    def parse(self, variable: str, text: str) -> Any:
        """The value that the text of a variable gives.

        Raises:
            SettingsError: the text does not have the setting's type.
        """
        return tuple(text.split()) if self.is_list else _parse_value(variable, text, self.type)

    def check(self, value: Any) -> None:
        """Refuse a value that is none of the choices, or outside the limits; raises SettingsError."""
        if self.choices and value not in self.choices:
            raise SettingsError(f"{self.name}={value!r} is unknown; give one of {', '.join(map(str, self.choices))}")
        if self.limits is not None and value is not None:
            low, high = self.limits
            if not low <= value <= high:
                raise SettingsError(f"{self.name}={value} is out of range; give {low:g} to {high:g}")


def declared_settings(settings: type) -> Sequence[SettingSpec]:
    """What the fields of a dataclass declare, in order."""
    types = get_type_hints(settings)
    # The first argument of `int | None` is `int`; `int` itself has none.
    value_types = {name: next(iter(get_args(annotation)), annotation) for name, annotation in types.items()}
    is_list = {name: get_origin(annotation) is Sequence for name, annotation in types.items()}
    return [
        SettingSpec(item.name, value_types[item.name], item.default, **item.metadata, is_list=is_list[item.name])
        for item in fields(settings)
    ]


def _parse_bool(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    return words[text.lower()]


# How to convert the text of a variable, and how to call the type in an error message.
_PARSERS: Mapping[type, tuple[Callable[[str], Any], str]] = {
    str: (str, "text"),
    int: (int, "an integer"),
    float: (float, "a number"),
    bool: (_parse_bool, "yes or no"),
}


def _parse_value(variable: str, text: str, value_type: type) -> Any:
    convert, type_name = _PARSERS[value_type]
    try:
        return convert(text)
    except (ValueError, KeyError):
        raise SettingsError(f"{variable}={text!r} is not {type_name}; set {variable} to one or unset it") from None
