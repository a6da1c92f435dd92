"""No note beside a practice: no page ever asked for one."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Drop the column."""
    op.drop_column("sessions", "note")
