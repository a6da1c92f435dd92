"""The history: written as it happens, and given back as it was."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from bodies import all_fours, dog
from histories import DAY, NOW, Opener, session, taken
from mat import QUIET, Mat, cat_and_cow, dosed
from sqlalchemy import LargeBinary
from sqlalchemy.exc import IntegrityError

from posecheck import tables
from posecheck.diary import Clearance, PastHold, Profile
from posecheck.history import History, open_history
from posecheck.library import Library
from posecheck.records import Record
from posecheck.routine import Item, Plan, Session

# --- what is written ------------------------------------------------------------------------------------------


def test_a_session_comes_back_as_it_was(opened: Opener) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    writer = session(history, ana)
    writer.add(Record("exercise_finished", 100.0, position=1, exercise="twist", outcome="skipped", held_s=19.0))
    writer.add(Record("session_finished", 101.0, outcome="done", strength="Even breath."))
    history.set_pain_after(writer.session_id, 2)

    (past,) = history.sessions(ana.id)
    assert (past.id, past.profile, past.day, past.programme) == (writer.session_id, ana.id, DAY, "five_minutes")
    assert past.started_at == NOW
    assert (past.seconds, past.outcome, past.pain_before, past.pain_after) == (101.0, "done", 4, 2)
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
    hold = dosed(library.exercises["downward_dog"], hold="4 s", times=1)
    plan = Plan((Item(hold, 6.0), Item(dosed(library.exercises["cat"], cycles=2), 0.0)), "mix")
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


def test_a_session_that_broke_off_keeps_what_was_finished(opened: Opener, history_file: Path) -> None:
    history = opened()
    ana = history.add_profile("Ana")
    session(history, ana)
    (past,) = opened(history_file).sessions(ana.id)
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


def test_killed_in_the_middle_everything_finished_is_there(opened: Opener, history_file: Path) -> None:
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from histories import session
from posecheck.history import History
history = History({str(history_file)!r})
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
def test_only_this_account_may_read_it(opened: Opener, history_file: Path) -> None:
    opened()
    assert history_file.stat().st_mode & 0o077 == 0


def test_a_preference_takes_the_place_of_the_one_before(opened: Opener) -> None:
    history = opened()
    ana, bea = history.add_profile("Ana"), history.add_profile("Bea", "")
    history.save_preferences(ana.id, {"voice": "quiet", "rate": "0.9"})
    history.save_preferences(ana.id, {"voice": "on"})
    assert history.preferences(ana.id) == {"voice": "on", "rate": "0.9"}
    assert history.preferences(bea.id) == {}


# --- answers --------------------------------------------------------------------------------------------------


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


def test_professionals_words_come_back_by_their_day_and_then_as_they_were_given(history_file: Path) -> None:
    minutes = itertools.count()
    history = History(str(history_file), now=lambda: NOW + timedelta(minutes=next(minutes)))
    ana = history.add_profile("Ana")
    for i in range(8):
        history.add_clearance(ana.id, Clearance(DAY - timedelta(days=i // 4), i % 2 == 0, note=str(i)))
    assert "".join(word.note for word in history.clearances(ana.id)) == "45670123"
    history.close()


def test_what_waits_is_tried_a_last_time_when_the_program_ends(
    history_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_end: list[Callable[[], object]] = []
    ending = SimpleNamespace(register=lambda do, *given: at_the_end.append(lambda: do(*given)))
    monkeypatch.setattr("posecheck.history.atexit", ending)
    monkeypatch.setenv("POSECHECK_DATABASE", str(history_file))
    history = open_history()
    with taken(history_file):
        ana = history.add_profile("Ana")
    for do in at_the_end:
        do()
    assert History(str(history_file)).profiles() == (ana,)


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
