"""What tests of the history share: a clock, a session as it would be written, a file of the first version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from posecheck.diary import Profile
from posecheck.history import History, Writer
from posecheck.records import Record

V1 = Path(__file__).parent / "data" / "history_v1.sql"
DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)


class Clock:
    """A clock that goes on by ``step`` at every look."""

    def __init__(self, step: float = 0.01) -> None:
        self.t, self.step = 0.0, step

    def __call__(self) -> float:
        self.t += self.step
        return self.t


Opener = Callable[..., History]


def session(history: History, profile: Profile, day: date = DAY) -> Writer:
    """Write a short session in which everything happens, but not its end."""
    writer = history.begin(profile.id, programme="five_minutes", pain_before=4, today=day)
    for record in (
        Record("session_started", 0.0, programme="five_minutes", exercises=("cat", "twist")),
        Record("exercise_started", 10.0, position=0, exercise="cat", strictness="standard"),
        Record("cycle", 18.0, position=0, exercise="cat", count=1),
        Record("cycle", 26.0, position=0, exercise="cat", count=2),
        Record("cue", 27.0, position=0, exercise="cat", check="too_fast"),
        Record("cue", 40.0, position=0, exercise="cat", check="too_fast", easier=True),
        Record(
            "exercise_finished", 50.0, position=0, exercise="cat", outcome="done", in_pose_s=38.0, clean_s=30.0,
            fault_s={"too_fast": 6.0, "rocking": 2.0},
        ),
        Record("exercise_started", 60.0, position=1, exercise="twist", strictness="gentle"),
        Record("hold", 80.0, position=1, exercise="twist", seconds=15.0, side="left", count=1),
    ):  # fmt: skip
        writer.add(record)
    return writer


@contextmanager
def taken(file: Path) -> Iterator[None]:
    """Let another program have the database for itself."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def make_v1(file: Path) -> None:
    """Make a history as the first version of the tables left it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(V1.read_text(encoding="utf-8"))


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())
