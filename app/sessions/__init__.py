"""Recorded sessions: numbers by person and second, kept in a SQLite file."""

from app.sessions.data_frames import open_session

__all__ = ["open_session"]
