"""Shorten errors of libraries for one-line messages."""

from __future__ import annotations

MAX_CHARACTERS = 160


def first_line(error: Exception) -> str:
    """The first line of an error's message, cut to `MAX_CHARACTERS`."""
    return (str(error).splitlines() or [type(error).__name__])[0][:MAX_CHARACTERS]
