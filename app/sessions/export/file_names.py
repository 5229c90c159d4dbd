"""Names of exported files that every system accepts."""

from __future__ import annotations

import re

MAX_NAME_CHARACTERS = 60


def file_name(session_name: str, session_id: int, extension: str) -> str:
    """The name of a file of a session: letters, digits, `-` and `_` of its name, and its number."""
    words = re.sub(r"[^\w-]+", "-", session_name)[:MAX_NAME_CHARACTERS].strip("-_")
    number = f"session-{session_id}.{extension}"
    return number if not words or words.lower() == f"session-{session_id}" else f"{words}-{number}"
