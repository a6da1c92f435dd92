"""Rotations, forward and inverse kinematics against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from posecheck_render.body import Skinner
from posecheck_render.exercises.base import Subject, mirror
from posecheck_render.exercises.eagle import standing
from posecheck_render.figure import Figure, press_on_floor
from posecheck_render.rig import ArmPose, blend, two_bone
from posecheck_render.rotations import (
    Array,
    from_rotation_vector,
    included_angle,
    pitch,
    roll,
    rotation_about,
    rotation_vector,
    slerp,
    swing,
    twist_about,
    unit,
    vec,
    yaw,
)

numbers = st.floats(-1, 1, allow_nan=False)
vectors = st.tuples(numbers, numbers, numbers).map(np.array).filter(lambda v: np.linalg.norm(v) > 0.05)


@pytest.mark.parametrize(
    ("turn", "point", "there"),
    [
        (pitch(90), vec(0, 1, 0), vec(0, 0, 1)),  # bending forward brings the head to the front
        (yaw(90), vec(0, 0, 1), vec(1, 0, 0)),  # turning to the left brings the face to +x
        (roll(90), vec(0, 1, 0), vec(-1, 0, 0)),  # tipping to the right brings the head to -x
    ],
)
def test_turns_follow_their_convention(turn: Array, point: Array, there: Array) -> None:
    np.testing.assert_allclose(turn @ point, there, atol=1e-9)


@given(vectors, st.floats(0.01, 3.1))
def test_rotation_vector_is_axis_times_angle(axis: Array, angle: float) -> None:
    np.testing.assert_allclose(rotation_vector(rotation_about(axis, angle)), unit(axis) * angle, atol=1e-6)


@given(vectors, vectors)
def test_swing_takes_one_direction_to_the_other(a: Array, b: Array) -> None:
    if unit(a) @ unit(b) > -0.999:
        np.testing.assert_allclose(swing(a, b) @ unit(a), unit(b), atol=1e-6)


@given(vectors, st.floats(-3, 3))
def test_twist_about_recovers_the_turn_about_an_axis(axis: Array, angle: float) -> None:
    assert twist_about(rotation_about(axis, angle), axis) == pytest.approx(angle, abs=1e-6)


def test_slerp_is_half_way() -> None:
    np.testing.assert_allclose(slerp(np.eye(3), yaw(80), 0.5), yaw(40), atol=1e-9)
    np.testing.assert_allclose(from_rotation_vector(vec(0, 0, 0)), np.eye(3))


@pytest.mark.parametrize(("c", "degrees"), [((1, 0, 0), 180), ((0, 1, 0), 90), ((-1, 1e-9, 0), 0)])
def test_included_angle_of_known_corners(c: tuple[float, float, float], degrees: float) -> None:
    assert included_angle(vec(-1, 0, 0), vec(0, 0, 0), vec(*c)) == pytest.approx(degrees, abs=1e-5)


@given(vectors, vectors, st.floats(0.2, 0.45), st.floats(0.2, 0.45))
def test_two_bones_reach_every_target_within_reach(
    target: Array, pole: Array, first: float, second: float
) -> None:
    distance = float(np.linalg.norm(target))
    aside = np.linalg.norm(np.cross(unit(target), unit(pole)))
    if not abs(first - second) + 0.01 < distance < (first + second) * 0.9998 or aside < 0.05:
        return
    upper, lower, hinge = two_bone(np.zeros(3), target, first, second, pole)
    np.testing.assert_allclose(upper * first + lower * second, target, atol=1e-6)
    assert np.linalg.norm(hinge) == pytest.approx(1)
    assert upper @ hinge == pytest.approx(0, abs=1e-6)


def test_two_bones_point_at_a_target_out_of_reach() -> None:
    upper, lower, _ = two_bone(np.zeros(3), vec(0, 0, 5), 0.3, 0.3, vec(1, 0, 0))
    end = upper * 0.3 + lower * 0.3
    assert np.linalg.norm(end) == pytest.approx(0.6, rel=1e-3)
    np.testing.assert_allclose(unit(end), vec(0, 0, 1), atol=1e-6)


def test_the_resting_skeleton_stays_where_it_is(figure: Figure) -> None:
    body = figure.body
    matrices, positions = body.forward({}, body.joint("root"))
    np.testing.assert_allclose(positions, body.head, atol=1e-12)
    skinned = Skinner(body, body.skin_indices)(matrices, positions)
    np.testing.assert_allclose(skinned, body.rest[body.skin_indices], atol=1e-4)


def test_a_bent_elbow_follows_the_closed_form(figure: Figure) -> None:
    """The hand of a forearm turned by 90 degrees about the elbow is where plain geometry puts it."""
    body = figure.body
    elbow, wrist = body.joint("lowerarm01.L"), body.joint("wrist.L")
    turn = pitch(-90)
    _, positions = body.forward({"lowerarm01.L": turn}, body.joint("root"))
    np.testing.assert_allclose(positions[body.index["wrist.L"]], elbow + turn @ (wrist - elbow), atol=1e-9)


def test_solved_limbs_reach_their_targets(subject: Subject) -> None:
    pose = standing(subject).with_limb("arm", "L", wrist=vec(0.3, 1.2, 0.3))
    for bone, target in (("wrist.L", pose.left_arm.wrist), ("foot.R", pose.right_leg.ankle)):
        assert target is not None
        assert np.linalg.norm(subject.rig.joint_of(pose, bone) - target) < 0.005


def test_solved_bones_keep_their_length(subject: Subject) -> None:
    rig = subject.rig
    pose = standing(subject).with_limb("arm", "R", wrist=vec(-0.2, 1.0, 0.35))
    shoulder, elbow, wrist = (rig.joint_of(pose, f"{b}.R") for b in ("upperarm01", "lowerarm01", "wrist"))
    assert np.linalg.norm(elbow - shoulder) == pytest.approx(rig.arms["R"].upper_length, abs=0.002)
    assert np.linalg.norm(wrist - elbow) == pytest.approx(rig.arms["R"].fore_length, abs=0.002)


def test_mirror_swaps_the_sides(subject: Subject) -> None:
    pose = standing(subject).with_limb("arm", "L", wrist=vec(0.3, 1.2, 0.3))
    swapped = mirror(pose)
    left = subject.rig.joint_of(pose, "wrist.L")
    np.testing.assert_allclose(subject.rig.joint_of(swapped, "wrist.R"), left * vec(-1, 1, 1), atol=0.004)
    np.testing.assert_allclose(mirror(swapped).hip, pose.hip)


def test_blend_begins_and_ends_at_its_poses() -> None:
    a, b = ArmPose(wrist=vec(0, 0, 0)), ArmPose(wrist=vec(1, 0, 0), curl=20)
    assert blend(a, b, 0) is a
    assert blend(a, b, 1) is b
    assert blend(a, b, 0.25).curl == pytest.approx(14)


def test_the_floor_squeezes_but_keeps_order() -> None:
    heights = np.linspace(-0.05, 0.05, 50)
    pressed = press_on_floor(heights, 0.0075)
    assert (pressed >= 0.0075).all()
    assert (np.diff(pressed) > 0).all()
    assert pressed[-1] == heights[-1]
