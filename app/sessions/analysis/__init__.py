"""Figures of a session, summed up in SQL, and the comparison of groups."""
