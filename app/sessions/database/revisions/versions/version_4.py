"""The tables with which revisions began. Databases are created with the newest tables, so nothing is done here."""

revision = "4"
down_revision = None


def upgrade() -> None:
    """Nothing: see above."""
