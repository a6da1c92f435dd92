"""Seated twist: one leg folded under, the other foot across it; turn to the raised knee; both sides."""

from collections.abc import Callable
from dataclasses import dataclass, replace

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
from posecheck_render.rig import ArmPose, LegPose, Pose
from posecheck_render.rotations import Array, pitch, roll, unit, vec, yaw

HIP_HEIGHT = 0.112


@dataclass(frozen=True)
class Turn:
    """The twist to the person's right (right knee raised) in numbers, degrees.

    Args:
        chest: Chest turned to the right.
        head: Head turned to the right.
        lean: Trunk leaned to the right.
        slump: Chest sunk against the pelvis.
        tilt: Right sitting bone lifted.
        fallen: 0 = knee upright, 1 = knee fallen outwards.
        hand: 1 = left hand at the raised knee, 0 = hanging beside the left hip.
        behind: 1 = right hand behind the back, 0 = on the knee.
    """

    chest: float = 0.0
    head: float = 0.0
    lean: float = 0.0
    slump: float = 0.0
    tilt: float = 0.0
    fallen: float = 0.0
    hand: float = 1.0
    behind: float = 0.0


NEUTRAL = Turn()
TURNED = Turn(chest=44.0, head=54.0, behind=1.0)
WRONG: dict[str, dict[str, Turn]] = {
    "not_turned": {"clear": replace(TURNED, chest=-4, head=-2), "slight": replace(TURNED, chest=11, head=12)},
    "leaning": {"clear": replace(TURNED, lean=30), "slight": replace(TURNED, lean=22)},
    "collapsed": {"clear": replace(TURNED, slump=56), "slight": replace(TURNED, slump=44)},
    "hips_uneven": {"clear": replace(TURNED, tilt=20), "slight": replace(TURNED, tilt=14)},
    "knee_dropped": {"clear": replace(TURNED, fallen=1), "slight": replace(TURNED, fallen=0.85)},
    "hand_off_knee": {"clear": replace(TURNED, hand=0), "slight": replace(TURNED, hand=0.45)},
    "head_only": {"clear": replace(TURNED, chest=-4, head=60), "slight": replace(TURNED, chest=8, head=44)},
}


def turned_pose(subject: Subject, turn: Turn) -> Pose:
    """Return the seat turned to the right, pelvis facing +z."""
    rig = subject.rig
    scale = rig.legs["L"].thigh_length / 0.40
    tipped = roll(turn.lean)
    # Sinking goes straight forward whatever the turn, or it would look like a lean.
    sunk = tipped @ pitch(turn.slump)
    chest = sunk @ yaw(-turn.chest) @ pitch(2)
    head = tipped @ pitch(0.85 * turn.slump) @ yaw(-turn.head) @ pitch(2)
    relaxed = ArmPose(upper=vec(0, -1, 0.1), fore=vec(0, -1, 0.3))
    knee_out = turn.fallen
    pose = Pose(
        vec(-0.01 * turn.lean / 10, HIP_HEIGHT + 0.075 * turn.tilt / 20, 0),
        roll(-turn.tilt + 0.2 * turn.lean) @ yaw(-0.12 * turn.chest) @ pitch(3 - 0.5 * turn.slump),
        chest,
        head,
        relaxed,
        relaxed,
        LegPose(
            vec(-0.235, 0.060, 0.055) * scale,
            vec(0.22, 0.10, 1),
            foot=vec(-0.85, -0.12, -0.35),
            sole=vec(-0.35, 0.75, 0.5),
        ),
        LegPose(
            vec(0.155, 0.085, 0.345) * scale,
            unit(vec(-0.12 - 1.0 * knee_out, 1 - 0.93 * knee_out, 0.12)),
            foot=vec(0.30, -0.05, 1),
            sole=vec(0, -1, -0.05),
        ),
    )
    knee = rig.joint_of(pose, "lowerleg01.R")
    shoulder = rig.joint_of(pose, "upperarm01.R")
    lap = vec(0.34, 0.13, 0.10) * scale
    at_knee = knee + vec(0.035, 0.055, 0.045) * scale
    left = lap * (1 - turn.hand) + at_knee * turn.hand
    back = vec(shoulder[0] - 0.08 * scale, 0.150 * scale, shoulder[2] - 0.16 * scale)
    right = (knee + vec(-0.050, 0.050, 0.010) * scale) * (1 - turn.behind) + back * turn.behind
    floor_hand: Array = vec(-0.35, -0.90, -0.45)
    return replace(
        pose,
        left_arm=ArmPose(
            wrist=left,
            pole=vec(0.5, -0.8, 0.5),
            hand=unit(vec(-0.75, -0.35 - 0.5 * (1 - turn.hand), 0.25)),
            palm=unit(vec(-0.2, -0.8, -0.5)),
            curl=16,
        ),
        right_arm=ArmPose(
            wrist=right,
            pole=vec(-1, -0.1, -0.3),
            hand=unit(floor_hand * turn.behind + vec(0.5, -0.5, 0.5) * (1 - turn.behind)),
            palm=unit(vec(0.1, -0.45, 0.9) * turn.behind + vec(0.2, -0.8, -0.4) * (1 - turn.behind)),
            curl=10,
        ),
    )


def between_sides(subject: Subject) -> Pose:
    """Return both knees up with the hands on them: how the legs change over."""
    rig = subject.rig
    scale = rig.legs["L"].thigh_length / 0.40
    pose = turned_pose(subject, NEUTRAL)
    for side, sign in (("L", 1.0), ("R", -1.0)):
        pose = pose.with_limb(
            "leg",
            side,
            ankle=vec(sign * 0.13, 0.085, 0.44) * scale,
            pole=vec(sign * 0.15, 1, 0.1),
            foot=vec(sign * 0.1, -0.03, 1),
            sole=vec(0, -1, -0.03),
        )
    for side, sign in (("L", 1.0), ("R", -1.0)):
        knee = rig.joint_of(pose, f"lowerleg01.{side}")
        pose = pose.with_limb(
            "arm",
            side,
            wrist=knee + vec(sign * 0.02, 0.05, -0.03),
            pole=vec(sign, -0.4, -0.3),
            hand=vec(sign * 0.1, -0.5, 0.7),
            palm=vec(0, -0.8, -0.5),
        )
    return pose


def build(subject: Subject, fault: Fault | None = None) -> Movement:
    """Return the twist to both sides from a square seat; or to one side with a fault in the hold."""
    p = subject.pace
    square, turned = turned_pose(subject, NEUTRAL), turned_pose(subject, TURNED)
    right_first = subject.first_side == "right"

    def sided(pose: Pose, first: bool = True) -> Pose:
        return pose if first == right_first else mirror(pose)

    if fault is not None:
        return _with_fault(subject, sided(square), sided(turned), sided, fault)
    change = between_sides(subject)
    t1, t2 = 1.4, 1.4 + 2.0 * p
    t3 = t2 + 2.6
    t4 = t3 + 1.2
    t5 = t4 + 2.4
    t6 = t5 + 0.8
    t7 = t6 + 2.0 * p
    end = t7 + 2.2
    keys = [
        (0.0, sided(square)),
        (t1, sided(square)),
        (t2, sided(turned)),
        (t3, sided(turned)),
        (t4, sided(square)),
        ((t4 + t5) / 2, change),
        (t5, sided(square, False)),
        (t6, sided(square, False)),
        (t7, sided(turned, False)),
    ]
    names = ("right", "left") if right_first else ("left", "right")
    phases = (
        Span("sit", 0, t1, names[0]),
        Span("turn", t1, t2, names[0]),
        Span("hold", t2, t3, names[0]),
        Span("return", t3, t4, names[0]),
        Span("change", t4, t5),
        Span("sit", t5, t6, names[1]),
        Span("turn", t6, t7, names[1]),
        Span("hold", t7, end, names[1]),
    )
    contacts = both_contacts(["ankle"], 0, t4)
    return Movement("twist", end, keyed(keys), phases, contacts, view="front")


def _with_fault(
    subject: Subject, square: Pose, turned: Pose, sided: Callable[[Pose], Pose], fault: Fault
) -> Movement:
    """Return a square seat, a turn, and a hold in which the fault comes on."""
    bad = sided(turned_pose(subject, WRONG[fault.id][fault.size]))
    begin, arrive = 1.3, 1.3 + 1.7 * subject.pace
    start = arrive + 1.2
    finish = start + 3.5
    end = finish + 0.8
    good: PoseAt = keyed([(0.0, square), (begin, square), (arrive, turned)])
    movement = with_fault(good, lambda _: bad, start, finish, 0.9)
    side = subject.first_side
    phases = (Span("sit", 0, begin, side), Span("turn", begin, arrive, side), Span("hold", arrive, end, side))
    contacts = both_contacts(["ankle"], 0, end)
    return Movement("twist", end, movement, phases, contacts, Span(fault.id, start, finish), view="front")
