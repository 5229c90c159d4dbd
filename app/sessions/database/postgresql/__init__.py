"""Sessions on a PostgreSQL server. Nothing of it is imported where sessions are in a file."""
