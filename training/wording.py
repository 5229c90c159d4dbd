"""Counts in words, for lines of commands and for reports."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """Such as "1 group" and "1,200 groups"; `plural` where it is not the noun with an s."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
