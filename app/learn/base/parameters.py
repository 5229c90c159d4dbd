"""Parameters of lessons: what may be chosen, and how a choice from outside is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.errors import InvalidRequest

# Of a choice that an error message repeats.
MAX_QUOTED_CHARACTERS = 40


class Parameter(Protocol):
    """One parameter; the page makes a control from its description."""

    @property
    def default(self) -> Any:
        """What counts if nothing is chosen."""

    def parse(self, choice: Any) -> Any:
        """The value of a choice, a JSON value or the text of a command line.

        Raises:
            ValueError: the choice is not possible; the message says what is.
        """

    def describe(self) -> dict[str, Any]:
        """As the page gets it."""


@dataclass(frozen=True, slots=True)
class Range:
    """A number, whole if `step` is.

    Attributes:
        hidden: Whether the page has no control for it.
    """

    low: float
    high: float
    default: float
    step: float = 1
    hidden: bool = False

    def parse(self, choice: Any) -> float:
        """See `Parameter.parse`."""
        number = float(choice)
        if not self.low <= number <= self.high:
            raise ValueError(f"give a number from {self.low:g} to {self.high:g}")
        return round(number) if isinstance(self.step, int) else number

    def describe(self) -> dict[str, Any]:
        """See `Parameter.describe`."""
        kind = "hidden" if self.hidden else "range"
        return {"kind": kind, "low": self.low, "high": self.high, "step": self.step, "default": self.default}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words, the first by default."""

    options: tuple[str, ...]

    @property
    def default(self) -> str:
        """The first one."""
        return self.options[0]

    def parse(self, choice: Any) -> str:
        """See `Parameter.parse`."""
        if choice not in self.options:
            raise ValueError(f"choose from {', '.join(self.options)}")
        return str(choice)

    def describe(self) -> dict[str, Any]:
        """See `Parameter.describe`."""
        return {"kind": "choice", "options": list(self.options), "default": self.default}


@dataclass(frozen=True, slots=True)
class Flag:
    """On or off."""

    default: bool = False

    def parse(self, choice: Any) -> bool:
        """See `Parameter.parse`."""
        if choice not in (True, False, "true", "false"):
            raise ValueError("give true or false")
        return choice in (True, "true")

    def describe(self) -> dict[str, Any]:
        """See `Parameter.describe`."""
        return {"kind": "flag", "default": self.default}


@dataclass(frozen=True, slots=True)
class Text:
    """A text that the page sends back as it got it, such as the weights of a network."""

    max_characters: int
    default: str = ""

    def parse(self, choice: Any) -> str:
        """See `Parameter.parse`."""
        if not isinstance(choice, str) or len(choice) > self.max_characters:
            raise ValueError(f"give a text of at most {self.max_characters} characters")
        return choice

    def describe(self) -> dict[str, Any]:
        """See `Parameter.describe`."""
        return {"kind": "text", "default": self.default}


def parse_choices(parameters: Mapping[str, Parameter], choices: Mapping[str, Any]) -> dict[str, Any]:
    """A value for every parameter.

    Raises:
        InvalidRequest: there is no such parameter, or a choice is not possible.
    """
    unknown = sorted(set(choices) - set(parameters))
    if unknown:
        raise InvalidRequest(f"there is no parameter {_quoted(unknown[0])}; choose from {', '.join(parameters)}")
    return {name: _parse(name, one, choices.get(name, one.default)) for name, one in parameters.items()}


def _parse(name: str, parameter: Parameter, choice: Any) -> Any:
    try:
        return parameter.parse(choice)
    except (TypeError, ValueError) as error:
        hint = str(error) if str(error).startswith(("give", "choose")) else "give a number"
        raise InvalidRequest(f"{name}={_quoted(choice)} is not possible; {hint}") from None


def _quoted(choice: Any) -> str:
    return repr(choice)[:MAX_QUOTED_CHARACTERS]
