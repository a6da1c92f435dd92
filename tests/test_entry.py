"""Bodies that are in no exercise, or in another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from bodies import (
    ALL_FOURS,
    CHAIR,
    CHILD,
    DOG,
    LYING,
    STANDING,
    Shape,
    events,
    facing,
    play,
    seated,
    side_body,
    still,
    supine,
    times,
)
from doing import CHECKS, PRESSED, watch

from posecheck.framing import assess_framing
from posecheck.instants import assess_photograph
from posecheck.library import Library
from posecheck.pose import PAIRS, Pose
from posecheck.trainer import Trainer


@pytest.mark.parametrize(
    ("shape", "inside"),
    [
        ({"standing": True, "lift": -0.15}, True),  # the elbows float as in the eagle
        ({"standing": True, "lift": -0.5}, False),  # a standing prayer, a tree
        ({"standing": True, "lift": -0.5, "wound": True}, True),  # legs wound as in the eagle
        ({"standing": False, "lift": -0.5}, False),  # a lotus with its palms together
        ({"standing": True, "lift": -0.15, "wrists": 0.6}, False),  # hands apart at the ears
    ],
)
def test_pressed_palms_are_an_eagle_where_elbows_float_or_legs_are_wound(
    shape: Shape, inside: bool, library: Library
) -> None:
    pose = facing(folded=True, **{**PRESSED, **shape})
    found = assess_photograph(library.exercises["eagle"], library, pose)
    assert found.in_pose is inside
    assert set(found.faults) <= {"palms_pressed"}


@pytest.mark.parametrize(("unseen", "inside"), [(("right",), True), (("left", "right"), False)])
def test_arms_of_which_no_hand_is_seen_are_no_eagle(
    unseen: tuple[str, ...], inside: bool, library: Library
) -> None:
    pose = facing(standing=True, folded=True)
    visibility = pose.visibility.copy()
    visibility[[PAIRS["wrist"][side == "right"] for side in unseen]] = 0.0
    found = assess_photograph(library.exercises["eagle"], library, replace(pose, visibility=visibility))
    assert found.in_pose is inside


@pytest.mark.parametrize(("narrow", "inside"), [(1.0, True), (0.6, True), (0.45, False)])
def test_a_seat_with_the_shins_drawn_in_is_a_seat(narrow: float, inside: bool, library: Library) -> None:
    pose = facing()
    image, middle = pose.image.copy(), pose.image[list(PAIRS["hip"]), 0].mean()
    drawn_in = [i for name in ("knee", "ankle", "wrist") for i in PAIRS[name]]
    image[drawn_in, 0] = middle + narrow * (image[drawn_in, 0] - middle)
    found = assess_photograph(library.exercises["lotus"], library, replace(pose, image=image))
    assert found.in_pose is inside


@pytest.mark.parametrize(
    ("name", "body", "shape"), [("downward_dog", side_body, DOG), ("letter_t", supine, {"crossed": 1.0})]
)
def test_a_face_that_looks_the_other_way_puts_nobody_out_of_the_pose(
    name: str, body: Callable[..., Pose], shape: Shape, library: Library
) -> None:
    def turned(t: float) -> Pose:
        pose = body(t, **shape)
        image, ears = pose.image.copy(), pose.image[list(PAIRS["ear"])].mean(axis=0)
        image[0] = 2 * ears - image[0]
        return replace(pose, image=image) if t >= 3.0 else pose

    moments = play(Trainer(library.exercises[name], library), [turned(t) for t in times(6.0, 15)])
    assert [e.kind for e in events(moments, "entered", "left", "paused")] == ["entered"]
    assert moments[-1].phase == "hold"


def test_who_rolls_over_to_hands_and_knees_has_left_the_letter_t(library: Library) -> None:
    trainer = Trainer(library.exercises["letter_t"], library)
    moments = play(trainer, still(supine, times(3.0, 15), crossed=1.0))
    assert moments[-1].in_pose
    over = [replace(pose, t=pose.t + 3.0) for pose in still(side_body, times(3.0, 15), **ALL_FOURS)]
    assert not play(trainer, over)[-1].in_pose


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("shape", [STANDING, LYING, CHAIR], ids=["standing", "lying", "on a chair"])
@pytest.mark.parametrize("near", ["left", "right"])
def test_standing_lying_and_sitting_enter_nothing(name: str, shape: Shape, near: Any, library: Library) -> None:
    moments = play(Trainer(library.exercises[name], library), still(side_body, times(4.0, 5), **shape, near=near))
    assert not any(m.in_pose for m in moments)
    assert events(moments, "cue") == []


@pytest.mark.parametrize("arm", [8.0, 45.0, 90.0, 170.0])
@pytest.mark.parametrize("tilt", [60.0, 75.0, 90.0])
@pytest.mark.parametrize("knee", [95.0, 130.0, 176.0])
def test_an_upright_body_never_enters_cat(arm: float, tilt: float, knee: float, library: Library) -> None:
    for hip in (80.0, 120.0, 170.0):
        for hidden in ((), ("ear",), ("ankle",), ("wrist", "elbow")):
            shape = {**STANDING, "arm": arm, "tilt": tilt, "knee": knee, "hip": hip, "hidden": hidden}
            assert not assess_photograph(library.exercises["cat"], library, side_body(**shape)).in_pose


@pytest.mark.parametrize(
    ("name", "body", "shape"),
    [
        ("downward_dog", side_body, {**DOG, "apart": (0.9, 0.05)}),
        ("cat", side_body, {**ALL_FOURS, "apart": (0.9, 0.05)}),
        ("child", side_body, {**CHILD, "apart": (0.9, 0.05)}),
        ("letter_t", supine, {"crossed": 1.0, "shoulders": 1.1}),
    ],
)
def test_seen_from_the_head_or_the_feet_nothing_is_judged_and_how_to_turn_is_said(
    name: str, body: Callable[..., Pose], shape: Shape, library: Library
) -> None:
    turn = library.exercises[name].framing.turn["en"]
    moments = watch(name, library, lambda t: shape, 6.0, body)
    assert {fault for m in moments for fault in m.faults} == set()
    assert [e.text for e in events(moments, "cue", "reason")] == [turn]
    parts = assess_framing(library.exercises[name], library, body(0.0, **shape), 120.0)
    assert parts["view"] == "adjust"


def test_a_standing_person_seen_from_the_front_is_not_in_a_twist(library: Library) -> None:
    standing: dict[str, Any] = {"knee_up": -0.8, "other_knee": -0.8, "twist": 30.0, "hand_on_knee": False}
    assert not assess_photograph(library.exercises["twist"], library, seated(**standing)).in_pose


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("downward_dog", ALL_FOURS),
        ("downward_dog", CHILD),
        ("cat", DOG),
        ("cat", CHILD),
        ("child", DOG),
        ("child", ALL_FOURS),
    ],
)
def test_one_floor_pose_is_not_the_other(name: str, other: Shape, library: Library) -> None:
    assert not assess_photograph(library.exercises[name], library, side_body(**other)).in_pose
