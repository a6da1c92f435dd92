"""Eagle arms, standing: arms entwined, elbows rise with the in-breath, then the other arm on top."""

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
    with_fault,
)
from posecheck_render.rig import SIDES, ArmPose, LegPose, Pose, blend
from posecheck_render.rotations import pitch, roll, unit, vec, yaw


@dataclass(frozen=True)
class Arms:
    """Eagle arms in numbers, degrees; the left elbow lies on top.

    Args:
        height: Upper arms above the horizontal.
        crossed: 1 = entwined, 0 = side by side at shoulder width.
        aside: Forearms tipped to the person's left.
        shrug: Shoulder girdle raised.
        lean: Trunk leaned to the person's left.
        fold: Forearms tipped forward from the vertical (the elbows open).
    """

    height: float = -3.0
    crossed: float = 1.0
    aside: float = 0.0
    shrug: float = 0.0
    lean: float = 0.0
    fold: float = 4.0


LOW = Arms()
HIGH = Arms(height=25.0, fold=-4.0)


def standing(subject: Subject, lean: float = 0.0) -> Pose:
    """Return relaxed standing, arms hanging, facing +z; ``lean`` to the person's left, degrees."""
    rig = subject.rig
    ankle = float(rig.body.joint("foot.L")[1])
    limbs: dict[str, Any] = {}
    for side, sign in SIDES:
        name = "left" if side == "L" else "right"
        limbs[f"{name}_arm"] = ArmPose(
            upper=vec(sign * 0.16, -1, 0.02), fore=vec(sign * 0.1, -1, 0.18), pole=vec(0, 0, 1)
        )
        limbs[f"{name}_leg"] = LegPose(
            vec(sign * 0.10, ankle, 0), vec(sign * 0.1, 0, 1), foot=vec(sign * 0.14, 0, 1), sole=vec(0, -1, 0)
        )
    tipped = roll(-lean)
    return Pose(
        vec(-0.0015 * lean, float(rig.hip_centre[1]) - 0.006, 0),
        roll(-0.3 * lean),
        tipped @ pitch(-1),
        tipped @ pitch(2),
        **limbs,
    )


def eagle_pose(subject: Subject, arms: Arms) -> Pose:
    """Return standing with eagle arms, the left elbow lying on the right one."""
    pose = standing(subject, arms.lean)
    # The arms follow a leaning trunk only half: the hands try to stay over the feet.
    tipped = roll(-0.5 * arms.lean)
    tip = np.tan(np.radians(arms.aside)) if abs(arms.aside) < 89 else 20.0
    lean_out = np.tan(np.radians(arms.fold))
    c = arms.crossed
    limbs: dict[str, Any] = {}
    for side, sign in SIDES:
        on_top = 1.0 if side == "L" else -1.0
        inward = 0.60 * c - 0.05 * (1 - c)
        forward = float(np.sqrt(1 - inward**2))
        height = np.radians(arms.height + 6 * on_top * c)
        upper = vec(-sign * inward, forward * np.sin(height), forward * np.cos(height))
        fore = vec(tip + sign * 0.13 * c, 1, lean_out + 0.05 * on_top * c)
        limbs["left_arm" if side == "L" else "right_arm"] = ArmPose(
            upper=tipped @ unit(upper),
            fore=tipped @ unit(fore),
            pole=vec(0, 1, 0),
            hand=tipped @ vec(tip + sign * 0.10 * c, 1, lean_out + 0.08),
            palm=tipped @ vec(-sign, -0.1, 0.35 * on_top * c),
            clavicle=roll(sign * arms.shrug) @ yaw(-sign * 13 * c),
            curl=6,
        )
    pose = replace(pose, **limbs)
    if arms.shrug:
        # A full shrug sinks the neck into the shoulders as well.
        pose = replace(pose, head=pose.head @ pitch(-0.2 * arms.shrug))
    return pose


WRONG: dict[str, dict[str, tuple[Arms, Arms]]] = {
    "arms_not_crossed": {
        "clear": (replace(LOW, crossed=0.0), replace(HIGH, crossed=0.0)),
        "slight": (replace(LOW, crossed=0.35), replace(HIGH, crossed=0.35)),
    },
    "elbows_low": {
        "clear": (replace(LOW, height=-80, fold=44), replace(HIGH, height=-70, fold=44)),
        "slight": (replace(LOW, height=-44, fold=16), replace(HIGH, height=-38, fold=16)),
    },
    "shoulders_raised": {
        "clear": (replace(LOW, shrug=54), replace(HIGH, shrug=54)),
        "slight": (replace(LOW, shrug=44), replace(HIGH, shrug=44)),
    },
    "leaning": {
        "clear": (replace(LOW, lean=28), replace(HIGH, lean=28)),
        "slight": (replace(LOW, lean=18), replace(HIGH, lean=18)),
    },
    "forearms_tilted": {
        "clear": (replace(LOW, aside=62), replace(HIGH, aside=62)),
        "slight": (replace(LOW, aside=49), replace(HIGH, aside=49)),
    },
}


def breathing(low: Pose, high: Pose, half_s: float) -> PoseAt:
    """Return elbows that rise and sink, each in ``half_s`` seconds."""
    return lambda t: blend(low, high, 0.5 - 0.5 * float(np.cos(np.pi * max(0.0, t) / half_s)))


def build(subject: Subject, fault: Fault | None = None) -> Movement:
    """Return breathing lifts with either arm on top; or lifts with one fault."""
    half = 2.7 * subject.pace
    low, high = (eagle_pose(subject, a) for a in (LOW, HIGH))
    left_on_top = subject.first_side == "right"

    def handed(pose: Pose) -> Pose:
        return pose if left_on_top else mirror(pose)

    if fault is None:
        return _correct(subject, low, high, half, left_on_top)
    if fault.id == "too_fast":
        return _too_fast(handed(low), handed(high), half, fault)
    bad_low, bad_high = (eagle_pose(subject, a) for a in WRONG[fault.id][fault.size])
    start, finish, end = 2.6, 6.2, 7.0
    movement = with_fault(
        breathing(handed(low), handed(high), half),
        breathing(handed(bad_low), handed(bad_high), half),
        start,
        finish,
        0.9,
    )
    contacts = both_contacts(["ankle"], 0, end)
    return Movement(
        "eagle",
        end,
        movement,
        (Span("lifts", 0, end),),
        contacts,
        Span(fault.id, start, finish),
        view="front",
    )


def _correct(subject: Subject, low: Pose, high: Pose, half: float, left_on_top: bool) -> Movement:
    rest = standing(subject)
    open_arms = eagle_pose(subject, Arms(height=-18, crossed=-0.35, fold=24))
    first = (low, high) if left_on_top else (mirror(low), mirror(high))
    second = (mirror(low), mirror(high)) if left_on_top else (low, high)
    names = ("left", "right") if left_on_top else ("right", "left")
    t1 = 1.6
    t2 = t1 + 2 * half
    t3 = t2 + 1.8
    end = t3 + 2 * half + 0.2
    enter = keyed([(0.1, rest), (0.8, open_arms), (t1, first[0])])
    swap = keyed([(t2, first[0]), ((t2 + t3) / 2, open_arms), (t3, second[0])])

    def pose_at(t: float) -> Pose:
        if t < t1:
            return enter(t) if t > 0.1 else rest
        if t < t2:
            return breathing(*first, half)(t - t1)
        if t < t3:
            return swap(t)
        return breathing(*second, half)(min(t - t3, 2 * half))

    phases = (
        Span("enter", 0, t1),
        Span("lift", t1, t1 + half, names[0]),
        Span("lower", t1 + half, t2, names[0]),
        Span("change", t2, t3),
        Span("lift", t3, t3 + half, names[1]),
        Span("lower", t3 + half, end, names[1]),
    )
    return Movement("eagle", end, pose_at, phases, both_contacts(["ankle"], 0, end), view="front")


def _too_fast(low: Pose, high: Pose, half: float, fault: Fault) -> Movement:
    quick = 0.8 if fault.size == "clear" else 1.6
    start = 0.3 + 2 * half
    end = start + (6 if fault.size == "clear" else 4) * quick + 0.3
    calm, rushed = breathing(low, high, half), breathing(low, high, quick)

    def pose_at(t: float) -> Pose:
        if t < start:
            return calm(min(t - 0.3, 2 * half))
        return rushed(min(t - start, end - start - 0.3))

    phases = (Span("lifts", 0, end),)
    contacts = both_contacts(["ankle"], 0, end)
    return Movement("eagle", end, pose_at, phases, contacts, Span(fault.id, start, end), view="front")
