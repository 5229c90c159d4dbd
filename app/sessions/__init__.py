"""Recorded sessions: numbers by person and second, kept in a SQLite file or in PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.sessions.session_tables import open_session

__all__ = ["open_session"]


def __getattr__(name: str) -> Any:
    """`open_session`, imported when it is used: a camera's process imports modules of this folder, but no database."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from app.sessions.session_tables import open_session

    return open_session
