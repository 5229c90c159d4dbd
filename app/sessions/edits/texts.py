"""Names, notes and tags that people give: trimmed, of limited length and without control characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from app.errors import InvalidRequest

# Keeps tables and headings of the pages readable.
MAX_NAME_CHARACTERS = 120
MAX_NOTE_CHARACTERS = 2000
MAX_TAGS = 20
# Unicode categories refused in names: control characters, surrogates, line and paragraph separators.
REFUSED_CATEGORIES = ("Cc", "Cs", "Zl", "Zp")
MARKER_KEYS = tuple("123456789")


def parse_name(value: Any) -> str:
    """The name without surrounding whitespace.

    Raises:
        InvalidRequest: it is no text, empty, too long, or has control characters.
    """
    name = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        raise InvalidRequest(f"a name has 1 to {MAX_NAME_CHARACTERS} characters; choose another")
    if any(unicodedata.category(character) in REFUSED_CATEGORIES for character in name):
        raise InvalidRequest("a name must not contain control characters; choose another")
    return name


def parse_note(value: Any) -> str:
    """A note without surrounding whitespace; it may have several lines.

    Raises:
        InvalidRequest: it is no text, or too long.
    """
    if not isinstance(value, str) or len(value) > MAX_NOTE_CHARACTERS:
        raise InvalidRequest(f"a note is a text of at most {MAX_NOTE_CHARACTERS} characters; shorten it")
    if any(unicodedata.category(character) in ("Cs",) or character == "\0" for character in value):
        raise InvalidRequest("a note must not contain broken or null characters; remove them")
    return value.strip()


def parse_tags(value: Any) -> list[str]:
    """Tags without duplicates, in the order given.

    Raises:
        InvalidRequest: it is no list of names, or has too many.
    """
    if not isinstance(value, list) or len(value) > MAX_TAGS:
        raise InvalidRequest(f"tags are a list of at most {MAX_TAGS} names; remove some")
    return list(dict.fromkeys(parse_name(tag) for tag in value))


def parse_marker_names(value: Any) -> dict[str, str]:
    """Names of markers by their key, "1" to "9".

    Raises:
        InvalidRequest: it is no such object.
    """
    if not isinstance(value, Mapping) or not set(value) <= set(MARKER_KEYS):
        raise InvalidRequest('marker_names is an object with the keys "1" to "9"; correct it')
    return {key: parse_name(value[key]) for key in MARKER_KEYS if key in value}
