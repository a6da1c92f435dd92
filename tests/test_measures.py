"""The catalogue: every measure recovers what the body was built with, in any frame, at any size, anywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bodies import CHILD, DOG, FOREARM, FRAME, all_fours, dog, facing, seated, side_body, supine
from hypothesis import given
from hypothesis import strategies as st

from posecheck import geometry, silhouette
from posecheck.body import Body, choose_near, side_balance
from posecheck.instants import entered
from posecheck.library import Library
from posecheck.measures import MEASURES, SIDED
from posecheck.pose import NAMED, PAIRS, SILHOUETTE_SIZE, FloatArray, Landmark, Pose, mirror, nobody, stack

SIGN_OF_SIDE = {
    "side_bend", "shoulder_slope", "hip_slope", "head_tilt", "axial_twist", "head_twist", "spine_turn",
    "knee_up",
}  # fmt: skip
"""The measures whose sign says which side: a mirror turns it round."""


def measure(name: str, pose: Pose, library: Library, side: Any = "near") -> float:
    body = Body(pose, choose_near(pose.visibility), library.coaching.sight)
    return float(MEASURES[name].compute(body, side))


def every(pose: Pose, library: Library) -> dict[str, FloatArray]:
    body = Body(pose, choose_near(pose.visibility), library.coaching.sight)
    return {name: m.compute(body, "near") for name, m in MEASURES.items()}


shapes = st.fixed_dictionaries(
    {
        "tilt": st.floats(-80, 80),
        "hip": st.floats(20, 175),
        "knee": st.floats(20, 179),
        "arm": st.floats(20, 175),
        "elbow": st.floats(30, 179),
        "head": st.floats(-60, 80),
    }
)
seats = st.fixed_dictionaries(
    {
        "twist": st.floats(-60, 60),
        "head": st.floats(-50, 50),
        "lean": st.floats(-25, 25),
        "hips": st.floats(-20, 20),
    }
)
BODIES = {
    "dog": dog(),
    "all fours": all_fours(turn=40.0),
    "seat": seated(twist=25.0, lean=5.0, hips=4.0),
    "back": supine(knee_up=0.4, crossed=0.3),
}


# --- values known from how the body was built -----------------------------------------------------------------


@given(shapes, st.sampled_from(["left", "right"]), st.floats(60, 160))
def test_joint_angles_are_recovered(library: Library, shape: dict[str, Any], near: Any, torso: float) -> None:
    pose = side_body(**shape, near=near, torso=torso)
    for name, expected in (
        ("knee_angle", shape["knee"]),
        ("hip_angle", shape["hip"]),
        ("elbow_angle", shape["elbow"]),
        ("arm_line", shape["arm"]),
        ("trunk_tilt", shape["tilt"]),
    ):
        for side in ("near", "left", "right"):
            assert measure(name, pose, library, side) == pytest.approx(expected, abs=1e-6), name


def test_a_straight_arm_is_drawn_bent_and_reads_straight(library: Library) -> None:
    pose = all_fours(elbow=180.0)
    shoulder, elbow, wrist = (pose.image[PAIRS[name][1]] for name in ("shoulder", "elbow", "wrist"))
    assert geometry.included_angle(shoulder, elbow, wrist) == pytest.approx(172, abs=0.5)
    assert measure("elbow_angle", pose, library) == pytest.approx(180, abs=1e-6)
    # An arm along the line of the shoulders shows no tip, and is left as it is drawn.
    world = pose.world.copy()
    world[PAIRS["wrist"], :] = world[PAIRS["shoulder"], :] + [0.0, 0.0, -0.4]
    assert measure("elbow_angle", replace(pose, world=world), library) == pytest.approx(172, abs=0.6)
    # Without knees and feet nobody knows where the belly is.
    alone = pose.visibility.copy()
    alone[[*PAIRS["knee"], *PAIRS["ankle"]]] = 0.1
    assert measure("elbow_angle", replace(pose, visibility=alone), library) == pytest.approx(172, abs=0.5)


@pytest.mark.parametrize(
    "size", [(640.0, 480.0), (1920.0, 1080.0), (480.0, 854.0), (637.0, 413.0), (500.0, 500.0)]
)
def test_angles_are_the_pictures_whatever_its_shape(size: tuple[float, float], library: Library) -> None:
    # Fractions of width and height would read 58.7 deg for a right angle at 1280x720.
    pose = dog(knee=90.0, size=size, torso=80.0, turn=None)
    assert measure("knee_angle", pose, library) == pytest.approx(90)
    assert measure("hip_angle", pose, library) == pytest.approx(78)
    assert measure("head_angle", pose, library) == pytest.approx(25)


@pytest.mark.parametrize("body", [dog, all_fours])
@pytest.mark.parametrize("head", [-40.0, -10.0, 0.0, 20.0, 55.0])
@pytest.mark.parametrize("near", ["left", "right"])
def test_the_heads_angle_is_positive_toward_the_belly(body: Any, head: float, near: str, library: Library) -> None:
    assert measure("head_angle", body(head=head, near=near), library) == pytest.approx(head)


def test_lengths_of_a_dog_by_hand(library: Library) -> None:
    # Trunk at -45 deg: the hip is sin 45 above the shoulder; straight legs at -45 - 78 = -123 deg.
    pose = dog(knee=180.0, elbow=180.0, arm=180.0)
    c = np.sqrt(0.5)
    ankle = 1.7 * np.array([np.cos(np.radians(-123)), np.sin(np.radians(-123))])
    wrist = 2.05 * np.array([c, -c])
    assert measure("hip_rise", pose, library) == pytest.approx(c)
    assert measure("wrist_drop", pose, library) == pytest.approx(2.05 * c)
    assert measure("shoulder_drop", pose, library) == pytest.approx(1.05 * c)
    assert measure("hip_heel", pose, library) == pytest.approx(1.7)
    assert measure("span", pose, library) == pytest.approx(np.hypot(*(ankle - wrist)))
    assert measure("view_ratio", pose, library) == pytest.approx(np.hypot(0.06, 0.02))
    assert measure("torso_height", pose, library) == pytest.approx(-130 * c / 480)
    assert measure("foot_drop", pose, library) == pytest.approx(-ankle[1] + 0.01)  # from between the hips


def test_lengths_of_all_fours_by_hand(library: Library) -> None:
    pose = all_fours(hip=98.0, arm=82.0, elbow=180.0)
    assert measure("wrist_ahead", pose, library) == pytest.approx(0, abs=1e-9)  # hands right under the shoulders
    assert measure("knee_ahead", pose, library) == pytest.approx(0, abs=1e-9)
    assert measure("knee_drop", pose, library) == pytest.approx(0.85)
    moved = all_fours(hip=98.0, arm=82.0, elbow=180.0, shift=0.2)
    assert measure("knee_ahead", moved, library) == pytest.approx(-0.2)
    assert measure("wrist_ahead", moved, library) == pytest.approx(-0.2)


@pytest.mark.parametrize(("head", "expected"), [(0.0, 1.0), (60.0, 0.5), (-60.0, 0.5), (180.0, -1.0)])
def test_facing_is_one_where_the_face_looks_to_the_belly_side(
    head: float, expected: float, library: Library
) -> None:
    for near in ("left", "right"):
        assert measure("facing", all_fours(head=head, near=near), library) == pytest.approx(expected)


@given(seats)
def test_a_seats_turns_and_leans_are_recovered(library: Library, seat: dict[str, Any]) -> None:
    pose = seated(**seat)
    for name, expected in (
        ("axial_twist", seat["twist"]),
        ("twist", abs(seat["twist"])),
        ("head_twist", seat["head"]),
        ("head_turn", abs(seat["head"])),
        ("side_bend", seat["lean"]),
        ("lean", abs(seat["lean"])),
        ("hip_slope", seat["hips"]),
        ("shoulder_slope", 0.0),
    ):
        assert measure(name, pose, library) == pytest.approx(expected, abs=1e-6), name


def test_lengths_of_a_seat_by_hand(library: Library) -> None:
    pose = seated(knee_up=0.35, other_knee=-0.15)
    assert measure("raised_knee", pose, library) == pytest.approx(0.35)
    assert measure("raised_knee", seated(raised="right", knee_up=0.5), library) == pytest.approx(0.5)
    assert measure("knee_up", pose, library) == pytest.approx(0.35)
    assert measure("knee_up", seated(raised="right", knee_up=0.5), library) == pytest.approx(-0.5)
    assert measure("knee_up", seated(knee_up=-0.1, other_knee=-0.2), library) == pytest.approx(0.0)
    assert measure("hand_to_knee", pose, library) == pytest.approx(np.hypot(0.08, 0.02))
    assert measure("knee_out", pose, library) == pytest.approx(0.3)
    assert measure("knee_out", seated(raised="right", knee_out=0.7), library) == pytest.approx(0.7)
    assert measure("hand_height", pose, library) == pytest.approx(0.37)
    assert measure("hand_height", seated(hand_on_knee=False), library) == pytest.approx(-0.05)
    assert measure("foot_drop", pose, library) == pytest.approx(0.28)
    assert measure("feet_apart", pose, library) == pytest.approx(np.hypot(0.1, 0.08))
    assert measure("torso_height", seated(height=0.8), library) == pytest.approx(0.8 * 110 / 480)
    leaning = seated(lean=15.0)
    assert measure("trunk_length", leaning, library) == pytest.approx(110 / 480)
    assert measure("torso_height", leaning, library) < 110 / 480
    both = leaning.image[list(PAIRS["shoulder"])]
    assert measure("shoulder_width", leaning, library) == pytest.approx(np.hypot(*np.subtract(*both)) / 480)


def test_a_trunk_foreshortened_is_as_long_as_the_shoulders_are_wide_and_more(library: Library) -> None:
    sight, pose = library.coaching.sight, seated(height=0.5)
    width = float(np.linalg.norm(np.subtract(*pose.image[list(PAIRS["shoulder"])])))
    assert Body.by_itself(seated(), sight).torso == pytest.approx(110)
    assert Body.by_itself(pose, sight).torso == pytest.approx(sight.min_torso_ratio * width)
    assert sight.min_torso_ratio * width > 0.5 * 110
    # Shoulders without hips tell no torso.
    assert np.isnan(Body.by_itself(seated(hidden=("hip",)), sight).torso)


def test_lengths_of_a_reaching_hand_by_hand(library: Library) -> None:
    # Level trunk, arms straight ahead along it, head hanging straight down: the nose looks back to the knees.
    pose = side_body(tilt=0.0, hip=40.0, knee=40.0, arm=180.0, elbow=180.0, head=90.0)
    assert measure("reach", pose, library) == pytest.approx(1.05 + 0.15)
    assert measure("arm_length", pose, library) == pytest.approx(1.05)
    assert measure("forearm_length", pose, library) == pytest.approx(FOREARM, abs=0.01)
    thigh, shank = np.radians(-40.0), np.radians(-180.0)
    knee = 0.85 * np.array([np.cos(thigh), np.sin(thigh)])
    ankle = knee + 0.85 * np.array([np.cos(shank), np.sin(shank)])
    assert measure("hip_ahead", pose, library) == pytest.approx(-ankle[0])
    # The nose is 0.35 under the shoulder, the hand on its level, the knee lower still.
    assert measure("head_lift", pose, library) == pytest.approx(-0.35)
    assert measure("head_lift", side_body(**{**CHILD, "head": -90.0}), library) > 0.5
    toes = ankle[1] + 0.2 * np.sin(np.radians(-120.0))
    assert measure("palm_above_floor", pose, library) == pytest.approx(-toes)


def test_a_palm_is_off_the_floor_only_where_the_floor_is_seen(library: Library) -> None:
    pose = all_fours(elbow=180.0, turn=None)
    flat = measure("palm_above_floor", pose, library)
    image = pose.image.copy()
    image[list(PAIRS["wrist"]), 1] -= 0.3 * 130.0
    lifted = replace(pose, image=image)
    assert measure("palm_above_floor", lifted, library) == pytest.approx(flat + 0.3)
    visibility = pose.visibility.copy()
    visibility[[i for base in ("knee", "ankle", "foot_index") for i in PAIRS[base]]] = 0.1
    assert np.isnan(measure("palm_above_floor", replace(lifted, visibility=visibility), library))


def test_lengths_between_the_limbs_by_hand(library: Library) -> None:
    pose = seated(raised="left", knee_up=0.35, other_knee=-0.15)
    assert measure("knees_apart", pose, library) == pytest.approx(np.hypot(0.55, 0.5))
    assert measure("wrists_apart", pose, library) == pytest.approx(np.hypot(0.22 - 0.75, 0.37 + 0.05))
    assert measure("elbows_apart", pose, library) == pytest.approx(
        np.hypot(0.6 - ((-0.37 + 0.22) / 2 - 0.12), 0.4 - (1.0 + 0.37) / 2)
    )
    wrists, elbows = (0.37 - 0.05) / 2, (0.4 + (1.0 + 0.37) / 2) / 2
    assert measure("wrists_over_elbows", pose, library) == pytest.approx(wrists - elbows)
    assert measure("elbow_height", pose, library) == pytest.approx(elbows - 1.0)
    assert measure("neck_length", pose, library) == pytest.approx(0.3 / 0.74)
    assert measure("hands_span", pose, library) == pytest.approx(np.hypot(0.53, 0.42))


def with_arms(upper: tuple[float, float], fore: tuple[float, float]) -> Pose:
    """Return a seat whose (left, right) arm segments point so many degrees above level, outwards."""
    pose = seated()
    image = pose.image.copy()
    for side, sign in ((0, 1.0), (1, -1.0)):
        elbow = image[PAIRS["shoulder"][side]] + 60.0 * outwards(sign, upper[side])
        image[PAIRS["elbow"][side]] = elbow
        image[PAIRS["wrist"][side]] = elbow + 50.0 * outwards(sign, fore[side])
    return replace(pose, image=image)


def outwards(sign: float, degrees: float) -> FloatArray:
    return np.array([sign * np.cos(np.radians(degrees)), -np.sin(np.radians(degrees))])


@given(
    st.tuples(st.floats(-60, 60), st.floats(-60, 60)),
    st.tuples(st.floats(-90, 90), st.floats(-90, 90)),
)
def test_of_two_arms_the_one_that_is_farther_off_counts(
    library: Library, upper: tuple[float, float], fore: tuple[float, float]
) -> None:
    pose = with_arms(upper, fore)
    # The hips lie 0.21 T inwards of the shoulders, on either side alike.
    trunk = np.degrees(np.arctan2(0.37 - 0.16, 1.0))
    off = [abs(u + trunk) for u in upper]
    assert measure("forearm_tilt", pose, library) == pytest.approx(max(90.0 - f for f in fore), abs=1e-6)
    assert measure("arm_off_t", pose, library) == pytest.approx(max(off), abs=1e-6)
    alone = pose.visibility.copy()
    alone[PAIRS["wrist"][0]] = 0.1
    tilted = measure("forearm_tilt", replace(pose, visibility=alone), library)
    assert tilted == pytest.approx(90.0 - fore[1], abs=1e-6)


@given(st.floats(-40, 40), st.floats(-20, 20))
def test_the_heads_tilt_is_against_the_shoulders(library: Library, ears: float, shoulders: float) -> None:
    pose = seated()
    image = pose.image.copy()
    for name, half, slope in (("ear", 14.0, ears), ("shoulder", 40.0, shoulders)):
        middle = image[list(PAIRS[name])].mean(axis=0)
        for side, sign in ((0, 1.0), (1, -1.0)):
            image[PAIRS[name][side]] = middle + half * outwards(sign, sign * slope)
    tilted = replace(pose, image=image)
    assert measure("head_tilt", tilted, library) == pytest.approx(ears - shoulders, abs=1e-6)


@given(seats, st.floats(-170, 170), st.floats(-170, 170))
def test_a_turn_about_the_spine_is_the_same_sitting_and_lying(
    library: Library, seat: dict[str, Any], roll: float, turn: float
) -> None:
    pose = seated(**{**seat, "hips": 0.0, "lean": 0.0})
    (c, k), (d, m) = ((np.cos(a), np.sin(a)) for a in np.radians([roll, turn]))
    about_x = np.array([[1, 0, 0], [0, c, k], [0, -k, c]])
    about_z = np.array([[d, m, 0], [-m, d, 0], [0, 0, 1]])
    lying = replace(pose, world=pose.world @ about_x @ about_z)
    assert measure("spine_turn", lying, library) == pytest.approx(seat["twist"], abs=1e-6)
    assert measure("spine_twist", lying, library) == pytest.approx(abs(seat["twist"]), abs=1e-6)


# --- invariances ----------------------------------------------------------------------------------------------


def transformed(pose: Pose, scale: float, move: tuple[float, float]) -> Pose:
    """Return the body nearer or farther and elsewhere; the frame stays."""
    return replace(pose, image=pose.image * scale + np.array(move), silhouette=None, silhouette_scale=None)


@pytest.mark.parametrize("body", BODIES)
@given(scale=st.floats(0.2, 5), x=st.floats(-500, 500), y=st.floats(-500, 500))
def test_near_or_far_and_wherever_she_is_a_measure_stays(
    library: Library, body: str, scale: float, x: float, y: float
) -> None:
    one = every(replace(BODIES[body], silhouette=None, silhouette_scale=None), library)
    other = every(transformed(BODIES[body], scale, (x, y)), library)
    for name, m in MEASURES.items():
        if m.unit in ("deg", "torso", "ratio"):
            assert other[name] == pytest.approx(one[name], abs=1e-6, nan_ok=True), name
        else:
            assert other[name] == pytest.approx(scale * one[name], abs=1e-6), name


@pytest.mark.parametrize("scale", [0.75, 1.25])
def test_the_backs_turn_stays_near_or_far(scale: float, library: Library) -> None:
    for name in ("back_turn", "back_turn_lower", "back_turn_upper", "back_sagitta"):
        one = measure(name, all_fours(turn=45.0), library)
        other = measure(name, all_fours(turn=45.0, torso=130 * scale), library)
        assert other == pytest.approx(one, abs=0.03 if name == "back_sagitta" else 9)


@given(st.floats(-170, 170))
def test_a_turned_picture_leaves_the_joint_angles(library: Library, angle: float) -> None:
    pose = dog(turn=None)
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    turned = replace(pose, image=pose.image @ np.array([[c, s], [-s, c]]))
    for name in ("knee_angle", "hip_angle", "elbow_angle", "arm_line", "head_angle", "facing"):
        assert measure(name, turned, library) == pytest.approx(measure(name, pose, library), abs=1e-6), name


@pytest.mark.parametrize("body", BODIES)
def test_the_mirrored_body_measures_the_same_up_to_the_sign_of_a_side(body: str, library: Library) -> None:
    one, other = every(BODIES[body], library), every(mirror(BODIES[body]), library)
    for name in MEASURES:
        sign = -1 if name in SIGN_OF_SIDE else 1
        assert other[name] == pytest.approx(sign * one[name], abs=1e-9, nan_ok=True), name


def test_left_and_right_change_places_in_the_mirror(library: Library) -> None:
    pose = all_fours(turn=None)
    image = pose.image.copy()
    image[Landmark.LEFT_WRIST] += (31.0, -12.0)
    image[Landmark.LEFT_ANKLE] += (-22.0, 5.0)
    pose = replace(pose, image=image)
    for name in SIDED:
        assert measure(name, mirror(pose), library, "left") == pytest.approx(measure(name, pose, library, "right"))
        assert measure(name, mirror(pose), library, "right") == pytest.approx(measure(name, pose, library, "left"))


def test_a_batch_is_each_of_its_instants_bit_for_bit(library: Library) -> None:
    rng = np.random.default_rng(7)
    poses = []
    for i in range(40):
        pose = all_fours(0.1 * i, turn=float(rng.uniform(-80, 60)), tilt=float(rng.uniform(-10, 30)))
        visibility = np.where(rng.uniform(size=33) < 0.15, 0.2, pose.visibility)
        poses.append(replace(pose, image=pose.image + rng.normal(0, 4, (33, 2)), visibility=visibility))
    poses[11] = nobody(1.1, FRAME)
    whole = every(stack(poses), library)
    for i, pose in enumerate(poses):
        if pose.silhouette is None:
            pose = stack([poses[0], pose])[1]
        for name, value in every(pose, library).items():
            np.testing.assert_array_equal(whole[name][i], value, err_msg=f"{name} at {i}")


# --- what is not seen -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [n for n, m in MEASURES.items() if not m.silhouette])
def test_nobody_measures_nothing(name: str, library: Library) -> None:
    assert np.isnan(measure(name, nobody(0.0, FRAME), library))


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_measure_needs_what_it_says(name: str, library: Library) -> None:
    pose = seated(twist=20.0) if "twist" in name or "knee" in name else dog()
    assert np.isfinite(measure(name, pose, library))
    for base in MEASURES[name].needs:
        visibility = pose.visibility.copy()
        visibility[list(NAMED[base])] = 0.49
        hidden = measure(name, replace(pose, visibility=visibility), library)
        # These go by what is still seen: the lowest part of the legs, the nearer pair, the higher support.
        if name not in ("lowest_leg", "arms_apart", "hand_to_knee"):
            assert np.isnan(hidden), base


@pytest.mark.parametrize("name", [n for n in MEASURES if n.startswith("back_")])
def test_the_back_needs_a_silhouette_a_side_view_and_enough_pixels(name: str, library: Library) -> None:
    assert np.isfinite(measure(name, all_fours(turn=30.0), library))
    assert np.isnan(measure(name, all_fours(turn=None), library))
    assert np.isnan(measure(name, all_fours(turn=30.0, apart=(0.5, 0.0)), library))
    assert np.isnan(measure(name, all_fours(turn=30.0, torso=39.0), library))  # 11.7 silhouette pixels
    assert np.isfinite(measure(name, all_fours(turn=30.0, torso=45.0), library))


def test_a_hidden_far_side_leaves_the_near_one(library: Library) -> None:
    pose = dog()
    visibility = pose.visibility.copy()
    visibility[[left for left, _ in PAIRS.values()]] = 0.1
    alone = replace(pose, visibility=visibility)
    for name in ("knee_angle", "hip_angle", "elbow_angle", "arm_line", "trunk_tilt", "head_angle", "wrist_drop"):
        assert measure(name, alone, library) == pytest.approx(measure(name, pose, library)), name
    assert np.isnan(measure("knee_angle", alone, library, "left"))


# --- the catalogue itself -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_a_measure_says_what_it_is(name: str) -> None:
    m = MEASURES[name]
    assert m.name == name
    assert m.domain[0] < m.domain[1]
    assert m.summary
    assert m.summary[-1] not in ".;"
    assert m.needs
    assert set(m.needs) <= set(NAMED)


@given(shapes, st.booleans())
def test_a_measure_stays_within_its_range(library: Library, shape: dict[str, Any], near: bool) -> None:
    for name, value in every(side_body(**shape, near="left" if near else "right"), library).items():
        low, high = MEASURES[name].domain
        assert np.isnan(value) or low - 1e-9 <= value <= high + 1e-9, name


def test_the_near_side_is_the_better_seen_one() -> None:
    assert choose_near(dog(near="left").visibility) == 0
    assert choose_near(dog(near="right").visibility) == 1
    assert choose_near(nobody(0.0, FRAME).visibility) == 0
    assert np.isnan(side_balance(nobody(0.0, FRAME).visibility))
    assert choose_near(stack([dog(0.0, near="left"), dog(0.1)]).visibility).tolist() == [0, 1]


def test_the_good_dog_reads_as_built(library: Library) -> None:
    pose = dog()
    assert measure("back_turn", pose, library) == pytest.approx(0, abs=4)
    assert measure("knee_angle", pose, library) == pytest.approx(DOG["knee"])


# --- head and tail --------------------------------------------------------------------------------------------


def laid_head_to_tail(pose: Pose) -> Pose:
    """Return a child's pose as the model sometimes reads it: the long arms are legs, and the seat is the head."""
    image, visibility = pose.image.copy(), pose.visibility.copy()
    for name, taken_for in (("hip", "shoulder"), ("shoulder", "hip"), ("knee", "elbow"), ("ankle", "wrist")):
        image[list(PAIRS[name])] = pose.image[list(PAIRS[taken_for])]
    visibility[[*PAIRS["wrist"], *PAIRS["elbow"]]] = 0.2
    return replace(pose, image=image, visibility=visibility)


def test_a_child_laid_head_to_tail_is_turned_back(library: Library) -> None:
    pose = side_body(**CHILD)
    laid = laid_head_to_tail(pose)
    for name in ("trunk_tilt", "shoulder_drop", "arm_line", "arm_length", "view_ratio"):
        assert measure(name, laid, library) == pytest.approx(measure(name, pose, library), abs=1e-6), name
    assert measure("exchanged", laid, library) == 1
    assert measure("exchanged", pose, library) == 0
    assert np.isnan(measure("knee_angle", laid, library))  # her legs are nowhere: under her
    child = library.exercises["child"]
    assert entered(child, Body.by_itself(laid, library.coaching.sight)).tolist() is True
    both = stack([pose, laid])
    assert Body.by_itself(both, library.coaching.sight).exchanged.tolist() == [False, True]


def test_a_body_that_lies_is_left_as_it_is(library: Library) -> None:
    laid = laid_head_to_tail(side_body(**CHILD))
    hands_seen = laid.visibility.copy()
    hands_seen[PAIRS["wrist"][1]] = 0.8
    assert measure("exchanged", replace(laid, visibility=hands_seen), library) == 0
    assert measure("exchanged", replace(laid, silhouette=None, silhouette_scale=None), library) == 0
    flat = np.zeros((SILHOUETTE_SIZE, SILHOUETTE_SIZE), bool)
    flat[90:110, 20:120] = True  # five times as long as high: she lies stretched out
    assert measure("exchanged", replace(laid, silhouette=np.packbits(flat, axis=-1)), library) == 0


def test_a_silhouettes_shape() -> None:
    masks = np.zeros((3, SILHOUETTE_SIZE, SILHOUETTE_SIZE), bool)
    masks[0, 10:20, 5:45] = True
    masks[1, 0, 0] = masks[1, 191, 95] = True
    ratio = silhouette.length_over_height(np.packbits(masks, axis=-1))
    assert ratio[:2].tolist() == [4.0, 0.5]
    assert np.isnan(ratio[2])


def test_a_strip_of_a_silhouette_has_a_mean_width() -> None:
    mask = np.zeros((2, SILHOUETTE_SIZE, SILHOUETTE_SIZE), bool)
    mask[0, 100:110, 20:60] = True
    mask[0, 110:120, 20:40] = True
    packed, scale = np.packbits(mask, axis=-1), np.array([0.5, np.nan])
    width = silhouette.mean_width(packed, scale, np.full(2, 200.0), np.full(2, 40.0))
    assert width[0] == pytest.approx(60.0)  # 40 and 20 pixels of the silhouette, two of the frame each
    assert np.isnan(width[1])
    assert np.isnan(silhouette.mean_width(packed, scale, np.full(2, 900.0), np.full(2, 40.0))).all()


@pytest.mark.parametrize(("wound", "order"), [(False, 0.36), (True, -0.36)])
def test_crossed_thighs_put_the_knees_out_of_order(wound: bool, order: float, library: Library) -> None:
    pose = facing(standing=True, wound=wound)
    assert measure("knee_order", pose, library) == pytest.approx(order, abs=0.01)
    assert np.isnan(measure("knee_order", facing(standing=True, hidden=("knee",)), library))


@pytest.mark.parametrize(("width", "inside"), [(1.4, True), (0.8, False)])
def test_a_seat_whose_knees_are_hidden_is_known_by_its_width(width: float, inside: bool, library: Library) -> None:
    lotus, sight = library.exercises["lotus"], library.coaching.sight
    pose = facing()
    assert bool(entered(lotus, Body.by_itself(pose, sight)))
    body = Body.by_itself(pose, sight)
    x, y = body.mid("hip")
    half = width * float(body.torso) / 2
    scale = SILHOUETTE_SIZE / 640
    mask = np.zeros((SILHOUETTE_SIZE, SILHOUETTE_SIZE), bool)
    mask[: round((y + body.torso) * scale), round((x - half) * scale) : round((x + half) * scale)] = True
    hidden = pose.visibility.copy()
    hidden[[i for name in ("knee", "ankle", "heel", "foot_index") for i in PAIRS[name]]] = 0.2
    seat = replace(
        pose, visibility=hidden, silhouette=np.packbits(mask, axis=-1), silhouette_scale=np.asarray(scale)
    )
    assert measure("seat_width", seat, library) == pytest.approx(width, abs=0.03)
    assert bool(entered(lotus, Body.by_itself(seat, sight))) is inside
    assert not entered(lotus, Body.by_itself(replace(seat, silhouette=None, silhouette_scale=None), sight))
