"""Work beside a page: told, waited for, stopped."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import pytest

from posecheck.job import Job, Progress

PATIENCE_S = 10.0


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def endless(ended: threading.Event) -> Callable[[Progress], str]:
    def work(progress: Progress) -> str:
        try:
            while True:
                progress(0.25, "a")
                time.sleep(0.005)
        finally:
            ended.set()

    return work


def test_work_that_is_done_has_a_result() -> None:
    work = Job(lambda progress: "done")
    wait_for(lambda: work.ended)
    assert work.result() == "done"


def test_what_goes_wrong_is_raised_where_the_result_is_asked_for() -> None:
    def stumble(progress: Progress) -> str:
        raise OSError("no room")

    work = Job(stumble)
    wait_for(lambda: work.ended)
    with pytest.raises(OSError, match="no room"):
        work.result()


def test_stopping_stops_before_it_returns() -> None:
    ended = threading.Event()
    work = Job(endless(ended))
    wait_for(lambda: work.fraction == 0.25)
    work.stop()
    assert ended.is_set()
    assert work.ended
    assert work.result() is None


def test_work_that_nobody_can_ask_about_any_more_stops() -> None:
    ended = threading.Event()
    every = [Job(endless(ended))]
    wait_for(lambda: every[0].fraction is not None)
    every.clear()
    gc.collect()
    assert ended.wait(PATIENCE_S)


def test_the_time_left_follows_from_the_time_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("posecheck.job.time.monotonic", lambda: now)
    hold = threading.Event()

    def work(progress: Progress) -> None:
        progress(0.25, "a")
        hold.wait(PATIENCE_S)

    running = Job(work)
    try:
        deadline = time.perf_counter() + PATIENCE_S
        while running.fraction is None:
            assert time.perf_counter() < deadline
        assert running.left_s is None  # too early to tell
        now = 110.0
        assert running.left_s == pytest.approx(30.0)
    finally:
        hold.set()
        running.stop()
