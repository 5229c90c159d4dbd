"""Look up the texts of one language by key, with parameters and plural forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.errors import UnknownText
from app.paths import TRANSLATIONS
from app.translations.particles import resolve_particles

# Code of each language (BCP 47) and its name for itself.
LANGUAGES = {"en": "English", "ko": "한국어"}
DEFAULT_LANGUAGE = "en"
# Languages that distinguish one from many; the others have a single form (CLDR plural rules).
LANGUAGES_WITH_SINGULAR = ("en",)
PLURAL_FORMS = {"one", "other"}
PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The texts of one language.

    Attributes:
        language: Code of the language.
        areas: Area -> nested keys -> a text with `{name}` parameters, or `{"one": ..., "other": ...}`.
    """

    language: str
    areas: Mapping[str, Any]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and _is_text(self._find(key))

    def text(self, key: str, **parameters: object) -> str:
        """The text of `AREA.key`; integers among the parameters get digit separators, `count` chooses a plural form.

        Raises:
            UnknownText: there is no such text, or it has a parameter that is not given.
        """
        entry = self._find(key)
        if not _is_text(entry):
            raise UnknownText(f"there is no text {key!r} in {self.language}; add it to app/translations/*/")
        form = entry if isinstance(entry, str) else entry[_plural_form(self.language, parameters.get("count"))]
        try:
            text = PARAMETER.sub(lambda match: _parameter_text(parameters[match[1]]), form)
        except KeyError as error:
            raise UnknownText(f"text {key!r} needs the parameter {error}") from None
        return resolve_particles(text)

    def section(self, names: Iterable[str]) -> dict[str, Any]:
        """The texts of some areas, for a page. Areas without texts are left out."""
        return {name: self.areas[name] for name in names if name in self.areas}

    def _find(self, key: str) -> Any:
        entry: Any = self.areas
        for part in key.split("."):
            entry = entry.get(part) if isinstance(entry, Mapping) else None
        return entry


@cache
def load_dictionary(language: str) -> Dictionary:
    """The texts of one of `LANGUAGES`, read once."""
    files = sorted((TRANSLATIONS / language).glob("*.json"))
    return Dictionary(language, {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files})


def is_plural(entry: object) -> bool:
    """Whether an entry of a dictionary holds the plural forms of one text."""
    return isinstance(entry, Mapping) and set(entry) == PLURAL_FORMS


def _is_text(entry: object) -> bool:
    return isinstance(entry, str) or is_plural(entry)


def _plural_form(language: str, count: object) -> str:
    return "one" if count == 1 and language in LANGUAGES_WITH_SINGULAR else "other"


def _parameter_text(value: object) -> str:
    # English and Korean both separate thousands by commas.
    return f"{value:,}" if isinstance(value, int) else str(value)
