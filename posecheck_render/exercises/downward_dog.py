"""Downward dog: from all fours, lift, hold."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from posecheck_render.exercises.base import (
    Fault,
    Joints,
    Movement,
    PoseAt,
    Span,
    Subject,
    both_contacts,
    ease,
    fit,
    head_hang,
    joints_of,
    planted_arm,
    still,
    window,
    with_fault,
)
from posecheck_render.rig import SIDES, LegPose, Pose, blend
from posecheck_render.rotations import Array, pitch, vec


@dataclass(frozen=True)
class Shape:
    """The dog in numbers: true included angles in degrees, ``span`` in torso lengths.

    ``hip`` or ``span`` is wished, never both: limbs have their lengths.
    """

    knee: float = 171.0
    hip: float | None = 75.0
    arm: float = 174.0
    elbow: float = 170.0
    head: float = 26.0
    rounding: float = 0.0
    span: float | None = None


CORRECT = Shape()
STEPS = ("stance_short", "stance_long", "hips_low")
"""Faults that need other places for the feet; all others keep hands and feet where they are."""
WRONG: dict[str, dict[str, Shape]] = {
    "elbows_bent": {"clear": Shape(elbow=122), "slight": Shape(elbow=138)},
    "shoulders_forward": {"clear": Shape(arm=128), "slight": Shape(arm=145)},
    "hips_low": {"clear": Shape(hip=144, arm=168), "slight": Shape(hip=121, arm=172)},
    "back_rounded": {"clear": Shape(rounding=78, arm=172), "slight": Shape(rounding=62, arm=172)},
    "head_lifted": {"clear": Shape(head=-38), "slight": Shape(head=-17)},
    "stance_short": {"clear": Shape(hip=None, span=1.45), "slight": Shape(hip=None, span=1.62)},
    "stance_long": {"clear": Shape(hip=None, span=3.05), "slight": Shape(hip=None, span=2.8)},
    "knees_bent": {"clear": Shape(knee=106), "slight": Shape(knee=138)},
}
ANKLE_HEIGHT = 0.115
HAND_WIDTH, FOOT_WIDTH = 0.19, 0.12
HANDS_Z = 0.45


def dog_pose(subject: Subject, shape: Shape) -> Pose:
    """Return the dog with the wished true angles, hands towards +z."""
    rig = subject.rig
    leg, torso = rig.legs["L"], rig.torso

    def build(x: Array) -> Pose:
        hip_y, hip_z, trunk, wrist_z, head = x * np.array([0.01, 0.01, 1, 0.01, 1])
        limbs: dict[str, Any] = {}
        for side, sign in SIDES:
            name = "left" if side == "L" else "right"
            limbs[f"{name}_leg"] = LegPose(
                vec(sign * FOOT_WIDTH, ANKLE_HEIGHT, 0),
                vec(sign * 0.1, -0.3, 1),
                foot=vec(0, -0.30, 1),
                sole=vec(0, -1, -0.30),
                toes=17.0,
            )
            limbs[f"{name}_arm"] = planted_arm(
                rig,
                sign * HAND_WIDTH,
                wrist_z,
                sign,
                pole=vec(0.35 * sign, -1, -0.2) if shape.elbow < 150 else vec(0.9 * sign, -0.35, -0.5),
            )
        return Pose(
            vec(0, hip_y, hip_z),
            pitch(trunk - 14 - 0.9 * shape.rounding),
            pitch(trunk + 12 + 0.9 * shape.rounding),
            pitch(head),
            **limbs,
        )

    def miss(j: Joints) -> list[float]:
        out = [
            j.angle("hip", "knee", "ankle", "L") - shape.knee,
            j.angle("wrist", "shoulder", "hip", "L") - shape.arm,
            j.angle("shoulder", "elbow", "wrist", "L") - shape.elbow,
            head_hang(j) - shape.head,
        ]
        if shape.span is not None:
            out.append(60 * ((j["wrist.L"] - j["ankle.L"])[2] / j.torso - shape.span))
        if shape.hip is not None:
            out.append(j.angle("shoulder", "hip", "knee", "L") - shape.hip)
        return out

    # First guess: the triangle of ankle, hip and wrist.
    upper = _third_side(
        torso, _third_side(rig.arms["L"].upper_length, rig.arms["L"].fore_length, shape.elbow), shape.arm
    )
    lower = _third_side(leg.thigh_length, leg.shin_length, shape.knee)
    if shape.span is None:
        base = _third_side(upper, lower, (shape.hip or 75) + (180 - shape.arm) * 0.5 + (180 - shape.knee) * 0.45)
    else:
        base = min(shape.span * torso, 0.97 * (upper + lower))
    along = (lower**2 - upper**2 + base**2) / (2 * base)
    height = float(np.sqrt(max(lower**2 - along**2, 0.01)))
    trunk = 90 + np.degrees(np.arctan2(height, base - along)) - (180 - shape.arm) * 0.5
    start = [100 * height + 8, 100 * along, trunk, 100 * base, trunk + shape.head - 8]
    return fit(subject, build, start, miss)


def _third_side(a: float, b: float, degrees: float) -> float:
    """Return the side of a triangle that faces the corner between sides ``a`` and ``b``."""
    return float(np.sqrt(a * a + b * b - 2 * a * b * np.cos(np.radians(degrees))))


def all_fours_before(subject: Subject, dog: Pose) -> Pose:
    """Return all fours with hands and tucked toes already where ``dog`` has them."""
    rig = subject.rig
    leg = rig.legs["L"]
    ankle = 0.125
    feet = dog.left_leg.ankle[2]
    knee_z = feet + float(np.sqrt(leg.shin_length**2 - (ankle - 0.055) ** 2))
    pose = dog
    for side, sign in SIDES:
        pose = pose.with_limb(
            "leg",
            side,
            ankle=vec(sign * FOOT_WIDTH, ankle, feet),
            pole=vec(sign * 0.1, -1, 0.3),
            foot=vec(0, -0.80, 0.45),
            sole=vec(0, -0.45, -0.80),
            toes=58.0,
        )

    def build(x: Array) -> Pose:
        trunk, lean = x
        hip = vec(0, leg.thigh_length * 0.985 + 0.055, knee_z + 0.01 * lean)
        return replace(pose, hip=hip, pelvis=pitch(trunk + 4), chest=pitch(trunk), head=pitch(trunk - 8))

    def miss(j: Joints) -> list[float]:
        # The hips may lean back over the heels: in this rest the hands are far ahead of the shoulders.
        lean = (j.mid("hip")[2] - knee_z) * 40
        return [j.angle("shoulder", "elbow", "wrist", "L") - 168, lean]

    return fit(subject, build, [94, 0], miss)


def stepping(a: Pose, b: Pose, share: float) -> Pose:
    """Return the blend of two dogs with different foot places: the left foot steps first, then the right."""
    pose = blend(a, b, share)
    for side, lag in (("L", 0.0), ("R", 0.5)):
        u = ease((share - lag) / 0.5)
        start, end = a.leg(side).ankle, b.leg(side).ankle
        lift = vec(0, 0.05 * np.sin(np.pi * u), 0)
        pose = pose.with_limb("leg", side, ankle=start + (end - start) * u + lift)
    return pose


def anchored(pose: Pose, wrist_z: float) -> Pose:
    """Return the pose shifted along the mat so that its hands are at ``wrist_z``."""
    assert pose.left_arm.wrist is not None
    shift = vec(0, 0, wrist_z - pose.left_arm.wrist[2])
    pose = replace(pose, hip=pose.hip + shift)
    for side, _ in SIDES:
        wrist = pose.arm(side).wrist
        assert wrist is not None
        pose = pose.with_limb("arm", side, wrist=wrist + shift)
        pose = pose.with_limb("leg", side, ankle=pose.leg(side).ankle + shift)
    return pose


def build(subject: Subject, fault: Fault | None = None) -> Movement:
    """Return a clip of the downward dog: correct with the way in and out, or with one fault in the hold."""
    good = anchored(dog_pose(subject, CORRECT), HANDS_Z)
    if fault is None:
        rest = all_fours_before(subject, good)
        p = subject.pace
        up, down, end = 1.0, 1.0 + 2.0 * p + 8.1, 1.0 + 4.0 * p + 8.6

        def pose_at(t: float) -> Pose:
            share = ease((t - up) / (2.0 * p)) - ease((t - down) / (2.0 * p))
            pose = blend(rest, good, share)
            return replace(pose, hip=pose.hip + vec(0, 0.05 * np.sin(np.pi * share), 0))

        phases = (
            Span("all_fours", 0, up),
            Span("enter", up, up + 2 * p),
            Span("hold", up + 2 * p, down),
            Span("exit", down, down + 2 * p),
            Span("rest", down + 2 * p, end),
        )
        contacts = both_contacts(["wrist"], 0, end) + both_contacts(["ankle"], up + 2 * p, down)
        return Movement("downward_dog", end, pose_at, phases, contacts)
    return _with_fault(subject, good, fault)


def _with_fault(subject: Subject, good: Pose, fault: Fault) -> Movement:
    shape = WRONG[fault.id][fault.size]
    start, finish, end = 2.6, 6.2, 7.0
    contacts = both_contacts(["wrist"], 0, end)
    movement: PoseAt
    if fault.id in STEPS:
        bad = anchored(dog_pose(subject, shape), HANDS_Z)
        end += 0.9

        def movement(t: float) -> Pose:
            return stepping(good, bad, window(t, start, finish, 1.6))
    else:
        bad = anchored(dog_pose(subject, replace(shape, hip=None, span=span_of(subject, good))), HANDS_Z)
        movement = with_fault(still(good), still(bad), start, finish)
        contacts += both_contacts(["ankle"], 0, end)
    phases, span = (Span("hold", 0, end),), Span(fault.id, start, finish)
    return Movement("downward_dog", end, movement, phases, contacts, span)


def span_of(subject: Subject, pose: Pose) -> float:
    """Return the distance from feet to hands, torso lengths."""
    j = joints_of(subject, pose)
    return float((j["wrist.L"] - j["ankle.L"])[2] / j.torso)
