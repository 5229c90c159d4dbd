"""The JSON interface of sessions (docs/api.md, "Sessions")."""
