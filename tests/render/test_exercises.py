"""Every exercise and mistake: the true measures are what their names say, and planted limbs stay planted."""

import numpy as np
import pytest

from posecheck_render.clips import FLOOR_SIDE
from posecheck_render.exercises import BUILDERS, FAULTS, child, downward_dog, eagle, letter_t, lotus, twist
from posecheck_render.exercises.base import (
    Fault,
    Joints,
    Movement,
    Subject,
    alive,
    head_hang,
    joints_of,
    settle,
    window,
)

CONTACT_LIMIT_M = 0.010
_BONES = {"wrist": "wrist", "ankle": "foot", "knee": "lowerleg01"}


def middle_of_fault(subject: Subject, exercise: str, fault: str, share: float = 0.5) -> Joints:
    movement = BUILDERS[exercise](subject, Fault(fault))
    assert movement.fault is not None
    t = movement.fault.start_s + share * (movement.fault.end_s - movement.fault.start_s)
    return joints_of(subject, movement.pose_at(t))


def tilt(a: np.ndarray, b: np.ndarray) -> float:
    """Return the slope of the line from b to a in the front view, degrees."""
    return float(np.degrees(np.arctan2(a[1] - b[1], a[0] - b[0])))


@pytest.mark.parametrize("exercise", list(BUILDERS))
def test_every_mistake_can_be_built_in_both_sizes(exercise: str) -> None:
    assert set(FAULTS) == set(BUILDERS)
    assert len(set(FAULTS[exercise])) == len(FAULTS[exercise]) >= 4


def test_a_window_is_half_open_at_its_ends() -> None:
    assert window(1.0, 2.0, 4.0) == 0
    assert window(2.0, 2.0, 4.0) == pytest.approx(0.5)
    assert window(3.0, 2.0, 4.0) == 1
    assert window(4.0, 2.0, 4.0) == pytest.approx(0.5)


@pytest.mark.parametrize("exercise", list(BUILDERS))
def test_planted_joints_stay_where_they_are(subject: Subject, exercise: str) -> None:
    movement: Movement = BUILDERS[exercise](subject, None)
    lively = alive(movement.pose_at, seed=3)
    rig = subject.rig
    for span in movement.contacts:
        side, joint = span.name.split("_")
        places = []
        for t in np.linspace(span.start_s + 0.05, span.end_s - 0.05, 6):
            pose = lively(float(t))
            if exercise in FLOOR_SIDE:
                pose = settle(rig, pose)
            places.append(rig.joint_of(pose, f"{_BONES[joint]}.{side[0].upper()}"))
        drift = np.linalg.norm(np.array(places) - np.mean(places, axis=0), axis=1).max()
        assert drift < CONTACT_LIMIT_M, f"{span.name} of {exercise} wanders {1000 * drift:.0f} mm"


def test_a_good_dog_is_inside_the_good_band(subject: Subject) -> None:
    j = joints_of(subject, downward_dog.dog_pose(subject, downward_dog.CORRECT))
    assert 60 < j.angle("shoulder", "hip", "knee", "L") < 95
    assert j.angle("wrist", "shoulder", "hip", "L") > 162
    assert j.angle("shoulder", "elbow", "wrist", "L") > 155
    assert j.angle("hip", "knee", "ankle", "L") > 160
    assert 0 < head_hang(j) < 55


@pytest.mark.parametrize(
    ("fault", "joint", "low", "high"),
    [
        ("elbows_bent", ("shoulder", "elbow", "wrist"), 110, 135),
        ("shoulders_forward", ("wrist", "shoulder", "hip"), 115, 140),
        ("hips_low", ("shoulder", "hip", "knee"), 130, 160),
        ("knees_bent", ("hip", "knee", "ankle"), 95, 114),
    ],
)
def test_dog_mistakes_are_clear(
    subject: Subject, fault: str, joint: tuple[str, str, str], low: float, high: float
) -> None:
    assert low < middle_of_fault(subject, "downward_dog", fault).angle(*joint, "L") < high


def test_dog_stances_and_head(subject: Subject) -> None:
    for fault, low, high in (("stance_short", 1.3, 1.65), ("stance_long", 2.75, 3.3)):
        j = middle_of_fault(subject, "downward_dog", fault)
        assert low < (j["wrist.L"] - j["ankle.L"])[2] / j.torso < high
    assert head_hang(middle_of_fault(subject, "downward_dog", "head_lifted")) < -15


def test_a_rounded_dog_turns_its_back(subject: Subject) -> None:
    figure = subject.figure
    movement = BUILDERS["downward_dog"](subject, Fault("back_rounded"))
    turns = [figure.back_turn(figure.pose(p), p) for p in (movement.pose_at(1.0), movement.pose_at(4.5))]
    assert turns[1] > 35
    assert turns[1] - turns[0] > 45


def test_cat_rounds_and_cow_hollows(subject: Subject) -> None:
    figure = subject.figure
    movement = BUILDERS["cat"](subject, None)
    neutral, cat, cow = (
        figure.back_turn(figure.pose(p), p) for p in map(movement.pose_at, (0.5, 2.0 + 1.5, 2.0 + 4.5))
    )
    assert cat - neutral > 30
    assert cow - neutral < -15


@pytest.mark.parametrize(("fault", "most"), [("too_shallow", 10), ("head_only", 10)])
def test_a_shallow_cat_hardly_moves_its_back(subject: Subject, fault: str, most: float) -> None:
    figure = subject.figure
    movement = BUILDERS["cat"](subject, Fault(fault))
    assert movement.fault is not None
    times = np.linspace(movement.fault.start_s + 0.3, movement.fault.end_s, 7)
    poses = [movement.pose_at(float(t)) for t in times]
    assert np.ptp([figure.back_turn(figure.pose(p), p) for p in poses]) < most


def test_child_measures(subject: Subject) -> None:
    j = joints_of(subject, child.fold_pose(subject, child.CORRECT))
    assert np.linalg.norm(j.mid("hip") - j.mid("ankle")) / j.torso < 0.65
    assert j.angle("shoulder", "elbow", "wrist", "L") > 150
    assert (j.mid("wrist") - j["nose"])[2] / j.torso > 0.45
    lifted = middle_of_fault(subject, "child", "hips_lifted")
    assert np.linalg.norm(lifted.mid("hip") - lifted.mid("ankle")) / lifted.torso > 0.98
    head = middle_of_fault(subject, "child", "head_lifted")
    assert (head["nose"] - head.mid("wrist"))[1] / head.torso > 0.35
    assert middle_of_fault(subject, "child", "elbows_bent").angle("shoulder", "elbow", "wrist", "L") < 110
    short = middle_of_fault(subject, "child", "reach_short")
    assert (short.mid("wrist") - short["nose"])[2] / short.torso < 0.15


def test_eagle_measures(subject: Subject) -> None:
    def elbow_height(j: Joints) -> float:
        return float((j.mid("elbow") - j.mid("shoulder"))[1]) / j.torso

    low, high = (joints_of(subject, eagle.eagle_pose(subject, a)) for a in (eagle.LOW, eagle.HIGH))
    assert elbow_height(high) - elbow_height(low) > 0.15
    assert (low["elbow.L"] - low["elbow.R"])[0] < 0.1 * low.torso
    apart = middle_of_fault(subject, "eagle", "arms_not_crossed")
    assert (apart["elbow.L"] - apart["elbow.R"])[0] / apart.torso > 0.5
    assert elbow_height(middle_of_fault(subject, "eagle", "elbows_low")) < -0.35
    lean = middle_of_fault(subject, "eagle", "leaning")
    line = lean.mid("shoulder") - lean.mid("hip")
    assert abs(np.degrees(np.arctan2(line[0], line[1]))) > 14


def test_lotus_measures(subject: Subject) -> None:
    rest = joints_of(subject, lotus.seat_pose(subject, lotus.Seat()))
    up = joints_of(subject, lotus.seat_pose(subject, lotus.Seat(lift=lotus.SHRUG)))

    def gap(j: Joints) -> float:
        return float((j.mid("ear") - j.mid("shoulder"))[1] / np.linalg.norm(j["shoulder.L"] - j["shoulder.R"]))

    assert gap(up) / gap(rest) < 0.80
    far = joints_of(subject, lotus.seat_pose(subject, lotus.Seat(tilt=58)))
    assert abs(tilt(far["ear.L"], far["ear.R"])) > 50


def test_twist_measures(subject: Subject) -> None:
    square = joints_of(subject, twist.turned_pose(subject, twist.NEUTRAL))
    turned = joints_of(subject, twist.turned_pose(subject, twist.TURNED))

    def facing(j: Joints) -> float:
        line = j["shoulder.L"] - j["shoulder.R"]
        return float(np.degrees(np.arctan2(line[2], line[0])))

    assert abs(facing(square)) < 5
    assert 30 < facing(turned) < 60
    assert (turned["knee.R"] - turned.mid("hip"))[1] / turned.torso > 0.25
    dropped = joints_of(subject, twist.turned_pose(subject, twist.WRONG["knee_dropped"]["clear"]))
    assert (dropped["knee.R"] - dropped.mid("hip"))[1] / dropped.torso < 0.10


def test_letter_t_measures(subject: Subject) -> None:
    flat, crossed = (
        joints_of(subject, letter_t.lying_pose(subject, k)) for k in (letter_t.FLAT, letter_t.CROSSED)
    )
    assert flat["knee.R"][0] < 0 < crossed["knee.R"][0]
    assert crossed["knee.R"][1] < 0.16
    assert 75 < flat.angle("elbow", "shoulder", "hip", "L") < 110
    wrong = joints_of(subject, letter_t.lying_pose(subject, letter_t.WRONG["shoulder_lifted"]["clear"]))
    assert abs(tilt(wrong["shoulder.L"], wrong["shoulder.R"])) > 20


def test_an_unknown_mistake_is_named(subject: Subject) -> None:
    with pytest.raises(ValueError, match="cat has no fault 'flying'"):
        BUILDERS["cat"](subject, Fault("flying"))
