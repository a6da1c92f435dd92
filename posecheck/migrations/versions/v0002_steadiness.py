"""Steadiness: seconds without a fault, and of the hold broken off; the session's last words; an index by day."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what was done before does not know them."""
    op.add_column("exercises", sa.Column("clean_s", sa.Float))
    op.add_column("exercises", sa.Column("unfinished_s", sa.Float))
    op.add_column("sessions", sa.Column("strength", sa.Text))
    op.add_column("sessions", sa.Column("next_time", sa.Text))
    op.create_index("sessions_by_day", "sessions", ["profile", "day"])
