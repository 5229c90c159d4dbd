"""Recorded sessions: numbers by person and second, kept in a SQLite file."""

from app.sessions.session_tables import open_session

__all__ = ["open_session"]
