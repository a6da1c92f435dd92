"""Letter T: on the back with the arms wide, one bent leg laid over the other, then the other side."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from posecheck_render.exercises.base import (
    Fault,
    Movement,
    PoseAt,
    Span,
    Subject,
    both_contacts,
    keyed,
    mirror,
    palm_height,
    with_fault,
)
from posecheck_render.rig import SIDES, ArmPose, LegPose, Pose
from posecheck_render.rotations import Array, pitch, roll, unit, vec

LYING = pitch(-90)
"""Turns the upright body on to its back, head towards -z, face up."""
BACK_HEIGHT = 0.108
"""Hip joints above the floor when lying flat, metres."""


@dataclass(frozen=True)
class Lie:
    """Lying in numbers, degrees; the right leg is the one that bends and crosses to the left.

    Args:
        cross: 0 = knee over its own hip, 1 = knee down on the other side.
        bend: 0 = leg straight, 1 = bent with the foot beside the other knee.
        roll: Pelvis rolled after the knee.
        lifted: Chest rolled after the knee: the right shoulder leaves the floor.
        arms: Between arm and trunk.
        elbow: Included angle.
        head: Head turned to the right, away from the knee.
    """

    cross: float = 0.0
    bend: float = 0.0
    roll: float = 0.0
    lifted: float = 0.0
    arms: float = 82.0
    elbow: float = 168.0
    head: float = 0.0


FLAT = Lie()
BENT = Lie(bend=1.0)
CROSSED = Lie(bend=1.0, cross=1.0, roll=58.0, lifted=3.0, head=38.0)
WRONG: dict[str, dict[str, Lie]] = {
    "shoulder_lifted": {
        "clear": replace(CROSSED, lifted=33, roll=74),
        "slight": replace(CROSSED, lifted=20, roll=66),
    },
    "arms_not_wide": {"clear": replace(CROSSED, arms=27), "slight": replace(CROSSED, arms=46)},
    "elbows_bent": {"clear": replace(CROSSED, elbow=74), "slight": replace(CROSSED, elbow=112)},
}


def lying_pose(subject: Subject, lie: Lie) -> Pose:
    """Return the pose on the back, feet towards +z."""
    rig = subject.rig
    leg = rig.legs["L"]
    length = leg.thigh_length + leg.shin_length
    scale = leg.thigh_length / 0.40
    rolled = np.radians(lie.roll)
    hip = vec(-0.03 * np.sin(rolled), BACK_HEIGHT + 0.030 * np.sin(rolled), 0)
    straight_ankle = vec(-0.10, 0.062, length * 0.985)
    bent_ankle = vec(-0.06, 0.085, 0.50) * scale
    over_ankle = vec(0.20, 0.155, 0.42) * scale
    ankle = straight_ankle * (1 - lie.bend) + (bent_ankle * (1 - lie.cross) + over_ankle * lie.cross) * lie.bend
    ankle[1] += 0.06 * np.sin(np.pi * lie.cross) * lie.bend
    upright = 1 - lie.cross
    right = LegPose(
        ankle,
        unit(vec(1.0 * lie.cross - 0.05 * upright, 1.0 * upright - 0.42 * lie.cross, -0.15)),
        foot=unit(
            vec(-0.15, 0.95, 0.3) * (1 - lie.bend)
            + (vec(0.05, -0.05, 1) * upright + vec(0.15, -0.05, 1) * lie.cross) * lie.bend
        ),
        sole=unit(
            vec(0, -0.3, 1) * (1 - lie.bend)
            + (vec(0, -1, 0) * upright + vec(-0.9, -0.4, 0.1) * lie.cross) * lie.bend
        ),
    )
    left = LegPose(
        vec(0.10 - 0.02 * np.sin(rolled), 0.062, length * 0.985),
        vec(0.15 + 0.5 * lie.cross, 1, 0),
        foot=unit(vec(0.18 + 0.45 * lie.cross, 0.95, 0.3)),
        sole=vec(0, -0.3, 1),
    )
    # A rolled pelvis stands on its edge; the spine slopes down from it, so the shoulders stay on the floor.
    sink = 4.5 * float(np.sin(rolled))
    relaxed = ArmPose(upper=vec(0, 0, 1), fore=vec(0, 0.2, 1), pole=vec(1, 0, 0), rhythm=vec(0.10, 0.15))
    pose = Pose(
        hip,
        roll(-lie.roll) @ pitch(-sink) @ LYING,
        roll(-lie.lifted) @ pitch(-sink) @ LYING,
        roll(lie.head) @ pitch(-3) @ LYING,
        relaxed,
        relaxed,
        left,
        right,
    )
    return _with_arms(subject, pose, lie)


def _with_arms(subject: Subject, pose: Pose, lie: Lie) -> Pose:
    """Return the pose with both hands flat on the floor where the wished arm and elbow angles put them."""
    rig = subject.rig
    y = palm_height(rig) + 0.004
    out = np.radians(lie.arms)
    bend = np.radians(180 - lie.elbow)
    # Reaching changes the shoulder a little: place the hands from the shoulders of the pose before.
    for _ in range(3):
        limbs: dict[str, Any] = {}
        for side, sign in SIDES:
            shoulder = rig.joint_of(pose, f"upperarm01.{side}")
            arm = rig.arms[side]
            upper = vec(sign * np.sin(out), 0, np.cos(out)) * arm.upper_length
            fore = vec(sign * np.sin(out + bend), 0, np.cos(out + bend)) * arm.fore_length
            reach = upper + fore
            flat = float(np.linalg.norm(reach))
            drop = shoulder[1] - y
            reach *= float(np.sqrt(max(flat**2 - drop**2, 0.01))) / flat
            wrist = vec(shoulder[0] + reach[0], y, shoulder[2] + reach[2])
            limbs["left_arm" if side == "L" else "right_arm"] = ArmPose(
                wrist=wrist,
                pole=vec(sign * np.sin(out), -0.10, np.cos(out) + 0.35) if lie.elbow < 150 else vec(0, -0.3, 1),
                hand=unit(fore * vec(1, 0, 1)),
                palm=vec(0, -1, 0),
                curl=2.0,
                rhythm=vec(0.10, 0.15),
            )
        pose = replace(pose, **limbs)
    return pose


def on_the_spot(subject: Subject, pose: Pose, flat: Pose, hands: bool = True) -> Pose:
    """Return the pose with shoulders (and hands) where ``flat`` has them: only pelvis and legs have moved."""
    rig = subject.rig

    def middle(p: Pose) -> Array:
        return (rig.joint_of(p, "upperarm01.L") + rig.joint_of(p, "upperarm01.R")) / 2

    for _ in range(2):
        shift = (middle(flat) - middle(pose)) * vec(1, 0, 1)
        pose = replace(pose, hip=pose.hip + shift)
        for side, _ in SIDES:
            own = pose.arm(side).wrist
            wrist = flat.arm(side).wrist if hands or own is None else own + shift
            pose = pose.with_limb("arm", side, wrist=wrist)
    return pose


def build(subject: Subject, fault: Fault | None = None) -> Movement:
    """Return the T with either leg crossed; or one side with a fault in the hold."""
    p = subject.pace
    right_first = subject.first_side == "right"
    flat = lying_pose(subject, FLAT)
    bent, crossed = (on_the_spot(subject, lying_pose(subject, k), flat) for k in (BENT, CROSSED))

    def sided(pose: Pose, first: bool = True) -> Pose:
        return pose if first == right_first else mirror(pose)

    names = ("right", "left") if right_first else ("left", "right")
    if fault is not None:
        return _with_fault(subject, [sided(k) for k in (flat, bent, crossed)], fault, names[0], right_first)
    t = np.cumsum([1.5, 1.1 * p, 1.6 * p, 2.2, 1.5, 1.0, 0.4, 1.1 * p, 1.6 * p, 2.0])
    keys = [
        (0.0, sided(flat)),
        (t[0], sided(flat)),
        (t[1], sided(bent)),
        (t[2], sided(crossed)),
        (t[3], sided(crossed)),
        (t[4], sided(bent)),
        (t[5], sided(flat)),
        (t[6], sided(flat, False)),
        (t[7], sided(bent, False)),
        (t[8], sided(crossed, False)),
    ]
    end = float(t[9])
    phases = (
        Span("flat", 0, t[0]),
        Span("cross", t[0], t[2], names[0]),
        Span("hold", t[2], t[3], names[0]),
        Span("return", t[3], t[5], names[0]),
        Span("flat", t[5], t[6]),
        Span("cross", t[6], t[8], names[1]),
        Span("hold", t[8], end, names[1]),
    )
    return Movement("letter_t", end, keyed(keys), phases, both_contacts(["wrist"], 0, end))


def _with_fault(subject: Subject, poses: list[Pose], fault: Fault, side: str, as_built: bool) -> Movement:
    flat, bent, crossed = poses
    p = subject.pace
    t1, t2, t3 = 1.2, 1.2 + 1.0 * p, 1.2 + 2.3 * p
    movement: PoseAt
    if fault.id == "knee_not_crossed":
        upright = lying_pose(subject, replace(BENT, cross=0.0 if fault.size == "clear" else 0.2))
        shy = on_the_spot(subject, upright, flat if as_built else mirror(flat))
        movement = keyed([(0.0, flat), (t1, flat), (t2, shy if as_built else mirror(shy))])
        start, finish = t2, t2 + 6.3
        end = finish
        contacts = both_contacts(["wrist"], 0, end)
    else:
        first = flat if as_built else mirror(flat)
        bad = on_the_spot(subject, lying_pose(subject, WRONG[fault.id][fault.size]), first, hands=False)
        start, finish = t3 + 1.9, t3 + 5.4
        end = finish + 0.8
        good = keyed([(0.0, flat), (t1, flat), (t2, bent), (t3, crossed)])
        movement = with_fault(good, lambda _: bad if as_built else mirror(bad), start, finish, 0.9)
        contacts = both_contacts(["wrist"], 0, start - 0.5)
    phases = (Span("flat", 0, t1), Span("cross", t1, t3, side), Span("hold", t3, end, side))
    return Movement("letter_t", end, movement, phases, contacts, Span(fault.id, start, finish))
