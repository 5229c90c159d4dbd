"""Leases of running sessions, one a camera; interrupted sessions; markers and edits are found by session."""

import sqlalchemy as sa
from alembic import op

from app.sessions.database.schema import TEXT

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Add what is missing: migrations of older files create tables in their newest form."""
    names = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("sessions")}
    if "leased_until" not in names:
        op.add_column("sessions", sa.Column("leased_until", TEXT))
    if "interrupted" not in names:
        op.add_column("sessions", sa.Column("interrupted", sa.Boolean, nullable=False, server_default=sa.false()))
    for table in ("markers", "edits"):
        op.create_index(f"ix_{table}_session_id", table, ["session_id"], if_not_exists=True)
    if op.get_bind().dialect.name == "postgresql":
        running = sa.text("ended_at IS NULL AND name <> ''")
        columns = [sa.text("coalesce(camera, '')")]
        op.create_index(
            "running_cameras", "sessions", columns, unique=True, postgresql_where=running, if_not_exists=True
        )
