"""A database that refuses: said in a sentence, nothing lost, nothing of others touched."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest
from histories import NOW, V1, Clock, Opener, dump, make_v1, session, taken
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from posecheck.database import (
    HistoryError,
    TroubleKind,
    explain,
    open_database,
    parse_url,
    set_aside,
    shown,
    writing,
)
from posecheck.history import History
from posecheck.library import Library
from posecheck.records import Record

# --- a database that refuses ----------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "locked"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, "read_only"),
        (sqlite3.SQLITE_CORRUPT_INDEX, "damaged"),
        (sqlite3.SQLITE_IOERR_READ, "unreachable"),
    ],
)
def test_what_sqlite_says_more_precisely_is_understood_as_well(code: int, kind: str, history_file: Path) -> None:
    error = sqlite3.OperationalError("no")
    error.sqlite_errorcode = code
    assert explain(error, parse_url(str(history_file))).kind == kind


def test_a_damaged_file_is_put_aside_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    ends = ("", "-wal", "-shm")
    for end in ends:
        (tmp_path / f"history.sqlite{end}").write_text(end, encoding="utf-8")
    aside = set_aside(tmp_path / "history.sqlite", NOW)
    assert [aside.with_name(aside.name + end).read_text(encoding="utf-8") for end in ends] == [*ends]
    assert len(list(tmp_path.iterdir())) == len(ends)


def test_a_newer_history_is_left_as_it_is(opened: Opener, history_file: Path, library: Library) -> None:
    make_v1(history_file)
    with closing(sqlite3.connect(history_file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
        connection.commit()
    before = dump(history_file)
    history = opened()
    said, then = says(history, library)
    assert said == "Your history was written by a newer posecheck (version 0099 of its tables)."
    assert then.startswith("It was left as it is. Update posecheck")
    ana = history.add_profile("Ana")
    session(history, ana)
    assert len(history.sessions(ana.id)) == 1
    assert history.trouble is not None
    assert history.trouble.waiting == 11
    assert dump(history_file) == before


def test_a_database_of_another_program_is_left_as_it_is(
    opened: Opener, history_file: Path, library: Library
) -> None:
    history_file.parent.mkdir()
    with closing(sqlite3.connect(history_file)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = dump(history_file)
    assert says(opened(), library)[0] == f"What lies at {history_file} is not a history of posecheck."
    assert dump(history_file) == before


def test_a_folder_in_its_place(opened: Opener, history_file: Path, library: Library) -> None:
    history_file.mkdir(parents=True)
    assert says(opened(), library)[0] == f"What lies at {history_file} is not a history of posecheck."


def test_locked_from_the_start_is_waited_for_and_then_written(
    opened: Opener, history_file: Path, library: Library
) -> None:
    clock = Clock()
    ana = opened().add_profile("Ana")
    with taken(history_file):
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


def test_locked_in_the_middle_is_kept_in_memory_and_written_later(opened: Opener, history_file: Path) -> None:
    clock = Clock(0.0)
    history = opened(clock=clock)
    ana = history.add_profile("Ana")
    writer = session(history, ana)
    with taken(history_file):
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


def test_what_was_written_between_two_refusals_is_known_during_the_second(opened: Opener) -> None:
    clock = Clock(0.0)
    history = opened(clock=clock)
    for name in ("Ana", "Bea"):
        history._refuse(HistoryError("unreachable", "there"))
        history.add_profile(name)
        clock.t += 2
        assert history.flush()
        history.add_profile(f"{name}'s sister")
    history._refuse(HistoryError("unreachable", "there"))
    assert {known.name for known in history.profiles()} == {"Ana", "Ana's sister", "Bea", "Bea's sister"}


def test_of_two_writers_the_second_waits_before_it_has_read_anything(history_file: Path) -> None:
    one, other = (open_database(parse_url(str(history_file))) for _ in range(2))
    with writing(one), pytest.raises(OperationalError, match="locked"), writing(other):
        pass
    for engine in (one, other):
        engine.dispose()


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
    opened: Opener, history_file: Path, library: Library, damage: str
) -> None:
    if damage == "not a database":
        history_file.parent.mkdir()
        history_file.write_bytes(b"\x00\xffsomething else entirely" * 400)
    else:
        make_v1(history_file)
        content = bytearray(history_file.read_bytes())
        content[4096 : 3 * 4096] = b"\xa5" * (2 * 4096)
        history_file.write_bytes(content)
    before = history_file.read_bytes()
    history = opened()
    aside = history_file.with_name("history.damaged-2026-11-22-193000.sqlite")
    assert aside.read_bytes() == before
    said, then = says(history, library)
    assert said == f"Your history could not be read any more. It was put aside as {aside}, and a fresh one begins."
    assert then == f"Nothing of it was deleted. A copy from a backup can be put in its place at {history_file}."
    assert history.trouble is not None
    assert history.trouble.waiting is None
    ana = history.add_profile("Ana")
    session(history, ana)
    assert len(opened().sessions(ana.id)) == 1
    history.dismiss()
    assert history.trouble is None


def test_damaged_while_in_use_is_put_aside_and_nothing_new_is_lost(opened: Opener, history_file: Path) -> None:
    clock = Clock(0.0)
    history = opened(clock=clock)
    history.add_profile("Ana")
    assert history._main is not None
    history._main.dispose()
    history_file.write_bytes(b"\xa5" * 8192)
    for ending in ("-wal", "-shm"):
        history_file.with_name(history_file.name + ending).unlink(missing_ok=True)
    bea = history.add_profile("Bea")
    clock.t += 2
    assert history.trouble is not None
    assert history.trouble.phrase == "history_damaged"
    assert history.trouble.waiting is None
    assert opened().profiles() == (bea,)
    assert history_file.with_name("history.damaged-2026-11-22-193000.sqlite").read_bytes() == b"\xa5" * 8192


def test_a_full_disk_is_said_and_written_once_there_is_room(opened: Opener, library: Library) -> None:
    clock = Clock(0.0)
    history = opened(clock=clock)
    ana = history.add_profile("Ana")
    assert history._main is not None
    room = [1]  # pages the file may grow to: SQLite refuses beyond as it does where the disk is full

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={room[0]}")

    event.listen(history._main, "begin", limit)
    strength = "all is well " * 2000
    session(history, ana).add(Record("session_finished", 90.0, outcome="done", strength=strength))
    assert says(history, library) == (
        "The disk is full, so your history cannot be written now.",
        "What you do is kept in memory. Free some space, and it is written by itself.",
    )
    assert history.sessions(ana.id)[0].strength == strength
    room[0] = 10_000
    clock.t += 2
    assert history.trouble is None
    assert opened().sessions(ana.id)[0].strength == strength


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


# --- export and delete ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("free", "kind"), [(0, "full"), (10**9, "unreachable")])
def test_an_input_error_where_the_disk_is_full_is_called_so(
    history_file: Path, monkeypatch: pytest.MonkeyPatch, free: int, kind: TroubleKind
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    assert explain(error, parse_url(str(history_file))).kind == kind
