"""Judging again from arrays says what the trainer said, instant by instant."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from bodies import ALL_FOURS, DOG, Shape, film, gone, times
from hypothesis import given, settings
from hypothesis import strategies as st

from posecheck import rules
from posecheck.library import Library
from posecheck.pose import Pose, stack
from posecheck.rules import Assessment, FaultState, fault_step
from posecheck.trace import HOLDING, LEAVING, OUTSIDE, Trace, _standing, accepted, follow, joined, judge_again

BENT: Shape = {**DOG, "elbow": 115.0}


def recording(*stops: tuple[float, Shape], fps: float = 10.0) -> Pose:
    """Return shapes that change at once, each lasting until its time."""
    return stack(film(lambda t: next(s for until, s in stops if t <= until), times(stops[-1][0], fps)))


@pytest.fixture
def bent(library: Library) -> Pose:
    return recording((2.0, ALL_FOURS), (5.0, DOG), (9.0, BENT), (12.0, DOG))


def test_the_trace_keeps_what_was_compared(library: Library, bent: Pose) -> None:
    exercise = library.exercises["downward_dog"]
    trace, moments = follow(exercise, library, bent)
    assert trace.values.shape == (len(trace.t), len(exercise.quantities))
    elbow = [q.key for q in exercise.quantities].index(("elbow_angle", "near", None, None))
    assert trace.values[35, elbow] == pytest.approx(moments[70].measures["elbow_angle"], abs=1e-9)
    assert set(trace.stage.tolist()) >= {OUTSIDE, HOLDING}


@pytest.mark.parametrize("strictness", ["gentle", "standard"])
def test_judged_again_it_says_what_the_trainer_said(library: Library, bent: Pose, strictness: Any) -> None:
    exercise = library.exercises["downward_dog"]
    trace, moments = follow(exercise, library, bent, strictness=strictness)
    _, standing = judge_again(trace, rules.make_criteria(exercise, library.coaching.strictness[strictness]))
    ids = [check.id for check in exercise.checks]
    for moment, faults in zip((m for m in moments if m.look), standing, strict=True):
        assert {name for name, on in zip(ids, faults, strict=True) if on} == set(moment.faults)
    assert standing[:, ids.index("elbows_bent")].any()


def test_a_movement_is_judged_again_as_well(library: Library) -> None:
    """In an exercise with cycles a moment names the end of the movement instead of the hold."""
    exercise = library.exercises["cat"]

    def breathe(t: float) -> Shape:
        turn = -60 + 55 * math.sin(2 * math.pi * t / 6)
        return {**ALL_FOURS, "turn": turn, "elbow": 168 if t < 9 else 120}

    trace, moments = follow(exercise, library, stack(film(breathe, times(20.0, 10.0))))
    _, standing = judge_again(trace, rules.make_criteria(exercise, 0.0))
    ids = [check.id for check in exercise.checks]
    assert standing[:, ids.index("elbows_bent")].any()
    for moment, faults in zip((m for m in moments if m.look), standing, strict=True):
        assert {name for name, on in zip(ids, faults, strict=True) if on} == set(moment.faults)


def test_joined_recordings_do_not_touch_each_other(library: Library, bent: Pose) -> None:
    exercise = library.exercises["downward_dog"]
    trace, _ = follow(exercise, library, bent)
    criteria = rules.make_criteria(exercise, 0.0)
    alone = judge_again(trace, criteria)[1]
    both = judge_again(joined(exercise, [trace, trace]), criteria)[1]
    assert np.array_equal(both, np.concatenate([alone, alone]))


def test_nothing_joined_is_nothing(library: Library) -> None:
    exercise = library.exercises["downward_dog"]
    empty = joined(exercise, [])
    assert judge_again(empty, rules.make_criteria(exercise, 0.0))[1].shape == (0, len(exercise.checks))


def test_accepted_as_the_summary_says(library: Library, bent: Pose) -> None:
    exercise, share = library.exercises["downward_dog"], library.coaching.accept_share
    good = recording((2.0, ALL_FOURS), (12.0, DOG))
    for pose, expected in ((good, True), (bent, False), (recording((5.0, ALL_FOURS)), False)):
        trace, _ = follow(exercise, library, pose)
        standing = judge_again(trace, rules.make_criteria(exercise, 0.0))[1]
        assert accepted(trace, standing, exercise, share) is expected


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([OUTSIDE, HOLDING, HOLDING, HOLDING, LEAVING]),
            st.sampled_from(["beyond", "between", "within", "unknown"]),
            st.sampled_from([0.05, 0.3, 1.1]),
            st.sampled_from([0.0, 0.4]),
        ),
        min_size=1,
        max_size=40,
    ),
    st.sampled_from([0.0, 0.5, 1.0]),
)
def test_arrays_and_steps_agree(
    library: Library, instants: list[tuple[int, str, float, float]], persist: float
) -> None:
    """Any course of one check: the arrays give what ``fault_step`` folded gives."""
    grace = 0.8
    t = np.cumsum([step for _, _, step, _ in instants])
    said = np.array([what for _, what, _, _ in instants])[:, None]
    served = np.array([seconds for _, _, _, seconds in instants])[:, None]
    stage = np.array([place for place, _, _, _ in instants], dtype=np.int8)
    exercise = library.exercises["downward_dog"]
    trace = Trace(exercise, t, np.empty((len(t), 0)), np.empty((len(t), 0)), stage, np.full(len(t), grace))
    verdict = Assessment(
        groups=np.empty((len(t), 0)),
        entered=np.ones(len(t)),
        stays=np.ones(len(t)),
        beyond=said == "beyond",
        within=said == "within",
        good=said == "within",
        unknown=said == "unknown",
        served=served,
    )
    state, expected = FaultState(), []
    for i, place in enumerate(stage):
        if place == OUTSIDE:
            state = FaultState()
        else:
            what = said[i, 0]
            state = fault_step(
                state,
                float(t[i]),
                beyond=what == "beyond",
                within=what == "within",
                unknown=what == "unknown" or place == LEAVING,
                persist=persist,
                grace=grace,
                served=float(served[i, 0]),
            )
        expected.append(state.standing)
    assert _standing(trace, verdict, np.array([persist]))[:, 0].tolist() == expected


def test_nobody_in_the_picture_is_outside(library: Library) -> None:
    exercise = library.exercises["downward_dog"]
    trace, moments = follow(exercise, library, stack(gone(times(2.0, 10.0))))
    assert (trace.stage == OUTSIDE).all()
    assert [m.t for m in moments if m.look] == trace.t.tolist()
