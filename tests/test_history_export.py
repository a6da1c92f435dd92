"""The history is exported and deleted whole, by the page's calls and by the command."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from command import Run
from histories import DAY, NOW, Clock, Opener, session, taken

from posecheck import recorded, store, tables
from posecheck.database import HistoryError
from posecheck.diary import Profile
from posecheck.errors import OutputError
from posecheck.history import History, default_place
from posecheck.records import Record


def recorded_cat(profile: Profile) -> Path:
    """Return a recording of somebody's."""
    file = recorded.of_person(profile.id) / "2026-11-22_20-15-03" / "1_cat.npz"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"landmarks")
    return file


# --- export and delete ----------------------------------------------------------------------------------------


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


def test_an_export_of_one_person_holds_no_recording_of_another(opened: Opener, tmp_path: Path) -> None:
    history = opened()
    ana, bea = history.add_profile("Ana"), history.add_profile("Bea")
    hers, _ = recorded_cat(ana), recorded_cat(bea)
    history.write_export(tmp_path / "history.zip", ana.id)
    with zipfile.ZipFile(tmp_path / "history.zip") as archive:
        packed = [name for name in archive.namelist() if name.endswith(".npz")]
    assert packed == [f"practices/{hers.parent.name}/{hers.name}"]


def test_an_export_says_what_it_cannot_write(opened: Opener, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"history\.txt is neither \.json nor \.zip\. Name it history\.json"):
        opened().write_export(tmp_path / "history.txt")


def test_deleting_somebody_leaves_the_others_and_no_trace(opened: Opener, history_file: Path) -> None:
    history = opened()
    ana, bea = history.add_profile("Anastasia"), history.add_profile("Beatrice")
    for profile in (ana, bea):
        said = Record("session_finished", 90.0, outcome="done", strength=f"words to {profile.name}")
        session(history, profile).add(said)
    history.delete_profile(ana.id)
    assert history.profiles() == (bea,)
    assert len(history.sessions(bea.id)) == 1
    left = b"".join(path.read_bytes() for path in history_file.parent.iterdir())
    assert b"Anastasia" not in left
    assert b"words to Beatrice" in left


def test_what_another_answer_takes_the_place_of_is_not_left_in_the_file(
    opened: Opener, history_file: Path
) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    for said in ("Anastasia " * 100, "nothing"):
        history.save_preferences(ana.id, {"note": said})
    history.close()
    assert b"Anastasia" not in b"".join(path.read_bytes() for path in history_file.parent.iterdir())


def test_deleting_everything_takes_damaged_files_along(opened: Opener, history_file: Path) -> None:
    history_file.parent.mkdir()
    history_file.write_bytes(b"no database, but her name: Anastasia " * 300)
    history = opened()
    session(history, history.add_profile("Anastasia"))
    history.delete_all()
    assert history.trouble is None
    assert all(rows == [] for rows in history.tables().values())
    assert b"Anastasia" not in b"".join(path.read_bytes() for path in history_file.parent.iterdir())


def test_deleting_wipes_out_what_another_program_only_marked_as_deleted(
    opened: Opener, history_file: Path
) -> None:
    history = opened()
    history.add_profile("Anastasia")
    with closing(sqlite3.connect(history_file, isolation_level=None)) as other:
        other.execute("PRAGMA secure_delete=OFF")
        other.execute("DELETE FROM profiles")
    history.delete_all()
    assert b"Anastasia" not in b"".join(path.read_bytes() for path in history_file.parent.iterdir())


def test_deleting_is_never_only_promised(opened: Opener, history_file: Path) -> None:
    history = opened(clock=Clock(0.0))
    ana = history.add_profile("Ana")
    with taken(history_file), pytest.raises(HistoryError) as caught:
        history.delete_profile(ana.id)
    assert caught.value.kind == "locked"
    assert opened().profiles() == (ana,)


def test_what_only_waited_to_be_written_does_not_come_back_after_deleting(
    opened: Opener, history_file: Path
) -> None:
    history = opened(clock=Clock(0.0))
    with taken(history_file):
        history.add_profile("Ana")
    history.delete_all()
    assert history.flush()
    assert history.profiles() == ()


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


def test_a_session_goes_on_where_its_person_was_deleted(opened: Opener) -> None:
    history = opened()
    writer = session(history, history.add_profile("Ana"))
    history.delete_all()
    writer.add(Record("hold", 99.0, position=1, exercise="twist", seconds=15.0))
    assert all(rows == [] for rows in history.tables().values())


# --- the command ----------------------------------------------------------------------------------------------


@pytest.fixture
def kept(history_file: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a history of Ana and Bea that the command finds."""
    history = opened()
    session(history, history.add_profile("Ana"))
    history.add_profile("Bea")
    history.close()
    monkeypatch.setenv("POSECHECK_DATABASE", str(history_file))
    return history_file


def test_where_it_is(kept: Path, run: Run) -> None:
    assert run("history", "where") == (0, f"{kept}\nAna: 1 session\nBea: 0 sessions\n", "")


def test_by_default_it_is_in_the_users_data(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSECHECK_DATABASE", raising=False)
    assert Path(default_place()).name == "history.sqlite"
    assert Path(default_place()).parent.name == "posecheck"


def test_export_by_command(kept: Path, tmp_path: Path, run: Run) -> None:
    exported = run("history", "export", tmp_path / "all.json", "--profile", "Bea")
    assert exported == (0, f"Written to {tmp_path / 'all.json'}.\n", "")
    document = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert [p["name"] for p in document["profiles"]] == ["Bea"]
    assert document["sessions"] == []


def test_delete_by_command(kept: Path, run: Run) -> None:
    assert run("history", "delete", "--profile", "Ana", "--yes") == (
        0,
        "Deleted everything about Ana.\n",
        "",
    )
    assert run("history", "where")[1] == f"{kept}\nBea: 0 sessions\n"
    assert run("history", "delete", "--yes")[1] == "Deleted everything about everybody.\n"
    assert run("history", "where")[1] == f"{kept}\n"


def test_the_command_deletes_recordings_as_well_and_only_hers(kept: Path, run: Run) -> None:
    hers, others = map(recorded_cat, History(str(kept)).profiles())
    run("history", "delete", "--profile", "Ana", "--yes")
    assert (hers.exists(), others.exists()) == (False, True)
    run("history", "delete", "--yes")
    assert not others.exists()


def test_delete_asks_first(kept: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    status, out, err = run("history", "delete")
    assert (status, out.strip()) == (0, "Nothing was deleted.")
    assert f"Delete everything about everybody at {kept} for good?" in err
    assert "Ana: 1 session" in run("history", "where")[1]


def test_a_name_that_nobody_has(kept: Path, tmp_path: Path, run: Run) -> None:
    expected = (2, "", "Nobody here is called 'Eve'. Known: Ana, Bea.\n")
    assert run("history", "export", tmp_path / "x.json", "--profile", "Eve") == expected
    assert run("history", "delete", "--profile", "Eve", "--yes") == expected


def test_the_command_says_why_there_is_no_history(
    history_file: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSECHECK_DATABASE", str(history_file))
    history_file.mkdir(parents=True)
    status, out, err = run("history", "where")
    assert (status, out) == (2, "")
    assert err.startswith(f"What lies at {history_file} is not a history of posecheck. It was left as it is.")
