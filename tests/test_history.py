"""The history: written as it happens, kept whatever the database does, exported and deleted whole."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from bodies import all_fours, dog
from sqlalchemy import Connection, LargeBinary, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.schema import CreateTable
from test_routine import QUIET, Mat, cat_and_cow

from posecheck import cli, store, tables
from posecheck.database import HistoryError, TroubleKind, explain, parse_url, shown
from posecheck.diary import Clearance, PastHold, Profile
from posecheck.errors import OutputError
from posecheck.history import History, Writer, default_place
from posecheck.library import Library
from posecheck.programmes import with_dose
from posecheck.records import Record
from posecheck.routine import Item as RoutineItem
from posecheck.routine import Plan, Session

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


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return where a history is made."""
    return tmp_path / "data" / "history.sqlite"


Opener = Callable[..., History]


@pytest.fixture
def opened(file: Path) -> Iterator[Opener]:
    """Return a function that opens the history with a clock of the test's own, and closes it at the end."""
    histories: list[History] = []

    def open_(place: Path | str | None = None, clock: Clock | None = None) -> History:
        histories.append(History(str(place or file), clock=clock or Clock(), now=lambda: NOW))
        return histories[-1]

    yield open_
    for history in histories:
        history.close()


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


# --- what is written ------------------------------------------------------------------------------------------


def test_a_session_comes_back_as_it_was(opened: Opener) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    writer = session(history, ana)
    writer.add(Record("exercise_finished", 100.0, position=1, exercise="twist", outcome="skipped", held_s=19.0))
    writer.add(Record("session_finished", 101.0, outcome="done", strength="Even breath."))
    history.set_pain_after(writer.session_id, 2)
    history.set_note(writer.session_id, "slept well")

    (past,) = history.sessions(ana.id)
    assert (past.id, past.profile, past.day, past.programme) == (writer.session_id, ana.id, DAY, "five_minutes")
    assert past.started_at == NOW
    assert (past.seconds, past.outcome, past.pain_before, past.pain_after) == (101.0, "done", 4, 2)
    assert past.note == "slept well"
    cat, twist = past.exercises
    assert (cat.exercise, cat.position, cat.strictness, cat.outcome) == ("cat", 0, "standard", "done")
    assert (cat.t, cat.seconds, cat.in_pose_s, cat.clean_s, cat.cycles) == (10.0, 40.0, 38.0, 30.0, 2)
    assert dict(cat.faults_s) == {"too_fast": 6.0, "rocking": 2.0}
    assert dict(cat.cues) == {"too_fast": 2}
    assert twist.holds == (PastHold(80.0, 15.0, "left"),)
    assert (twist.held_s, twist.outcome, twist.cycles) == (19.0, "skipped", 0)


def test_a_guided_session_is_written_as_it_goes(opened: Opener, library: Library) -> None:
    """The real session's records, from set-up to the end, are what the history gives back."""
    history = opened()
    ana = history.add_profile("Ana")
    writer = history.begin(ana.id, pain_before=3, today=DAY)
    hold = with_dose(library.exercises["downward_dog"], hold_s=4.0, times=1)
    plan = Plan((RoutineItem(hold, 6.0), RoutineItem(with_dose(library.exercises["cat"], cycles=2), 0.0)), "mix")
    one = Mat(Session(plan, library, QUIET))
    one.until("exercise", all_fours)
    one.until("between", dog)
    one.until("exercise", all_fours)
    one.until("finished", cat_and_cow(one.t))
    for record in one.kept:
        writer.add(record)
    (past,) = history.sessions(ana.id)
    assert (past.outcome, past.programme) == ("done", "mix")
    assert past.seconds == pytest.approx(one.kept[-1].t)
    first, second = past.exercises
    assert (first.exercise, first.outcome, len(first.holds)) == ("downward_dog", "done", 1)
    assert first.holds[0].seconds == pytest.approx(4.0, abs=0.4)
    assert first.in_pose_s is not None
    assert 4.0 <= first.in_pose_s < 10.0
    assert (second.exercise, second.outcome, second.cycles) == ("cat", "done", 2)


def test_a_session_that_broke_off_keeps_what_was_finished(opened: Opener, file: Path) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    session(history, ana)
    (past,) = opened(file).sessions(ana.id)
    assert (past.outcome, past.seconds) == ("broken", 80.0)
    twist = past.exercises[1]
    assert (twist.outcome, twist.held_s, twist.seconds, twist.clean_s) == ("broken", 15.0, None, None)


def test_a_session_in_which_nothing_was_begun_is_none(opened: Opener) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    history.begin(ana.id, pain_before=3, today=DAY)
    assert history.sessions(ana.id) == ()


def test_a_stop_word_is_kept_with_its_exercise(opened: Opener) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    writer = session(history, ana)
    writer.add(Record("stopped_for", 90.0, position=1, exercise="twist", stop="sharp"))
    (past,) = history.sessions(ana.id)
    assert (past.stopped_for, past.exercises[0].stopped_for, past.exercises[1].stopped_for) == (
        "sharp",
        None,
        "sharp",
    )


def test_sessions_are_in_order_and_each_persons_own(opened: Opener) -> None:
    history = opened()
    ana, bea = history.add_profile("Ana"), history.add_profile("Bea", "ru")
    for day in (DAY, DAY - timedelta(days=3)):
        session(history, ana, day)
    session(history, bea)
    assert [s.day for s in history.sessions(ana.id)] == [DAY - timedelta(days=3), DAY]
    assert len(history.sessions(bea.id)) == 1
    assert [p.name for p in history.profiles()] == ["Ana", "Bea"]
    history.change_profile(Profile(bea.id, "Беа", "ru"))
    assert history.profiles()[1] == Profile(bea.id, "Беа", "ru")


def test_killed_in_the_middle_everything_finished_is_there(opened: Opener, file: Path) -> None:
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_history import session
from posecheck.history import History
history = History({str(file)!r})
session(history, history.add_profile("Ana"))
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    history = opened()
    (past,) = history.sessions(history.profiles()[0].id)
    assert past.exercises[0].cycles == 2
    assert past.exercises[1].holds == (PastHold(80.0, 15.0, "left"),)


def test_two_threads_write_and_read_at_once(opened: Opener) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    writer = history.begin(ana.id, today=DAY)
    writer.add(Record("exercise_started", 0.0, position=0, exercise="cat"))
    found: list[int] = []

    def read() -> None:
        for _ in range(20):
            found.append(history.sessions(ana.id)[0].exercises[0].cycles)

    def write() -> None:
        for i in range(50):
            writer.add(Record("cycle", float(i), position=0, exercise="cat", count=i))

    threads = [threading.Thread(target=job) for job in (write, read, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert history.sessions(ana.id)[0].exercises[0].cycles == 100
    assert found == sorted(found)
    assert history.trouble is None


def test_nothing_can_hold_a_picture() -> None:
    for table in tables.metadata.sorted_tables:
        assert not any(isinstance(column.type, LargeBinary) for column in table.columns)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_only_this_account_may_read_it(opened: Opener, file: Path) -> None:
    opened()
    assert file.stat().st_mode & 0o077 == 0


def test_a_preference_takes_the_place_of_the_one_before(opened: Opener) -> None:
    history = opened()
    ana, bea = history.add_profile("Ana"), history.add_profile("Bea", "")
    history.save_preferences(ana.id, {"voice": "quiet", "rate": "0.9"})
    history.save_preferences(ana.id, {"voice": "on"})
    assert history.preferences(ana.id) == {"voice": "on", "rate": "0.9"}
    assert history.preferences(bea.id) == {}


# --- answers ---------------------------------------------------------------------------------------------------


def test_the_latest_answer_counts_and_todays_only_today(opened: Opener) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    before, daily = DAY - timedelta(days=1), ("today", "pain_now")
    history.save_answers(ana.id, {"birth": "vaginal", "today": ["none"], "pain_now": 0}, before)
    assert dict(history.answers(ana.id, DAY, daily)) == {"birth": "vaginal"}
    history.save_answers(ana.id, {"birth": "caesarean", "today": ["fever", "calf"]}, DAY)
    history.save_answers(ana.id, {"today": ("none",)}, DAY)
    assert dict(history.answers(ana.id, DAY, daily)) == {"birth": "caesarean", "today": ["none"]}
    assert history.answered(ana.id, DAY) == {"birth": DAY, "today": DAY, "pain_now": before}
    assert dict(history.answers(ana.id, before, daily)) == {"birth": "vaginal", "today": ["none"], "pain_now": 0}


def test_a_professionals_word_comes_back(opened: Opener) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    words = (
        Clearance(DAY, True, ("twist",), "my midwife", "small"),
        Clearance(DAY, False, None, "my doctor"),
    )
    for word in words:
        history.add_clearance(ana.id, word)
    assert set(history.clearances(ana.id)) == set(words)


def test_nobody_to_write_about_is_a_mistake_of_ours(opened: Opener) -> None:
    with pytest.raises(IntegrityError):
        opened().begin("nobody", today=DAY)


# --- versions --------------------------------------------------------------------------------------------------


def make_v1(file: Path) -> None:
    """Make a history as the first version of the tables left it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(V1.read_text(encoding="utf-8"))


def test_a_history_of_the_first_version_is_read_whole(opened: Opener, file: Path) -> None:
    make_v1(file)
    history = opened()
    assert history.trouble is None
    ana, bela = history.profiles()
    assert (ana.name, bela.name, bela.language) == ("Ana", "Бела", "ru")
    whole, broken = history.sessions(ana.id)
    assert (whole.seconds, whole.pain_before, whole.pain_after, whole.note) == (182.5, 4, 2, "slept well")
    cat, dog = whole.exercises
    assert (cat.cycles, dict(cat.cues), dict(cat.faults_s), cat.clean_s) == (
        2,
        {"too_fast": 1},
        {"too_fast": 3.5},
        None,
    )
    assert dog.holds == (PastHold(130.0, 8.0), PastHold(170.0, 8.0))
    assert (broken.outcome, broken.seconds, broken.exercises[0].holds[0].side) == ("broken", 31.0, "left")
    assert dict(history.answers(ana.id, date(2026, 9, 4), ["today"])) == {"birth": "vaginal"}
    assert history.clearances(ana.id)[0].by == "my midwife"
    session(history, bela)
    assert len(history.sessions(bela.id)) == 1


def test_the_migrations_lead_to_the_tables_of_today(opened: Opener, file: Path) -> None:
    make_v1(file)
    history = opened()
    assert history._main is not None
    with history._main.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_a_migration_that_fails_leaves_the_first_version(
    opened: Opener, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_v1(file)
    before = dump(file)

    def breaks(*_: object) -> None:
        raise sqlite3.OperationalError("the lights went out")

    monkeypatch.setattr("alembic.command.upgrade", breaks)
    history = opened()
    assert history.trouble is not None
    assert dump(file) == before


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def test_the_tables_can_be_made_on_a_server_as_well() -> None:
    """No server is here: at least every table can be said in PostgreSQL's tongue."""
    for table in tables.metadata.sorted_tables:
        said = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        assert f"CREATE TABLE {table.name}" in said


# --- a database that refuses ------------------------------------------------------------------------------------


def says(history: History, library: Library) -> tuple[str, str]:
    """Return what she is told, and what to do next."""
    trouble = history.trouble
    assert trouble is not None
    return (
        library.phrase(trouble.phrase, "en", **trouble.values),
        library.phrase(f"{trouble.phrase}_next", "en", **trouble.values),
    )


def test_every_refusal_has_its_sentences(library: Library) -> None:
    for kind in get_args(TroubleKind):
        error = HistoryError(kind, "there", aside="that", version="9", driver="x")
        for phrase in (error.phrase, f"{error.phrase}_next"):
            assert "{" not in library.phrase(phrase, "en", **error.values)


def test_a_newer_history_is_left_as_it_is(opened: Opener, file: Path, library: Library) -> None:
    make_v1(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
        connection.commit()
    before = dump(file)
    history = opened()
    said, then = says(history, library)
    assert said == "Your history was written by a newer posecheck (version 0099 of its tables)."
    assert then.startswith("It was left as it is. Update posecheck")
    ana = history.add_profile("Ana")
    session(history, ana)
    assert len(history.sessions(ana.id)) == 1
    assert history.trouble is not None
    assert history.trouble.waiting == 11
    assert dump(file) == before


def test_a_database_of_another_program_is_left_as_it_is(opened: Opener, file: Path, library: Library) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = dump(file)
    assert says(opened(), library)[0] == f"What lies at {file} is not a history of posecheck."
    assert dump(file) == before


def test_a_folder_in_its_place(opened: Opener, file: Path, library: Library) -> None:
    file.mkdir(parents=True)
    assert says(opened(), library)[0] == f"What lies at {file} is not a history of posecheck."


def test_locked_from_the_start_is_waited_for_and_then_written(
    opened: Opener, file: Path, library: Library
) -> None:
    clock = Clock()
    ana = opened().add_profile("Ana")
    with taken(file):
        clock.step = 1.0
        history = opened(clock=clock)
        clock.step = 0.0
        session(history, ana)
        assert says(history, library) == (
            "Another program has your history open just now.",
            "What you do is kept in memory and written as soon as it is free. "
            "Close the other program before this one.",
        )
        assert history.trouble is not None
        assert history.trouble.waiting == 10
        assert len(history.sessions(ana.id)) == 1
    clock.step = 1.0
    assert history.trouble is None
    assert opened().sessions(ana.id) == history.sessions(ana.id)
    assert len(history.sessions(ana.id)[0].exercises) == 2


def test_locked_in_the_middle_is_kept_in_memory_and_written_later(opened: Opener, file: Path) -> None:
    clock = Clock(0.0)
    history = opened(clock=clock)
    ana = history.add_profile("Ana")
    writer = session(history, ana)
    with taken(file):
        writer.add(Record("hold", 99.0, position=1, exercise="twist", seconds=15.0, side="right", count=2))
        assert history.trouble is not None
        assert history.trouble.waiting == 1
        clock.t += 2
        writer.add(Record("session_finished", 110.0, outcome="done"))
        assert history.trouble.waiting == 2
        assert history.sessions(ana.id)[0].outcome in ("done", "broken")
    clock.t += 2
    assert history.flush()
    assert history.trouble is None
    (past,) = opened().sessions(ana.id)
    assert [hold.side for hold in past.exercises[1].holds] == ["left", "right"]
    assert past.outcome == "done"


def test_a_write_that_arrived_though_its_answer_was_lost_is_not_written_twice(opened: Opener) -> None:
    clock = Clock(0.0)
    history = opened(clock=clock)
    ana = history.add_profile("Ana")
    writer = session(history, ana)
    statements = history._pending
    assert not statements
    history._refuse(HistoryError("unreachable", "there"))
    writer.add(Record("hold", 99.0, position=1, exercise="twist", seconds=15.0, side="right", count=2))
    history._pending.append(history._pending[0])
    clock.t += 2
    assert history.flush()
    assert len(history.sessions(ana.id)[0].exercises[1].holds) == 2


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be an ordinary account for a while: to root, nothing is read-only."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
@pytest.mark.parametrize("written_before", [True, False])
def test_a_read_only_folder_is_read_and_said(
    opened: Opener, tmp_path: Path, library: Library, written_before: bool
) -> None:
    folder = Path("/tmp") / f"posecheck-{os.getpid()}-{written_before}"
    folder.mkdir()
    file = folder / "history.sqlite"
    try:
        if written_before:
            with closing(sqlite3.connect(file)) as connection:
                connection.executescript(V1.read_text(encoding="utf-8"))
            file.chmod(0o444)
        folder.chmod(0o555)
        with as_nobody():
            history = opened(file)
            said = says(history, library)
            assert said[0] == f"Your history may not be written at {file}."
            assert said[1].startswith("What you do is kept in memory until you close this.")
            assert [p.name for p in history.profiles()] == (["Ana", "Бела"] if written_before else [])
            ana = history.profiles()[0] if written_before else history.add_profile("Ana")
            session(history, ana)
            assert len(history.sessions(ana.id)) == (3 if written_before else 1)
        if written_before:
            assert len(dump(file)) == len(V1.read_text(encoding="utf-8").rstrip().split(";\n"))
    finally:
        folder.chmod(0o755)
        with suppress(FileNotFoundError):
            file.unlink()
        folder.rmdir()


@pytest.mark.parametrize("damage", ["not a database", "a page overwritten"])
def test_a_damaged_file_is_put_aside_and_a_fresh_one_begun(
    opened: Opener, file: Path, library: Library, damage: str
) -> None:
    if damage == "not a database":
        file.parent.mkdir()
        file.write_bytes(b"\x00\xffsomething else entirely" * 400)
    else:
        make_v1(file)
        content = bytearray(file.read_bytes())
        content[4096 : 3 * 4096] = b"\xa5" * (2 * 4096)
        file.write_bytes(content)
    before = file.read_bytes()
    history = opened()
    aside = file.with_name("history.damaged-2026-11-22-193000.sqlite")
    assert aside.read_bytes() == before
    said, then = says(history, library)
    assert said == f"Your history could not be read any more. It was put aside as {aside}, and a fresh one begins."
    assert then == f"Nothing of it was deleted. A copy from a backup can be put in its place at {file}."
    assert history.trouble is not None
    assert history.trouble.waiting is None
    ana = history.add_profile("Ana")
    session(history, ana)
    assert len(opened().sessions(ana.id)) == 1
    history.dismiss()
    assert history.trouble is None


def test_damaged_while_in_use_is_put_aside_and_nothing_new_is_lost(opened: Opener, file: Path) -> None:
    clock = Clock(0.0)
    history = opened(clock=clock)
    history.add_profile("Ana")
    assert history._main is not None
    history._main.dispose()
    file.write_bytes(b"\xa5" * 8192)
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    bea = history.add_profile("Bea")
    clock.t += 2
    assert history.trouble is not None
    assert history.trouble.phrase == "history_damaged"
    assert history.trouble.waiting is None
    assert opened().profiles() == (bea,)
    assert file.with_name("history.damaged-2026-11-22-193000.sqlite").read_bytes() == b"\xa5" * 8192


def test_a_full_disk_is_said_and_written_once_there_is_room(opened: Opener, library: Library) -> None:
    clock = Clock(0.0)
    history = opened(clock=clock)
    ana = history.add_profile("Ana")
    assert history._main is not None
    room = [1]  # pages the file may grow to: SQLite refuses beyond as it does where the disk is full

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={room[0]}")

    event.listen(history._main, "begin", limit)
    note = "all is well " * 2000
    writer = session(history, ana)
    history.set_note(writer.session_id, note)
    assert says(history, library) == (
        "The disk is full, so your history cannot be written now.",
        "What you do is kept in memory. Free some space, and it is written by itself.",
    )
    assert history.sessions(ana.id)[0].note == note
    room[0] = 10_000
    clock.t += 2
    assert history.trouble is None
    assert opened().sessions(ana.id)[0].note == note


def test_what_is_no_address(opened: Opener, library: Library) -> None:
    history = opened("postgresql//:nonsense://")
    assert says(history, library)[0] == "POSECHECK_DATABASE holds no address that I understand."
    assert history.add_profile("Ana") in history.profiles()


def test_a_database_whose_library_is_missing(opened: Opener, library: Library) -> None:
    history = opened("firebird://ana:secret@host/db")
    assert says(history, library)[0] == (
        "The library that speaks to firebird://ana:***@host/db is not installed (firebird)."
    )
    assert history.add_profile("Ana") in history.profiles()


def test_a_server_that_does_not_answer_and_no_password_shown() -> None:
    url = parse_url("postgresql://ana:secret@host/db")
    error = explain(OperationalError("SELECT 1", {}, Exception("connection refused")), url)
    assert (error.kind, error.values["where"]) == ("unreachable", "postgresql://ana:***@host/db")
    assert "secret" not in str(error)
    assert "secret" not in shown(url)


# --- export and delete -----------------------------------------------------------------------------------------


def test_everything_is_exported_as_json(opened: Opener) -> None:
    history = opened()
    ana, bea = history.add_profile("Ana"), history.add_profile("Беа")
    session(history, ana)
    session(history, bea)
    history.save_answers(ana.id, {"today": ["none"]}, DAY)
    everything = json.loads(history.export_json())
    assert everything["schema"] == "posecheck/history@1"
    assert everything["exported_at"] == NOW.isoformat()
    assert {p["name"] for p in everything["profiles"]} == {"Ana", "Беа"}
    assert set(everything) == {"schema", "exported_at", *(t.name for t in tables.metadata.sorted_tables)}
    hers = json.loads(history.export_json(ana.id))
    assert [p["name"] for p in hers["profiles"]] == ["Ana"]
    assert (len(hers["sessions"]), len(hers["holds"]), len(hers["faults"])) == (1, 1, 2)
    assert hers["answers"][0]["answer"] == ["none"]


def test_everything_is_exported_as_tables(opened: Opener, tmp_path: Path) -> None:
    history = opened()
    ana = history.add_profile('Ana "the quick", mother')
    session(history, ana)
    history.write_export(tmp_path / "history.zip")
    with zipfile.ZipFile(tmp_path / "history.zip") as archive:
        names = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read("profiles.csv").decode())))
        sessions = list(csv.DictReader(io.StringIO(archive.read("sessions.csv").decode())))
    assert names == [f"{t.name}.csv" for t in tables.metadata.sorted_tables]
    assert rows[0]["name"] == 'Ana "the quick", mother'
    assert json.loads(sessions[0]["planned"]) == ["cat", "twist"]


def test_an_export_says_what_it_cannot_write(opened: Opener, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"history\.txt is neither \.json nor \.zip\. Name it history\.json"):
        opened().write_export(tmp_path / "history.txt")


def test_deleting_somebody_leaves_the_others_and_no_trace(opened: Opener, file: Path) -> None:
    history = opened()
    ana, bea = history.add_profile("Anastasia"), history.add_profile("Beatrice")
    for profile in (ana, bea):
        writer = session(history, profile)
        history.set_note(writer.session_id, f"words of {profile.name}")
    history.delete_profile(ana.id)
    assert history.profiles() == (bea,)
    assert len(history.sessions(bea.id)) == 1
    left = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"Anastasia" not in left
    assert b"words of Beatrice" in left


def test_deleting_everything_takes_damaged_files_along(opened: Opener, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database, but her name: Anastasia " * 300)
    history = opened()
    session(history, history.add_profile("Anastasia"))
    history.delete_all()
    assert history.trouble is None
    assert all(rows == [] for rows in history.tables().values())
    assert b"Anastasia" not in b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_deleting_is_never_only_promised(opened: Opener, file: Path) -> None:
    history = opened(clock=Clock(0.0))
    ana = history.add_profile("Ana")
    with taken(file), pytest.raises(HistoryError) as caught:
        history.delete_profile(ana.id)
    assert caught.value.kind == "locked"
    assert opened().profiles() == (ana,)


def test_a_disk_without_room_to_tidy_up_after_deleting_is_said(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = opened()
    history.add_profile("Ana")

    def full(_: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr(store, "_forget_deleted", full)
    with pytest.raises(HistoryError) as caught:
        history.delete_all()
    assert caught.value.kind == "full"


@pytest.mark.parametrize(("free", "kind"), [(0, "full"), (10**9, "unreachable")])
def test_an_input_error_where_the_disk_is_full_is_called_so(
    file: Path, monkeypatch: pytest.MonkeyPatch, free: int, kind: TroubleKind
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    assert explain(error, parse_url(str(file))).kind == kind


def test_a_session_goes_on_where_its_person_was_deleted(opened: Opener) -> None:
    history = opened()
    writer = session(history, history.add_profile("Ana"))
    history.delete_all()
    writer.add(Record("hold", 99.0, position=1, exercise="twist", seconds=15.0))
    assert all(rows == [] for rows in history.tables().values())


# --- the command -----------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(a) for a in args])
    out, err = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, out, err


@pytest.fixture
def kept(file: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a history of Ana and Bea that the command finds."""
    history = opened()
    session(history, history.add_profile("Ana"))
    history.add_profile("Bea")
    history.close()
    monkeypatch.setenv("POSECHECK_DATABASE", str(file))
    return file


def test_where_it_is(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "history", "where") == (0, f"{kept}\nAna: 1 session\nBea: 0 sessions\n", "")


def test_by_default_it_is_in_the_users_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSECHECK_DATABASE", raising=False)
    assert Path(default_place()).name == "history.sqlite"
    assert Path(default_place()).parent.name == "posecheck"


def test_export_by_command(kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exported = run(capsys, "history", "export", tmp_path / "all.json", "--profile", "Bea")
    assert exported == (0, f"Written to {tmp_path / 'all.json'}.\n", "")
    document = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [p["name"] for p in document["profiles"]] == ["Bea"]
    assert document["sessions"] == []


def test_delete_by_command(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "history", "delete", "--profile", "Ana", "--yes") == (
        0,
        "Deleted everything about Ana.\n",
        "",
    )
    assert run(capsys, "history", "where")[1] == f"{kept}\nBea: 0 sessions\n"
    assert run(capsys, "history", "delete", "--yes")[1] == "Deleted everything about everybody.\n"
    assert run(capsys, "history", "where")[1] == f"{kept}\n"


def test_delete_asks_first(
    kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    status, out, err = run(capsys, "history", "delete")
    assert (status, out.strip()) == (130, "")
    assert f"Delete everything about everybody at {kept} for good?" in err
    assert "Ana: 1 session" in run(capsys, "history", "where")[1]


def test_a_name_that_nobody_has(kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = (2, "", "Nobody here is called 'Eve'. Known: Ana, Bea.\n")
    assert run(capsys, "history", "export", tmp_path / "x.json", "--profile", "Eve") == expected
    assert run(capsys, "history", "delete", "--profile", "Eve", "--yes") == expected


def test_the_command_says_why_there_is_no_history(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSECHECK_DATABASE", str(file))
    file.mkdir(parents=True)
    status, out, err = run(capsys, "history", "where")
    assert (status, out) == (2, "")
    assert err.startswith(f"What lies at {file} is not a history of posecheck. It was left as it is.")
