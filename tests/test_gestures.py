"""The sign she can give from the mat: seen where it is meant, and in no exercise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bodies import SEATED, STANDING, TWISTED, all_fours, dog, seated, side_body

from posecheck import gestures
from posecheck.gestures import GestureState, Sign, arms_up
from posecheck.library import Library
from posecheck.pose import PAIRS, Pose, mirror, nobody, stack
from posecheck.recording import load_recording

RECORDINGS = Path(__file__).parent / "data" / "recordings"
ARMS_UP: dict[str, Any] = {**STANDING, "arm": 176.0, "elbow": 172.0}


Arm = tuple[tuple[float, float], tuple[float, float]]
"""How far elbow and wrist are outward of and above their shoulder, pixels."""
STRAIGHT: Arm = ((2.0, 60.0), (4.0, 118.0))


def lifted(pose: Pose, left: Arm = STRAIGHT, right: Arm = STRAIGHT) -> Pose:
    """The pose, seen from the front, with both arms raised from the shoulders."""
    image = pose.image.copy()
    for i, outward in enumerate((1.0, -1.0)):
        for name, (out, up) in zip(("elbow", "wrist"), (left, right)[i], strict=True):
            image[PAIRS[name][i]] = image[PAIRS["shoulder"][i]] + (outward * out, -up)
    return Pose(pose.t, image, pose.visibility, pose.world, pose.frame_size)


def on_her_back() -> Pose:
    """A trunk that is level in the picture."""
    pose = seated()
    image = pose.image.copy()
    image[list(PAIRS["hip"])] = image[list(PAIRS["shoulder"])] + (110.0, 0.0)
    return Pose(pose.t, image, pose.visibility, pose.world, pose.frame_size)


ROUND: Arm = ((55.0, 60.0), (0.0, 120.0))
OBLIQUE: Arm = ((0.0, 70.0), (70.0, 120.0))
SHORT: Arm = ((1.0, 30.0), (2.0, 60.0))


@pytest.mark.parametrize(
    "pose",
    [side_body(0.0, **ARMS_UP), lifted(seated()), lifted(seated(lean=12.0)), mirror(side_body(0.0, **ARMS_UP))],
    ids=["standing from the side", "sitting from the front", "sitting a little askew", "mirrored"],
)
def test_arms_up_is_seen(library: Library, pose: Pose) -> None:
    assert arms_up(pose, library.coaching.gestures)


@pytest.mark.parametrize(
    "pose",
    [
        all_fours(),
        dog(),
        side_body(0.0, **STANDING),
        seated(**SEATED),
        seated(**TWISTED),
        side_body(0.0, **{**ARMS_UP, "tilt": 0.0}),  # lying, arms over her head
        lifted(on_her_back()),  # arms to the ceiling
        lifted(seated(), ROUND, ROUND),
        lifted(seated(), right=OBLIQUE),
        lifted(seated(), SHORT, SHORT),  # toward the camera: hardly higher than her nose
        side_body(0.0, **{**ARMS_UP, "arm": 120.0}),  # reaching forward and up
        side_body(0.0, **{**ARMS_UP, "elbow": 90.0}),  # hands on her head
        side_body(0.0, **ARMS_UP, hidden=["wrist"]),
        nobody(0.0, (640.0, 480.0)),
    ],
    ids=[
        "all fours",
        "dog",
        "standing",
        "sitting",
        "twist",
        "lying",
        "ceiling",
        "round",
        "oblique",
        "short",
        "reaching",
        "bent",
        "hidden",
        "nobody",
    ],
)
def test_nothing_else_is(library: Library, pose: Pose) -> None:
    assert not arms_up(pose, library.coaching.gestures)


def test_one_arm_is_no_sign(library: Library) -> None:
    pose = lifted(seated())
    image = pose.image.copy()
    for name in ("elbow", "wrist"):
        image[PAIRS[name][1]] = seated().image[PAIRS[name][1]]
    assert not arms_up(
        Pose(pose.t, image, pose.visibility, pose.world, pose.frame_size), library.coaching.gestures
    )


def test_many_instants_give_what_each_gives(library: Library) -> None:
    poses = [dog(0.0), side_body(0.1, **ARMS_UP), nobody(0.2, (640.0, 480.0))]
    assert arms_up(stack(poses), library.coaching.gestures).tolist() == [False, True, False]


@pytest.mark.parametrize("name", ["downdog", "downdog_bad", "catcow"])
def test_the_recorded_exercises_contain_no_sign(library: Library, name: str) -> None:
    assert not arms_up(load_recording(RECORDINGS / f"{name}.npz"), library.coaching.gestures).any()


# --- over time ------------------------------------------------------------------------------------------------


def signs(library: Library, ups: list[tuple[float, bool]], fps: float = 15.0) -> list[tuple[float, Sign]]:
    """The signs of stretches ``(seconds, up)``, with their times."""
    state, t, found = GestureState(), 0.0, []
    for seconds, up in ups:
        for _ in range(round(seconds * fps)):
            state, sign = gestures.step(state, t, up, library.coaching.gestures)
            if sign:
                found.append((t, sign))
            t += 1 / fps
    return found


@pytest.mark.parametrize("fps", [5.0, 15.0, 30.0])
def test_held_it_is_a_sign_and_held_on_it_is_another(library: Library, fps: float) -> None:
    limits = library.coaching.gestures
    found = signs(library, [(1.0, False), (limits.hold_long + 3.0, True)], fps)
    assert [sign for _, sign in found] == ["hold", "long"]
    assert [t for t, _ in found] == pytest.approx([1.0 + limits.hold, 1.0 + limits.hold_long], abs=1.5 / fps)


def test_too_short_is_none(library: Library) -> None:
    assert signs(library, [(library.coaching.gestures.hold - 0.2, True), (1.0, False)]) == []


def test_a_wavering_arm_is_bridged_and_arms_put_down_begin_anew(library: Library) -> None:
    limits = library.coaching.gestures
    assert [s for _, s in signs(library, [(1.2, True), (limits.grace / 2, False), (1.2, True)])] == ["hold"]
    assert signs(library, [(1.2, True), (limits.grace + 0.3, False), (1.2, True)]) == []
    twice = signs(library, [(2.5, True), (1.0, False), (2.5, True)])
    assert [s for _, s in twice] == ["hold", "hold"]


def test_a_gap_in_the_pictures_is_not_holding(library: Library) -> None:
    limits = library.coaching.gestures
    state, _ = gestures.step(GestureState(), 0.0, True, limits)
    state, sign = gestures.step(state, 60.0, True, limits)
    assert sign is None
    assert state.since == 60.0


def test_what_cannot_be_seen_is_no_sign(library: Library) -> None:
    blind = side_body(0.0, **ARMS_UP)
    blind = Pose(blind.t, blind.image, np.full_like(blind.visibility, np.nan), blind.world, blind.frame_size)
    assert not arms_up(blind, library.coaching.gestures)
