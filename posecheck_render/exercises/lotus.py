"""Lotus back: a cross-legged seat with shoulder lifts, shoulder circles and neck half circles."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from posecheck_render.exercises.base import Fault, Movement, Span, Subject, both_contacts, ease, window
from posecheck_render.rig import SIDES, ArmPose, LegPose, Pose
from posecheck_render.rotations import pitch, roll, vec, yaw

HIP_HEIGHT = 0.112


@dataclass(frozen=True)
class Seat:
    """The seat in numbers, degrees.

    Args:
        lift: Shoulder girdle raised.
        forward: Shoulder girdle drawn forward.
        lean: Trunk leaned to the person's left.
        slump: Chest sunk forward against the pelvis.
        chin: Head bowed.
        tilt: Head's ear towards the person's left shoulder.
        uneven: Left shoulder raised and right lowered.
    """

    lift: float = 0.0
    forward: float = 0.0
    lean: float = 0.0
    slump: float = 0.0
    chin: float = 0.0
    tilt: float = 0.0
    uneven: float = 0.0


def seat_legs() -> dict[str, LegPose]:
    """Return an easy cross-legged seat, right shin in front."""
    return {
        "left_leg": LegPose(
            vec(-0.13, 0.075, 0.24),
            vec(1, 0.02, 0.62),
            foot=vec(-0.8, -0.12, 0.25),
            sole=vec(-0.1, -0.45, -0.9),
        ),
        "right_leg": LegPose(
            vec(0.12, 0.080, 0.37),
            vec(-1, 0.02, 0.62),
            foot=vec(0.8, -0.12, 0.25),
            sole=vec(0.1, -0.45, -0.9),
        ),
    }


def seat_pose(subject: Subject, seat: Seat) -> Pose:
    """Return the seat with hands on the knees, facing +z."""
    rig = subject.rig
    tipped = roll(-seat.lean)
    chest = tipped @ pitch(2 + seat.slump)
    head = tipped @ roll(-seat.tilt) @ pitch(2 + 0.9 * seat.slump + seat.chin)
    relaxed = ArmPose(upper=vec(0, -1, 0.1), fore=vec(0, -1, 0.3))
    pose = Pose(
        vec(0, HIP_HEIGHT + 0.006 * abs(seat.lean) / 10, 0),
        roll(-0.35 * seat.lean) @ pitch(4 - 0.45 * seat.slump),
        chest,
        head,
        relaxed,
        relaxed,
        **seat_legs(),
    )
    for side, sign in SIDES:
        knee = rig.joint_of(pose, f"lowerleg01.{side}")
        raised = seat.lift + sign * seat.uneven
        arm = ArmPose(
            wrist=vec(knee[0] * 0.74, knee[1] + 0.098, knee[2] - 0.05),
            pole=vec(sign * 0.8, -0.3, -0.6),
            hand=vec(sign * 0.3, -0.42, 0.8),
            palm=vec(0, -1, -0.35),
            curl=10,
            clavicle=roll(sign * raised) @ yaw(-sign * seat.forward),
        )
        changed: dict[str, Any] = {"left_arm" if side == "L" else "right_arm": arm}
        pose = replace(pose, **changed)
    return pose


SHRUG = 32.0
"""Girdle lift of a full shoulder lift, degrees."""
TILT, CHIN = 27.0, 34.0
"""Size of the neck's half circle, degrees."""

SeatAt = Callable[[float], Seat]


def lifts(t: float, period: float, size: float = SHRUG, rest: float = 0.0) -> Seat:
    """Return shoulder lifts: up and down in each period, ``rest`` the lowest."""
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * t / period)
    return Seat(lift=rest + (size - rest) * float(wave))


def circles(t: float, period: float) -> Seat:
    """Return shoulder circles: up, back, down, forward."""
    turn = 2 * np.pi * t / period
    return Seat(lift=float(9.5 - 9.5 * np.cos(turn)), forward=float(-11 * np.sin(turn)) * (1 - np.exp(-3 * t)))


def half_circle(t: float, half: float, tilt: float = TILT, pull: float = 0.0) -> Seat:
    """Return neck half circles: from the middle through ear left, chin down, ear right, chin down, ...

    Args:
        t: Seconds since the chin went down.
        half: Seconds from ear to ear.
        tilt: Size towards the ears, degrees.
        pull: How much the shoulder of that side comes up with the ear, degrees.
    """
    swing = float(np.sin(np.pi * t / half))
    chin = CHIN * float(np.cos(np.pi * t / half)) ** 2
    return Seat(chin=chin, tilt=tilt * swing, uneven=pull * swing)


def joined(a: Seat, b: Seat, share: float) -> Seat:
    """Return the mix of two seats."""
    mix = {k: getattr(a, k) * (1 - share) + getattr(b, k) * share for k in Seat.__dataclass_fields__}
    return Seat(**mix)


def build(subject: Subject, fault: Fault | None = None) -> Movement:
    """Return lifts, circles and half circles; or the part a fault belongs to, with the fault in it."""
    if fault is None:
        return _correct(subject)
    clear = fault.size == "clear"
    p = subject.pace
    period = 4.0 * p
    match fault.id:
        case "leaning":
            size = 26.0 if clear else 15.5
            return _over(subject, fault, lambda t: lifts(t, period), Seat(lean=size), period)
        case "slumped":
            size = 46.0 if clear else 33.0
            return _over(subject, fault, lambda t: lifts(t, period), Seat(slump=size), period)
        case "shoulders_not_lifted":
            small = 1.5 if clear else 8.0
            return _phased(subject, fault, lambda t: lifts(t, period), lambda t: lifts(t, period, small), period)
        case "shoulders_stay_up":
            rest = 25.0 if clear else 14.0
            return _phased(
                subject,
                fault,
                lambda t: lifts(t, period),
                lambda t: lifts(t, period, SHRUG + 1, rest),
                period,
                0.42 * period,
            )
        case "shoulder_follows_head" | "head_tilted_too_far":
            return _neck(subject, fault)
        case "head_too_fast":
            return _fast_neck(subject, fault)
        case _:
            raise ValueError(f"lotus has no fault {fault.id!r}")


def _movement(
    subject: Subject, seat_at: SeatAt, phases: tuple[Span, ...], end: float, fault: Span | None = None
) -> Movement:
    contacts = both_contacts(["ankle"], 0, end)
    return Movement("lotus", end, lambda t: seat_pose(subject, seat_at(t)), phases, contacts, fault, view="front")


def _correct(subject: Subject) -> Movement:
    p = subject.pace
    lift, circle, half = 3.2 * p, 3.6 * p, 3.1 * p
    t1 = 0.8 + 2 * lift
    t2 = t1 + circle
    t3 = t2 + 0.8
    end = t3 + 1.5 * half + 0.6

    def seat_at(t: float) -> Seat:
        if t < t1:
            return lifts(max(0.0, t - 0.8), lift)
        if t < t2:
            return circles(t - t1, circle)
        share = ease((t - t2) / 1.0) * (1 - ease((t - end + 0.9) / 0.9))
        return joined(Seat(), half_circle(max(0.0, t - t3), half), share)

    phases = (
        Span("sit", 0, 0.8),
        Span("shoulder_lifts", 0.8, t1),
        Span("shoulder_circles", t1, t2),
        Span("neck", t2, end),
    )
    return _movement(subject, seat_at, phases, end)


def _over(subject: Subject, fault: Fault, good: SeatAt, extra: Seat, period: float) -> Movement:
    """Return lifts with a lean or a slump laid over them for a while."""
    start, finish, end = 0.4 + period * 0.75, 0.4 + period * 1.65, 0.4 + 2 * period

    def seat_at(t: float) -> Seat:
        base = good(max(0.0, t - 0.4))
        share = window(t, start, finish, 1.0)
        return replace(base, lean=extra.lean * share, slump=extra.slump * share)

    return _movement(subject, seat_at, (Span("shoulder_lifts", 0.4, end),), end, Span(fault.id, start, finish))


def _phased(
    subject: Subject, fault: Fault, good: SeatAt, bad: SeatAt, period: float, lead: float = 0.0
) -> Movement:
    """Return one good lift and two bad ones; the fault begins ``lead`` before the second lift would."""
    start = 0.4 + period
    end = start + 2 * period + 0.4

    def seat_at(t: float) -> Seat:
        clock = max(0.0, t - 0.4)
        return joined(good(clock), bad(clock), ease((t - start + lead) / 0.6 + 0.0))

    return _movement(subject, seat_at, (Span("shoulder_lifts", 0.4, end),), end, Span(fault.id, start, end))


def _neck(subject: Subject, fault: Fault) -> Movement:
    """Return one good half circle each way, then two with the fault."""
    clear = fault.size == "clear"
    half = 3.0 * subject.pace
    tilt, pull = TILT, 0.0
    if fault.id == "shoulder_follows_head":
        pull = 23.0 if clear else 13.0
    else:
        tilt = 58.0 if clear else 49.0
    first = 0.8
    start = first + 1.5 * half
    end = first + 3.5 * half

    def seat_at(t: float) -> Seat:
        clock = max(0.0, t - first)
        share = ease((t - start + 0.35) / 0.7)
        moving = joined(half_circle(clock, half), half_circle(clock, half * 1.0, tilt, pull), share)
        return joined(Seat(), moving, ease(t / first))

    return _movement(subject, seat_at, (Span("neck", 0, end),), end, Span(fault.id, start, end))


def _fast_neck(subject: Subject, fault: Fault) -> Movement:
    """Return a calm half circle, then quick ones."""
    half = 3.2 * subject.pace
    quick = 0.85 if fault.size == "clear" else 1.45
    first = 0.8
    start = first + half
    end = start + 4 * quick + (0.6 if fault.size == "clear" else 0.0)

    def seat_at(t: float) -> Seat:
        clock = max(0.0, t - first)
        if t > start:
            clock = half + min(t - start, 4 * quick) / quick * half
        return joined(Seat(), half_circle(clock, half), ease(t / first))

    return _movement(subject, seat_at, (Span("neck", 0, end),), end, Span(fault.id, start, end))
