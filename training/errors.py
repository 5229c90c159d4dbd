"""Shorten errors of libraries for one-line messages."""

from __future__ import annotations

# An address of a file to fetch and the reason why it cannot be fetched take 250.
MAX_CHARACTERS = 400


def first_line(error: Exception) -> str:
    """The first line of an error's message, cut to `MAX_CHARACTERS` where it is longer."""
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return line if len(line) <= MAX_CHARACTERS else f"{line[: MAX_CHARACTERS - 1]}…"
