"""Changes of the tables since version 4, by Alembic, for SQLite and PostgreSQL alike.

A new one: increase `schema.SCHEMA_VERSION`, change the table there, and add `versions/version_N.py`.
"""
