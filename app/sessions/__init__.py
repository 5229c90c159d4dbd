"""Recorded sessions: numbers by person and second, kept in a SQLite file."""
