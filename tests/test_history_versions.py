"""Histories of earlier versions of the tables are read whole."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from histories import Opener, dump, make_v1, session
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from posecheck import tables
from posecheck.diary import PastHold


def test_a_history_of_the_first_version_is_read_whole(opened: Opener, history_file: Path) -> None:
    make_v1(history_file)
    history = opened()
    assert history.trouble is None
    ana, bela = history.profiles()
    assert (ana.name, bela.name, bela.language) == ("Ana", "Бела", "ru")
    whole, broken = history.sessions(ana.id)
    assert (whole.seconds, whole.pain_before, whole.pain_after) == (182.5, 4, 2)
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


def test_the_migrations_lead_to_the_tables_of_today(opened: Opener, history_file: Path) -> None:
    make_v1(history_file)
    history = opened()
    assert history._main is not None
    with history._main.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_a_migration_that_fails_leaves_the_first_version(
    opened: Opener, history_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_v1(history_file)
    before = dump(history_file)

    def breaks(*_: object) -> None:
        raise sqlite3.OperationalError("the lights went out")

    monkeypatch.setattr("alembic.command.upgrade", breaks)
    history = opened()
    assert history.trouble is not None
    assert dump(history_file) == before


def test_the_tables_can_be_made_on_a_server_as_well() -> None:
    """No server is here: at least every table can be said in PostgreSQL's tongue."""
    for table in tables.metadata.sorted_tables:
        said = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        assert f"CREATE TABLE {table.name}" in said
