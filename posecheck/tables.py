"""The tables of the history as they are today; ``posecheck.migrations`` makes them out of older ones."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()


def _of_profile(*, primary_key: bool = False) -> Column[str]:
    key = ForeignKey("profiles.id", ondelete="CASCADE")
    return Column("profile", String(32), key, nullable=False, primary_key=primary_key)


def _of_session() -> Column[str]:
    return Column("session", String(32), ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)


def _event(name: str, *columns: Column[object]) -> Table:
    """Return a table of things that happened in a session: each with its number within it and its time."""
    return Table(
        name,
        metadata,
        _of_session(),
        Column("number", Integer, primary_key=True),
        Column("position", Integer, nullable=False),
        Column("at_s", Float, nullable=False),
        *columns,
    )


profiles = Table(
    "profiles",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
preferences = Table(
    "preferences",
    metadata,
    _of_profile(primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
answers = Table(
    "answers",
    metadata,
    _of_profile(primary_key=True),
    Column("question", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("answer", JSON, nullable=False),
)
clearances = Table(
    "clearances",
    metadata,
    Column("id", String(32), primary_key=True),
    _of_profile(),
    Column("day", Date, nullable=False),
    Column("allows", Boolean, nullable=False),
    Column("exercises", JSON(none_as_null=True)),
    Column("said_by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    _of_profile(),
    Column("day", Date, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("programme", String(64)),
    Column("planned", JSON, nullable=False),
    Column("seconds", Float),
    Column("outcome", String(16)),
    Column("stopped_for", String(64)),
    Column("pain_before", Integer),
    Column("pain_after", Integer),
    Column("strength", Text),
    Column("next_time", Text),
    Index("sessions_by_day", "profile", "day"),
)
exercises = Table(
    "exercises",
    metadata,
    _of_session(),
    Column("position", Integer, primary_key=True),
    Column("exercise", String(64), nullable=False),
    Column("strictness", String(16), nullable=False),
    Column("at_s", Float, nullable=False),
    Column("ended_s", Float),
    Column("outcome", String(16)),
    Column("in_pose_s", Float),
    Column("clean_s", Float),
    Column("held_s", Float),
    Column("unfinished_s", Float),
    Column("stopped_for", String(64)),
)
holds = _event("holds", Column("seconds", Float, nullable=False), Column("side", String(8)))
cycles = _event("cycles", Column("nth", Integer, nullable=False), Column("side", String(8)))
cues = _event("cues", Column("check_id", String(64), nullable=False), Column("easier", Boolean, nullable=False))
faults = Table(
    "faults",
    metadata,
    Column("session", String(32), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("check_id", String(64), primary_key=True),
    Column("seconds", Float, nullable=False),
    ForeignKeyConstraint(["session", "position"], ["exercises.session", "exercises.position"], ondelete="CASCADE"),
)
