"""Left and right that change names from one instant to the next, and bodies that really turn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from bodies import FRAME, dog, seated, times

from posecheck import swaps
from posecheck.library import Library
from posecheck.moment import Moment
from posecheck.pose import PAIRS, FloatArray, Pose, nobody
from posecheck.trainer import Trainer

CHAINS = {
    "trunk": ("shoulder", "hip", "eye", "eye_inner", "eye_outer", "ear", "mouth"),
    "arms": ("elbow", "wrist", "pinky", "index", "thumb"),
    "legs": ("knee", "ankle", "heel", "foot_index"),
}


def swapped(pose: Pose, chains: Iterable[str]) -> Pose:
    order = np.arange(33)
    for chain in chains:
        for name in CHAINS[chain]:
            left, right = PAIRS[name]
            order[[left, right]] = right, left
    return replace(pose, image=pose.image[order], visibility=pose.visibility[order], world=pose.world[order])


def sway(t: float) -> Pose:
    """Return a seat that is never quite still."""
    return seated(t, twist=3 * math.sin(2 * t), lean=2 * math.sin(1.3 * t))


def follow(poses: Iterable[Pose], library: Library) -> list[Pose]:
    state, found = swaps.Names(), []
    for pose in poses:
        state, pose = swaps.step(state, float(pose.t), pose, library.coaching.swaps)
        found.append(pose)
    return found


def images(poses: Iterable[Pose]) -> FloatArray:
    return np.stack([pose.image for pose in poses])


@pytest.mark.parametrize("fps", [10.0, 15.0, 30.0])
@pytest.mark.parametrize("chains", [["arms"], ["legs"], ["trunk"], ["arms", "legs", "trunk"]])
def test_names_that_jump_are_taken_back(chains: list[str], fps: float, library: Library) -> None:
    true = [sway(t) for t in times(5.0, fps)]
    read = [swapped(pose, chains) if 2.0 <= pose.t < 3.2 else pose for pose in true]
    assert not np.array_equal(images(read), images(true))
    found = follow(read, library)
    np.testing.assert_array_equal(images(found), images(true))
    for a, b in zip(found, true, strict=True):
        np.testing.assert_array_equal(a.visibility, b.visibility)
        np.testing.assert_array_equal(a.world, b.world)


def test_hands_close_together_before_a_trunk_that_points_at_the_camera_are_left_alone(library: Library) -> None:
    image = seated().image.copy()
    image[list(PAIRS["hip"])] = image[list(PAIRS["shoulder"])] + (0.0, 10.0)
    for name, y in (("elbow", 240.0), ("wrist", 260.0)):
        image[list(PAIRS[name])] = [(325.0, y), (315.0, y)]
    pose = replace(seated(), image=image)
    read = [pose, replace(swapped(pose, ["arms"]), t=pose.t + 0.1)]
    np.testing.assert_array_equal(images(follow(read, library)), images(read))


def test_what_stays_is_believed(library: Library) -> None:
    read = [swapped(sway(t), ["legs"]) if t >= 1.0 else sway(t) for t in times(6.0, 15.0)]
    found = follow(read, library)
    changed = np.array([not np.array_equal(a.image, b.image) for a, b in zip(found, read, strict=True)])
    t = np.array([float(pose.t) for pose in read])
    hold = library.coaching.swaps.hold_s
    np.testing.assert_array_equal(changed, (t >= 1.0) & (t <= t[t >= 1.0][0] + hold + 1e-9))


@pytest.mark.parametrize("seconds", [0.8, 2.0, 5.0])
def test_one_who_turns_round_keeps_her_names(seconds: float, library: Library) -> None:
    def turning(t: float) -> Pose:
        pose = seated(t)
        image = pose.image.copy()
        middle = image[list(PAIRS["hip"]), 0].mean()
        image[:, 0] = middle + (image[:, 0] - middle) * math.cos(math.pi * min(max(t - 1.0, 0.0) / seconds, 1.0))
        return replace(pose, image=image)

    read = [turning(t) for t in times(seconds + 2.0, 15.0)]
    np.testing.assert_array_equal(images(follow(read, library)), images(read))


def test_legs_that_cross_keep_their_names(library: Library) -> None:
    def crossing(t: float) -> Pose:
        pose = seated(t)
        image = pose.image.copy()
        share = min(max((t - 1.0) / 0.6, 0.0), 1.0)
        for name in CHAINS["legs"]:
            left, right = PAIRS[name]
            a, b = image[left].copy(), image[right].copy()
            image[left], image[right] = a + share * (b - a), b + share * (a - b)
        return replace(pose, image=image)

    read = [crossing(t) for t in times(4.0, 15.0)]
    np.testing.assert_array_equal(images(follow(read, library)), images(read))


def test_nothing_is_said_across_a_gap_or_of_nobody(library: Library) -> None:
    gap = [sway(0.0), sway(0.1), swapped(sway(0.6), ["arms"]), swapped(sway(0.7), ["arms"])]
    assert follow(gap, library) == gap
    empty = [nobody(0.0, FRAME), sway(0.1), nobody(0.2, FRAME), swapped(sway(0.3), ["arms"]), nobody(0.4, FRAME)]
    found = follow(empty, library)
    assert [a is b for a, b in zip(found, empty, strict=True)] == [True, True, True, False, True]
    np.testing.assert_array_equal(found[3].image, sway(0.3).image)


def test_from_the_side_nothing_changes(library: Library) -> None:
    read = [swapped(dog(t), ["arms", "legs", "trunk"]) if t > 1 else dog(t) for t in times(3.0, 15.0)]
    np.testing.assert_array_equal(images(follow(read, library)), images(read))


def test_the_trainer_takes_names_back(library: Library) -> None:
    def told(chains: list[str]) -> list[Moment]:
        trainer = Trainer(library.exercises["twist"], library)
        poses = [sway(t) for t in times(4.0, 15.0)]
        return [trainer.push(swapped(p, chains) if 2.0 <= p.t < 3.2 else p) for p in poses]

    true = told([])
    assert abs(true[40].measures["axial_twist"]) > 1  # it would change its sign
    assert [m.measures for m in told(["trunk", "arms"])] == [m.measures for m in true]
