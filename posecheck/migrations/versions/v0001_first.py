"""The first tables: who, what was answered, and what was done."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _profile(primary_key: bool = False) -> sa.Column[str]:
    key = sa.ForeignKey("profiles.id", ondelete="CASCADE")
    return sa.Column("profile", sa.String(32), key, nullable=False, primary_key=primary_key)


def _session() -> sa.Column[str]:
    key = sa.ForeignKey("sessions.id", ondelete="CASCADE")
    return sa.Column("session", sa.String(32), key, primary_key=True)


def _event(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        _session(),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        *columns,
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "profiles",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "answers",
        _profile(primary_key=True),
        sa.Column("question", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("answer", sa.JSON, nullable=False),
    )
    op.create_table(
        "clearances",
        sa.Column("id", sa.String(32), primary_key=True),
        _profile(),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("allows", sa.Boolean, nullable=False),
        sa.Column("exercises", sa.JSON),
        sa.Column("said_by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(32), primary_key=True),
        _profile(),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("programme", sa.String(64)),
        sa.Column("planned", sa.JSON, nullable=False),
        sa.Column("seconds", sa.Float),
        sa.Column("outcome", sa.String(16)),
        sa.Column("stopped_for", sa.String(64)),
        sa.Column("pain_before", sa.Integer),
        sa.Column("pain_after", sa.Integer),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "exercises",
        _session(),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("exercise", sa.String(64), nullable=False),
        sa.Column("strictness", sa.String(16), nullable=False),
        sa.Column("at_s", sa.Float, nullable=False),
        sa.Column("ended_s", sa.Float),
        sa.Column("outcome", sa.String(16)),
        sa.Column("in_pose_s", sa.Float),
        sa.Column("held_s", sa.Float),
        sa.Column("stopped_for", sa.String(64)),
    )
    _event("holds", sa.Column("seconds", sa.Float, nullable=False), sa.Column("side", sa.String(8)))
    _event("cycles", sa.Column("nth", sa.Integer, nullable=False), sa.Column("side", sa.String(8)))
    _event(
        "cues",
        sa.Column("check_id", sa.String(64), nullable=False),
        sa.Column("easier", sa.Boolean, nullable=False),
    )
    op.create_table(
        "faults",
        sa.Column("session", sa.String(32), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("check_id", sa.String(64), primary_key=True),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.ForeignKeyConstraint(
            ["session", "position"], ["exercises.session", "exercises.position"], ondelete="CASCADE"
        ),
    )
