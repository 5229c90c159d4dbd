"""The tables of sessions, their sums, and where they are stored: an SQLite file or a PostgreSQL server."""
