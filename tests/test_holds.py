"""The clock of a hold: scenes worked out by hand, and laws over any course of events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck.holds import HoldEvent, HoldState, HoldTimes, step

TIMES = HoldTimes(
    enter_after=0.5,
    flicker=0.25,
    exit_after=1.0,
    grace=1.0,
    resume_within=20.0,
    target=8.0,
    away_after=2.0,
    back_after=0.7,
)

Scene = tuple[float, str]
"""Until when (seconds), and what: in, out, unseen (in the picture), blocked (in, and to be mended), gone."""


class What(TypedDict):
    """What is seen at an instant, as ``holds.step`` takes it."""

    person: bool
    entered: bool | None
    blocked: bool


WHAT: dict[str, What] = {
    "in": {"person": True, "entered": True, "blocked": False},
    "blocked": {"person": True, "entered": True, "blocked": True},
    "out": {"person": True, "entered": False, "blocked": False},
    "unseen": {"person": True, "entered": None, "blocked": False},
    "gone": {"person": False, "entered": None, "blocked": False},
}


def run(
    scenes: Sequence[Scene], fps: float = 10.0, times: HoldTimes = TIMES
) -> tuple[list[tuple[float, HoldEvent]], list[HoldState]]:
    """Return what happened and the states, instants at ``i / fps``."""
    state, told, states = HoldState(), [], []
    i = 0
    for until, what in scenes:
        while i / fps < until - 1e-9:
            told_now: tuple[HoldEvent, ...]
            state, told_now = step(state, i / fps, times=times, **WHAT[what])
            told += [(i / fps, kind) for kind in told_now]
            states.append(state)
            i += 1
    return told, states


# --- scenes ----------------------------------------------------------------------------------------------------


def test_she_enters_after_the_dwell_and_the_clock_runs_from_there() -> None:
    told, states = run([(1.0, "out"), (3.0, "in")])
    assert told == [(1.5, "entered"), (1.5, "counting")]
    assert [s.phase for s in states[9:17]] == ["out", *["enter"] * 5, "hold", "hold"]
    assert states[-1].held == pytest.approx(1.4)  # from 1.5 to 2.9


def test_lost_sight_is_bridged_for_as_long_as_the_definition_says() -> None:
    told, states = run([(2.0, "in"), (4.0, "unseen"), (5.0, "in")], times=replace(TIMES, grace=3.0))
    assert [kind for _, kind in told] == ["entered", "counting"]
    assert states[-1].held == pytest.approx(4.4)  # from 0.5 to 4.9


def test_a_glimpse_is_not_the_pose() -> None:
    told, states = run([(1.0, "out"), (1.4, "in"), (2.0, "out"), (2.4, "in"), (3.0, "out")])
    assert told == []
    assert states[-1].held == 0


@pytest.mark.parametrize("fps", [10.0, 30.0])
@pytest.mark.parametrize(
    ("misread_until", "entered"),
    [(1.5, 1.7), (1.7, 2.2)],  # a moment of 0.2 s does not count; after 0.4 s it begins again
)
def test_a_moment_misread_on_the_way_in_does_not_begin_again(
    misread_until: float, entered: float, fps: float
) -> None:
    told, _ = run([(1.0, "out"), (1.3, "in"), (misread_until, "out"), (3.0, "in")], fps)
    assert [kind for _, kind in told] == ["entered", "counting"]
    assert told[0][0] == pytest.approx(entered, abs=1.01 / 30)


def test_what_flickers_enters_only_after_as_much_time_in_the_pose() -> None:
    told, _ = run([(1.0 + 0.2 * i, "in" if i % 2 else "out") for i in range(20)])
    assert [kind for _, kind in told] == ["entered", "counting"]
    assert told[0][0] == pytest.approx(1.9)  # half of it was in the pose


def test_the_hold_is_reached_once_and_counted() -> None:
    told, states = run([(0.0, "out"), (12.0, "in")])
    assert told == [(0.5, "entered"), (0.5, "counting"), (8.5, "held")]
    assert states[-1].holds == 1
    assert states[-1].held == pytest.approx(8.0)
    assert not states[-1].counting


def test_two_holds() -> None:
    told, states = run([(9.0, "in"), (12.0, "out"), (21.5, "in")])
    assert [kind for _, kind in told] == [
        "entered", "counting", "held", "left", "entered", "counting", "held",
    ]  # fmt: skip
    assert states[-1].holds == 2


def test_a_finished_hold_starts_anew_only_after_she_left() -> None:
    _, states = run([(9.0, "in"), (9.5, "out"), (30.0, "in")])
    assert states[-1].holds == 1
    assert states[-1].held == pytest.approx(8.0, abs=0.1)


def test_lost_sight_within_the_grace_is_bridged_and_counted() -> None:
    told, states = run([(2.0, "in"), (2.9, "unseen"), (4.0, "in")])
    assert told == [(0.5, "entered"), (0.5, "counting")]
    assert states[-1].held == pytest.approx(3.4)


def test_nobody_for_a_moment_is_lost_sight() -> None:
    told, states = run([(2.0, "in"), (2.9, "gone"), (4.0, "in")])
    assert told == [(0.5, "entered"), (0.5, "counting")]
    assert states[-1].held == pytest.approx(3.4)


def test_lost_sight_longer_than_the_grace_is_leaving() -> None:
    told, states = run([(2.0, "in"), (4.0, "unseen"), (6.0, "in")])
    assert told == [
        (0.5, "entered"),
        (0.5, "counting"),
        (3.0, "left"),
        (3.0, "paused"),
        (4.5, "entered"),
        (4.5, "counting"),
    ]
    assert states[-1].held == pytest.approx(1.4 + 1.4)  # to 1.9, and from 4.5 to 5.9


def test_a_step_out_of_the_pose_is_not_counted() -> None:
    told, states = run([(2.0, "in"), (2.5, "out"), (4.0, "in")])
    assert [kind for _, kind in told] == ["entered", "counting"]
    assert states[-1].held == pytest.approx(1.4 + 1.4)  # to 1.9, and from 2.5 to 3.9


def test_lost_sight_that_turns_out_to_be_a_step_out_is_not_counted() -> None:
    _, states = run([(2.0, "in"), (2.3, "unseen"), (2.5, "out"), (2.7, "unseen"), (4.0, "in")])
    assert states[-1].held == pytest.approx(1.4 + 1.2)  # to 1.9, and from 2.7 to 3.9


def test_out_of_the_pose_it_pauses_and_resumes_where_it_was() -> None:
    told, states = run([(5.0, "in"), (15.0, "out"), (20.0, "in")])
    assert told[2:] == [(6.0, "left"), (6.0, "paused"), (15.5, "entered"), (15.5, "counting"), (19.1, "held")]
    assert states[-1].holds == 1


def test_out_of_the_pose_for_too_long_it_starts_anew() -> None:
    told, states = run([(5.0, "in"), (30.0, "out"), (33.0, "in")])
    assert "held" not in [kind for _, kind in told]
    assert states[-1].held == pytest.approx(2.4)


def test_she_walks_off_for_a_minute_and_goes_on_where_she_was() -> None:
    # The baby needs her: out of the picture does not use up the time to resume.
    told, states = run([(5.0, "in"), (6.0, "out"), (66.0, "gone"), (76.0, "out"), (80.0, "in"), (81.0, "in")])
    assert told[:-1] == [
        (0.5, "entered"),
        (0.5, "counting"),
        (6.0, "left"),
        (6.0, "paused"),
        (7.9, "away"),
        (66.7, "back"),
        (76.5, "entered"),
        (76.5, "counting"),
    ]
    assert told[-1][1] == "held"
    assert told[-1][0] == pytest.approx(76.5 + 8.0 - 4.4, abs=0.11)
    assert states[-1].holds == 1


def test_a_moment_out_of_the_picture_is_no_time_out_of_the_pose() -> None:
    scenes = [(5.0, "in"), (7.0, "out"), (8.8, "gone"), (12.0, "in")]  # too short to be away
    _, states = run(scenes, times=replace(TIMES, resume_within=2.0))
    assert "away" not in {s.phase for s in states[1:]}
    assert states[-1].held == pytest.approx(4.4 + 2.6, abs=0.11)


def test_somebody_must_be_back_for_some_time() -> None:
    told, _ = run([(1.0, "in"), (5.0, "gone"), (5.5, "out"), (6.0, "gone"), (7.0, "out")])
    assert [(t, kind) for t, kind in told if kind in ("away", "back")] == [(2.9, "away"), (6.7, "back")]


def test_what_she_must_mend_keeps_the_clock_from_running() -> None:
    told, states = run([(3.0, "in"), (5.0, "blocked"), (6.0, "in")])
    assert told == [(0.5, "entered"), (0.5, "counting"), (3.0, "paused"), (5.0, "counting")]
    assert states[-1].held == pytest.approx(2.4 + 0.9)
    assert all(s.in_pose for s in states[6:])


def test_lost_sight_is_not_counted_where_the_clock_stood() -> None:
    _, states = run([(3.0, "in"), (4.0, "blocked"), (4.5, "unseen"), (5.0, "blocked")])
    assert states[-1].held == pytest.approx(2.4)
    _, states = run([(9.0, "in"), (9.5, "unseen"), (10.0, "in")])
    assert states[-1].held == pytest.approx(8.0)


def test_a_frozen_picture_does_not_count() -> None:
    state = HoldState()
    for t in (0.0, 0.5, 1.0):
        state, _ = step(state, t, person=True, entered=True, blocked=False, times=TIMES)
    assert state.held == pytest.approx(0.5)
    state, _ = step(state, 9.0, person=True, entered=True, blocked=False, times=TIMES)
    assert state.held == pytest.approx(0.5)
    state, _ = step(state, 9.5, person=True, entered=True, blocked=False, times=TIMES)
    assert state.held == pytest.approx(1.0)


def test_no_target_no_end() -> None:
    told, states = run([(60.0, "in")], times=replace(TIMES, target=None))
    assert told == [(0.5, "entered"), (0.5, "counting")]
    assert states[-1].held == pytest.approx(59.4)


def test_an_empty_picture_at_the_start_is_no_news() -> None:
    told, states = run([(10.0, "gone")])
    assert told == []
    assert states[-1].phase == "away"


def test_in_the_pose_from_the_first_instant() -> None:
    told, _ = run([(1.0, "in")])
    assert told == [(0.5, "entered"), (0.5, "counting")]


def test_time_does_not_go_back() -> None:
    state, _ = step(HoldState(), 3.0, person=True, entered=False, blocked=False, times=TIMES)
    message = "time must not go back: 2.5 s after 3 s"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        step(state, 2.5, person=True, entered=False, blocked=False, times=TIMES)


def test_the_same_instant_twice_changes_nothing() -> None:
    _, states = run([(3.0, "in")])
    again, told = step(states[-1], 2.9, person=True, entered=True, blocked=False, times=TIMES)
    assert told == ()
    assert again == states[-1]


# --- laws ------------------------------------------------------------------------------------------------------

courses = st.lists(
    st.tuples(
        st.one_of(st.floats(0.01, 0.3), st.floats(0.3, 4.0)),
        st.sampled_from(["in", "in", "in", "out", "unseen", "blocked", "gone"]),
    ),
    min_size=1,
    max_size=80,
)


def follow(course: Sequence[tuple[float, str]]) -> list[tuple[float, HoldState, tuple[HoldEvent, ...], str]]:
    state, t, out = HoldState(), 0.0, []
    for dt, what in course:
        t += dt
        state, told = step(state, t, times=TIMES, **WHAT[what])
        out.append((t, state, told, what))
    return out


@given(courses)
def test_never_more_is_held_than_has_passed(course: list[tuple[float, str]]) -> None:
    total, before = 0.0, HoldState()
    start: float | None = None
    for t, state, _, _ in follow(course):
        assert state.held >= 0
        assert state.out_for >= 0
        gained = state.held - before.held
        total += max(0.0, gained)
        start = t if start is None else start
        assert total <= t - start + 1e-9
        before = state


@given(courses)
def test_what_happens_alternates(course: list[tuple[float, str]]) -> None:
    told = [kind for _, _, kinds, _ in follow(course) for kind in kinds]
    for on, off in (({"entered"}, {"left"}), ({"away"}, {"back"}), ({"counting"}, {"paused", "held"})):
        turns = [kind in on for kind in told if kind in on | off]
        # Nobody there at the start is away without a word.
        expected_first = [True, False] if on == {"away"} else [True]
        assert not turns or turns[0] in expected_first
        assert all(a != b for a, b in pairwise(turns)), told


@given(courses)
def test_the_states_agree_with_what_was_told(course: list[tuple[float, str]]) -> None:
    in_pose = counting = False
    holds = 0
    for _, state, told, what in follow(course):
        in_pose = (in_pose or "entered" in told) and "left" not in told
        counting = (counting or "counting" in told) and not {"paused", "held"} & set(told)
        holds += "held" in told
        assert state.in_pose == in_pose
        assert state.counting == counting
        assert state.holds == holds
        assert not (state.counting and state.phase in ("away", "out", "enter"))
        assert not (state.counting and what == "blocked")
        if "held" in told:
            assert state.held >= 8.0


@given(courses, st.integers(-10_000, 10_000))
def test_only_the_time_between_instants_matters(course: list[tuple[float, str]], start: int) -> None:
    # Sixty-fourths of a second add up without rounding, wherever they start.
    course = [(max(1, round(dt * 64)) / 64, what) for dt, what in course]
    state, t = HoldState(), float(start)
    for (dt, what), (_, expected, told, _) in zip(course, follow(course), strict=True):
        t += dt
        state, told_then = step(state, t, times=TIMES, **WHAT[what])
        assert told_then == told
        assert (state.phase, state.held, state.holds) == (expected.phase, expected.held, expected.holds)
