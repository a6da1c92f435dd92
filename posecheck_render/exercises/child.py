"""Fetus (child's pose): from a tucked rest reach forward, then walk the hands right and left."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
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
    palm_height,
    still,
    with_fault,
)
from posecheck_render.rig import SIDES, ArmPose, LegPose, Pose, blend
from posecheck_render.rotations import Array, pitch, vec, yaw

KNEE_HEIGHT, ANKLE_HEIGHT = 0.060, 0.055
CURL = 58.0
"""How much the back rounds from pelvis to chest, degrees."""
SEAT_DEGREES = 22.0
"""Thigh above the floor when the seat rests on the heels, degrees at the knee."""


@dataclass(frozen=True)
class Fold:
    """Child's pose in numbers.

    Args:
        seat: Thigh above the floor, degrees at the knee.
        nose: Nose above the wrists, torso lengths.
        chin: Chest pitch minus head pitch, degrees; larger lifts the face.
        elbow: Included angle, degrees.
        palms: Wrists above their place on the mat, torso lengths.
        reach: Wrists ahead of the nose, torso lengths; None = as far as the elbows say.
        aside: Hands shifted to the person's left, metres.
        tucked: Whether the hands lie beside the head.
        up: Whether bent elbows point up (seen from the side) rather than outwards.
    """

    seat: float = SEAT_DEGREES
    nose: float = 0.05
    chin: float = 14.0
    elbow: float = 167.0
    palms: float = 0.0
    reach: float | None = None
    aside: float = 0.0
    tucked: bool = False
    up: bool = False


CORRECT = Fold()
WRONG: dict[str, dict[str, Fold]] = {
    "hips_lifted": {"clear": Fold(seat=88), "slight": Fold(seat=70)},
    "head_lifted": {"clear": Fold(nose=0.50, chin=70), "slight": Fold(nose=0.30, chin=52)},
    "elbows_bent": {"clear": Fold(elbow=88, up=True), "slight": Fold(elbow=115, up=True)},
    "palms_lifted": {"clear": Fold(palms=0.30), "slight": Fold(palms=0.15)},
    "reach_short": {"clear": Fold(reach=0.02, elbow=158), "slight": Fold(reach=0.15, elbow=158)},
}


def fold_pose(subject: Subject, fold: Fold) -> Pose:
    """Return child's pose with the wished true measures; knees at z > 0, head towards +z."""
    rig = subject.rig
    leg, torso = rig.legs["L"], rig.torso
    seat = np.radians(fold.seat)
    rest = np.radians(SEAT_DEGREES)
    knee_z = leg.thigh_length * float(np.cos(rest))
    hip = vec(
        0,
        KNEE_HEIGHT + 0.02 + leg.thigh_length * float(np.sin(seat)),
        knee_z - leg.thigh_length * float(np.cos(seat)),
    )
    wrist_y = palm_height(rig) + fold.palms * torso
    turn = fold.aside * 38.0

    def build(x: Array) -> Pose:
        chest, left_z, right_z, width = x * np.array([1, 0.01, 0.01, 0.01])
        limbs: dict[str, Any] = {}
        for (side, sign), wrist_z in zip(SIDES, (left_z, right_z), strict=True):
            name = "left" if side == "L" else "right"
            limbs[f"{name}_leg"] = LegPose(
                vec(sign * 0.075, ANKLE_HEIGHT, knee_z - leg.shin_length * 0.985),
                vec(sign * 0.34, -0.15, 1.0),
                foot=vec(-sign * 0.05, -0.10, -1),
                sole=vec(0, 1, -0.10),
            )
            pole = vec(sign * 0.55, 0.85, -0.2) if fold.up else vec(sign, -0.1, -0.3)
            out = float(np.clip((width - 0.2) * 2.2, 0, 1))
            limbs[f"{name}_arm"] = ArmPose(
                wrist=vec(sign * width + fold.aside, wrist_y, wrist_z),
                pole=pole,
                hand=vec(sign * (0.02 + 0.5 * out), -0.03 + 0.5 * fold.palms, 1),
                palm=vec(0, -1, -0.03),
                curl=-7.0,
            )
        return Pose(
            hip,
            yaw(turn * 0.1) @ pitch(chest - CURL),
            yaw(turn) @ pitch(chest),
            yaw(turn) @ pitch(chest - fold.chin),
            **limbs,
        )

    def miss(j: Joints) -> list[float]:
        out = [100 * ((j["nose"][1] - wrist_y) / torso - fold.nose)]
        out += [j.angle("shoulder", "elbow", "wrist", side) - fold.elbow for side in "LR"]
        width = (j["wrist.L"][0] - j["wrist.R"][0]) / 2
        if fold.reach is not None:
            out.append(100 * ((j["wrist.L"][2] - j["nose"][2]) / torso - fold.reach))
        else:
            out.append(100 * (width - (0.24 if fold.tucked else 0.20)))
        return out

    ahead = hip[2] + torso + (0.05 if fold.tucked else 0.40)
    if fold.reach is not None:
        ahead = hip[2] + torso + 0.2
    return fit(subject, build, [122, 100 * ahead, 100 * ahead, 60 if fold.reach is not None else 20], miss)


def walking(a: Pose, b: Pose, share: float, first: str = "R") -> Pose:
    """Return the blend of two poses whose hands walk from place to place, ``first`` side first."""
    pose = blend(a, b, share)
    for side, _ in SIDES:
        lag = 0.0 if side == first else 0.45
        u = ease((share - lag) / 0.55)
        start, end = a.arm(side).wrist, b.arm(side).wrist
        assert start is not None
        assert end is not None
        lift = vec(0, 0.022 * np.sin(np.pi * u), 0) * min(1.0, 6 * float(np.linalg.norm(end - start)))
        pose = pose.with_limb("arm", side, wrist=start + (end - start) * u + lift)
    return pose


def walk_through(stops: Sequence[tuple[float, float, Pose]]) -> PoseAt:
    """Return a movement that rests at each (arrive, leave, pose) stop and walks its hands between them."""

    def pose_at(t: float) -> Pose:
        for (_, leave, a), (arrive, _, b) in pairwise(stops):
            if t < leave:
                return a
            if t < arrive:
                first = "R" if _hands_x(b) < _hands_x(a) else "L"
                share = (t - leave) / (arrive - leave)
                return walking(a, b, 0.35 * share + 0.65 * ease(share), first)
        return stops[-1][2]

    return pose_at


def _hands_x(pose: Pose) -> float:
    assert pose.left_arm.wrist is not None
    return float(pose.left_arm.wrist[0])


ASIDE = 0.26


def build(subject: Subject, fault: Fault | None = None) -> Movement:
    """Return reach, walk right and left; or one fault during the reach (hips_shift: during the walk)."""
    reach = fold_pose(subject, CORRECT)
    p = subject.pace
    if fault is None:
        tucked = fold_pose(subject, Fold(elbow=62, tucked=True))
        sign = -1.0 if subject.first_side == "right" else 1.0
        sides = [fold_pose(subject, replace(CORRECT, aside=sign * k * ASIDE)) for k in (1, -1)]
        t = np.cumsum([0, 1.2, 1.7 * p, 2.2, 1.5 * p, 1.8, 1.4 * p, 0.5, 1.5 * p, 1.8])
        stops = [
            (0.0, t[1], tucked),
            (t[2], t[3], reach),
            (t[4], t[5], sides[0]),
            (t[6], t[7], reach),
            (t[8], t[9], sides[1]),
        ]
        other = "left" if subject.first_side == "right" else "right"
        phases = (
            Span("tucked", 0, t[1]),
            Span("reach", t[1], t[3]),
            Span("walk", t[3], t[5], subject.first_side),
            Span("centre", t[5], t[7]),
            Span("walk", t[7], t[9], other),
        )
        end = float(t[9])
        contacts = (
            *both_contacts(["knee", "ankle"], 0, end),
            *both_contacts(["wrist"], float(t[2]) + 0.1, float(t[3]) - 0.1),
        )
        return Movement("child", end, walk_through(stops), phases, contacts)
    start, finish, end = 2.6, 6.2, 7.0
    legs = both_contacts(["knee", "ankle"], 0, end)
    if fault.id == "hips_shift":
        return _hips_shift(subject, reach, fault)
    bad = fold_pose(subject, WRONG[fault.id][fault.size])
    still_hands = fault.id in ("hips_lifted", "head_lifted")
    if still_hands:
        legs += both_contacts(["wrist"], 0, 2.5)
    movement = with_fault(still(reach), still(bad), start, finish)
    return Movement("child", end, movement, (Span("reach", 0, end),), legs, Span(fault.id, start, finish))


def _hips_shift(subject: Subject, reach: Pose, fault: Fault) -> Movement:
    """Return a walk to one side in which the seat comes along, up and forward."""
    seat = SEAT_DEGREES + (24 if fault.size == "clear" else 11)
    sign = -1.0 if subject.first_side == "right" else 1.0
    bad = fold_pose(subject, replace(CORRECT, aside=sign * ASIDE, seat=seat))
    bad = replace(bad, hip=bad.hip + vec(sign * 0.05, 0, 0))
    start, walk, finish = 3.0, 1.5, 6.9
    stops = [
        (0.0, start - walk / 2, reach),
        (start + walk / 2, finish - walk / 2, bad),
        (finish + walk / 2, 9.0, reach),
    ]
    end = finish + walk / 2 + 0.6
    phases = (
        Span("reach", 0, start - walk / 2),
        Span("walk", start - walk / 2, finish - walk / 2, subject.first_side),
        Span("centre", finish - walk / 2, end),
    )
    contacts = both_contacts(["ankle"], 0, end)
    return Movement("child", end, walk_through(stops), phases, contacts, Span(fault.id, start, finish))
