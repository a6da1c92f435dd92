"""Who does a shipped exercise well is left in peace, and led through it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bodies import (
    ALL_FOURS,
    CHILD,
    DOG,
    FRAME,
    TWISTED,
    Shape,
    dog,
    events,
    facing,
    film,
    play,
    seated,
    side_body,
    still,
    supine,
    times,
)
from doing import FPS, GOOD, lie_with, watch

from posecheck.body import Body
from posecheck.instants import assess_photograph, entered
from posecheck.library import Library
from posecheck.pose import PAIRS, nobody, stack
from posecheck.trainer import Trainer


@pytest.mark.parametrize("name", GOOD)
def test_a_good_body_is_left_in_peace(name: str, library: Library) -> None:
    shape, body, seconds = GOOD[name]
    moments = watch(name, library, shape, seconds, body)
    assert moments[-1].in_pose
    assert {fault for m in moments for fault in m.faults} == set()
    assert [e for e in events(moments, "cue")] == []
    if library.exercises[name].movements:
        assert moments[-1].cycles == 3
    else:
        assert moments[-1].held_s > 5


@pytest.mark.parametrize("aslant", [-4.0, 4.0])
@pytest.mark.parametrize("name", ["lotus", "eagle", "twist"])
def test_her_neutral_is_known_before_the_movement_though_the_laptop_stands_aslant(
    name: str, aslant: float, library: Library
) -> None:
    shape, body, _ = GOOD[name]
    a = np.radians(aslant)
    turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    trainer = Trainer(library.exercises[name], library)
    for pose in film(shape, times(2.9, FPS), body):
        trainer.push(replace(pose, image=(pose.image - pose.frame_size / 2) @ turn.T + pose.frame_size / 2))
    assert trainer.neutral


@pytest.mark.parametrize("strictness", ["gentle", "standard"])
def test_the_middle_of_the_road_is_good_at_any_strictness(strictness: Any, library: Library) -> None:
    for name, pose in (
        ("downward_dog", side_body(**DOG)),
        ("child", side_body(**CHILD)),
        ("letter_t", supine(crossed=1.0)),
        ("twist", seated(**TWISTED)),
        ("lotus", facing()),
        ("eagle", facing(standing=True, folded=True)),
    ):
        found = assess_photograph(library.exercises[name], library, pose, strictness=strictness)
        assert (found.in_pose, found.faults) == (True, ())


@pytest.mark.parametrize(("turn", "phase"), [(50.0, "cat"), (0.0, "hold"), (-60.0, "hold"), (-125.0, "cow")])
def test_a_photograph_shows_an_end_of_the_movement_only_beyond_doubt(
    turn: float, phase: str, library: Library
) -> None:
    found = assess_photograph(library.exercises["cat"], library, side_body(**{**ALL_FOURS, "turn": turn}))
    assert (found.in_pose, found.phase) == (True, phase)


def test_a_knee_taken_for_the_other_for_a_moment_changes_no_side(library: Library) -> None:
    def swapped(t: float) -> Shape:
        return {**lie_with()(t), "knee": "near" if 2.6 <= t < 2.9 else "far"}

    assert {m.side for m in watch("letter_t", library, swapped, 6.0, supine)} == {None, "right"}


def test_the_hands_are_asked_for_in_the_middle_right_and_left(library: Library) -> None:
    moments = watch("child", library, lambda t: CHILD, 45.0, side_body)
    assert [(e.id, e.side) for e in events(moments, "phase")] == [
        ("reach", None),
        ("to_the_right", None),
        ("to_the_left", "right"),
    ]
    assert [m.side for m in moments if m.events and any(e.kind == "held" for e in m.events)] == [
        None,
        "right",
        "left",
    ]
    assert events(moments, "done")
    assert moments[-1].sides_s == pytest.approx({"right": 12.0, "left": 12.0}, abs=0.3)


@pytest.mark.parametrize("near", ["left", "right"])
@pytest.mark.parametrize(("knee", "side"), [("near", 0), ("far", 1)])
def test_the_knee_that_comes_up_says_which_side_is_worked(
    near: Any, knee: str, side: int, library: Library
) -> None:
    # ... and lying flat before it is no part of the hold.
    moments = watch("letter_t", library, lambda t: {**lie_with()(t), "knee": knee, "near": near}, 8.0, supine)
    worked = [near, "left" if near == "right" else "right"][side]
    assert [m.side for m in moments if m.t < 1.9] == [None] * 19
    assert {m.side for m in moments if m.t > 2.6} == {worked}
    assert max(m.held_s for m in moments if m.t < 3.0) == 0.0
    assert moments[-1].sides_s[worked] == pytest.approx(4.9, abs=0.2)


def test_the_ball_is_led_by_the_voice_and_its_clock_runs_behind_it(library: Library) -> None:
    fitball = library.exercises["fitball"]
    assert (fitball.entry, fitball.checks) == (None, ())
    minutes = sum(phase.target_s or 0.0 for phase in fitball.course)
    instants = times(minutes + 20.0, 5)
    poses = [
        pose if i % 25 < 10 else nobody(float(pose.t), FRAME)  # three of five seconds behind the ball
        for i, pose in enumerate(still(dog, instants))
    ]
    moments = play(Trainer(fitball, library), poses)
    starts, at = [], 0.0
    for phase in fitball.course:
        starts.append(pytest.approx(at, abs=16.0))
        at += phase.target_s or 0.0
    assert [e.t for e in events(moments, "phase")] == starts
    assert [e.id for e in events(moments, "guide")] == [phase.id for phase in fitball.phases]
    assert events(moments, "done")[0].t == pytest.approx(minutes, abs=16.0)
    assert events(moments, "cue", "reason", "away") == []
    assert not entered(fitball, Body.by_itself(stack(poses), library.coaching.sight)).any()


def test_a_hand_on_the_knee_is_a_way_of_doing_it(library: Library) -> None:
    pose = supine(crossed=1.0, arm=45.0)
    assert assess_photograph(library.exercises["letter_t"], library, pose).faults == ("arms_not_wide",)
    pose.image[PAIRS["wrist"][0]] = pose.image[PAIRS["knee"][1]] + (10.0, 6.0)
    found = assess_photograph(library.exercises["letter_t"], library, pose)
    assert (found.in_pose, found.faults) == (True, ())
