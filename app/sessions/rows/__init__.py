"""The rows of a session: what a row holds, and its columns."""
