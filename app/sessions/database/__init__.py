"""The SQLite file of the sessions: tables, migrations, copies, deletion and recovery."""
