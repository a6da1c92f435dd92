"""Cat and cow: on all fours, round the back and hollow it at the pace of a breath."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from posecheck_render.exercises.base import (
    RAMP_S,
    Fault,
    Joints,
    Movement,
    Span,
    Subject,
    both_contacts,
    ease,
    fit,
    head_hang,
    planted_arm,
    window,
)
from posecheck_render.rig import SIDES, LegPose, Pose, blend
from posecheck_render.rotations import Array, pitch, vec

HAND_WIDTH, KNEE_WIDTH = 0.17, 0.11
ANKLE_HEIGHT = 0.045


@dataclass(frozen=True)
class Table:
    """All fours in numbers.

    Args:
        curl: Difference between chest and pelvis pitch, degrees; + rounds the back.
        head: Head's angle from the trunk line, degrees; + = chin side.
        elbow: Included angle, degrees.
        hands: Wrists ahead of the shoulders, torso lengths; None leaves the hands at ``wrist_z``.
        knees: Knees ahead of the hips, torso lengths.
        back: Hips behind their place, torso lengths.
    """

    curl: float = -4.0
    head: float = 22.0
    elbow: float = 167.0
    hands: float | None = None
    knees: float = 0.0
    back: float = 0.0


NEUTRAL = Table()
CAT = Table(curl=72.0, head=60.0)
COW = Table(curl=-50.0, head=2.0)


def table_pose(subject: Subject, table: Table, wrist_z: float | None, knee_z: float = 0.0) -> Pose:
    """Return all fours with the wished true measures.

    Args:
        subject: Who.
        table: The numbers.
        wrist_z: Where the hands are planted, metres; None: under the shoulders as ``table.hands`` says.
        knee_z: Where the knees are planted, metres.
    """
    rig = subject.rig
    leg = rig.legs["L"]

    def build(x: Array) -> Pose:
        trunk, head, hands_z = x * np.array([1, 1, 0.01])
        hip_z = knee_z - (table.knees + table.back) * rig.torso
        limbs: dict[str, Any] = {}
        for side, sign in SIDES:
            name = "left" if side == "L" else "right"
            limbs[f"{name}_leg"] = LegPose(
                vec(sign * KNEE_WIDTH, ANKLE_HEIGHT, knee_z - leg.shin_length + 0.004),
                vec(0, -1, 0.25),
                foot=vec(0, -0.12, -1),
                sole=vec(0, 1, -0.12),
            )
            z = hands_z if wrist_z is None else wrist_z
            limbs[f"{name}_arm"] = planted_arm(rig, sign * HAND_WIDTH, z, sign)
        # The knees stay on the floor: leaning hips sink along the circle round them.
        lean = abs(hip_z - knee_z)
        hip_y = 0.055 + float(np.sqrt((leg.thigh_length * 0.995) ** 2 - lean**2))
        return Pose(
            vec(0, hip_y, hip_z),
            pitch(trunk - table.curl / 2),
            pitch(trunk + table.curl / 2),
            pitch(head),
            **limbs,
        )

    def miss(j: Joints) -> list[float]:
        out = [j.angle("shoulder", "elbow", "wrist", "L") - table.elbow, head_hang(j) - table.head]
        if wrist_z is None:
            ahead = (j["wrist.L"][2] - j.mid("shoulder")[2]) / j.torso
            out.append(100 * (ahead - (table.hands or 0.05)))
        return out

    hands = wrist_z if wrist_z is not None else knee_z + rig.torso * (1 + (table.hands or 0.05))
    return fit(subject, build, [88, 88 + table.head - 15, 100 * hands], miss)


LINGER = 0.85
"""Below 1, the movement lingers a little at both ends, as a breath does."""


@dataclass(frozen=True)
class Cycle:
    """The poses and the pace of one way of doing cat and cow."""

    neutral: Pose
    cat: Pose
    cow: Pose
    period_s: float

    def at(self, t: float) -> Pose:
        """Return the pose ``t`` seconds after the start in neutral: cat first, then cow."""
        wave = float(np.sin(2 * np.pi * t / self.period_s))
        wave = float(np.sign(wave) * abs(wave) ** LINGER)
        return blend(self.neutral, self.cat if wave > 0 else self.cow, abs(wave))


HALF_WAVE = float(np.arcsin(0.5 ** (1 / LINGER)) / (2 * np.pi))
"""Share of a period from neutral to half of the way to an end."""

Tables = tuple[Table, Table, Table]
"""Neutral, cat and cow."""
GOOD: Tables = (NEUTRAL, CAT, COW)


def make_cycle(
    subject: Subject, wrist_z: float | None, period_s: float, tables: Tables = GOOD, knee_z: float = 0.0
) -> tuple[Cycle, float]:
    """Return a cycle and where its hands are, metres."""
    middle = table_pose(subject, tables[0], wrist_z, knee_z)
    wrist = middle.left_arm.wrist
    assert wrist is not None
    cat, cow = (table_pose(subject, t, float(wrist[2]), knee_z) for t in tables[1:])
    return Cycle(middle, cat, cow, period_s), float(wrist[2])


NEUTRAL_S = 2.0


def build(subject: Subject, fault: Fault | None = None) -> Movement:
    """Return neutral, then cycles of cat and cow; a fault comes on after one good cycle or at rest."""
    period = (6.0 if fault is None else 5.0) * subject.pace
    good, wrist_z = make_cycle(subject, None, period)
    if fault is None:
        end = NEUTRAL_S + 2 * period + 0.6
        phases = _phases(NEUTRAL_S, period, 2, end)
        contacts = both_contacts(["wrist", "knee", "ankle"], 0, end)
        return Movement("cat", end, lambda t: good.at(_cycle_time(t, NEUTRAL_S, 2 * period)), phases, contacts)
    return _with_fault(subject, good, wrist_z, fault)


def _cycle_time(t: float, start: float, length: float) -> float:
    return float(np.clip(t - start, 0, length))


def _phases(start: float, period: float, count: int, end: float) -> tuple[Span, ...]:
    spans = [Span("neutral", 0, start)]
    for k in range(count):
        begin = start + k * period
        spans += [Span("cat", begin, begin + period / 2), Span("cow", begin + period / 2, begin + period)]
    spans.append(Span("neutral", start + count * period, end))
    return tuple(spans)


def _with_fault(subject: Subject, good: Cycle, wrist_z: float, fault: Fault) -> Movement:
    clear = fault.size == "clear"
    match fault.id:
        case "too_shallow":
            small = 0.06 if clear else 0.13
            bad = _scaled(subject, good, wrist_z, small, small, head_like=small)
        case "head_only":
            small = 0.02 if clear else 0.08
            bad = _scaled(subject, good, wrist_z, small, small, head_like=None)
        case "back_dumped":
            curl = -104.0 if clear else -86.0
            bad, _ = make_cycle(subject, wrist_z, good.period_s, (NEUTRAL, CAT, replace(COW, curl=curl)))
        case "rocking":
            far = 0.42 if clear else 0.24
            tables = (
                NEUTRAL,
                replace(CAT, back=far, elbow=170, curl=62.0),
                replace(COW, back=-0.5 * far, elbow=164),
            )
            bad, _ = make_cycle(subject, wrist_z, good.period_s, tables)
        case "elbows_bent":
            bend = 118.0 if clear else 136.0
            tables = (replace(NEUTRAL, elbow=bend), replace(CAT, elbow=bend), replace(COW, elbow=bend))
            bad, _ = make_cycle(subject, wrist_z, good.period_s, tables)
        case "too_fast":
            return _too_fast(good, fault)
        case "hands_misplaced" | "knees_misplaced":
            return _misplaced(subject, good, wrist_z, fault)
        case _:
            raise ValueError(f"cat has no fault {fault.id!r}")
    return _faulty_cycles(good, bad, fault)


def _scaled(
    subject: Subject, good: Cycle, wrist_z: float, cat: float, cow: float, head_like: float | None
) -> Cycle:
    """Return a cycle whose back moves only by a share of the good one; the head may move fully."""

    def between(a: Table, b: Table, share: float) -> Table:
        head = 1.0 if head_like is None else share
        return replace(a, curl=a.curl + (b.curl - a.curl) * share, head=a.head + (b.head - a.head) * head)

    ends = (between(NEUTRAL, CAT, cat), between(NEUTRAL, COW, cow))
    if head_like is None:
        ends = (replace(ends[0], head=64.0), replace(ends[1], head=-14.0))
    scaled, _ = make_cycle(subject, wrist_z, good.period_s, (NEUTRAL, *ends))
    return scaled


def _faulty_cycles(good: Cycle, bad: Cycle, fault: Fault) -> Movement:
    """Return neutral, one good cycle, then bad ones."""
    done = NEUTRAL_S + good.period_s
    # Bent arms show at rest already: they come on between the cycles. Other faults are in the movement.
    pause = 2 * RAMP_S if fault.id == "elbows_bent" else 0.0
    again = done + pause
    end = again + 1.25 * bad.period_s + 0.3

    def pose_at(t: float) -> Pose:
        if t < done:
            return good.at(_cycle_time(t, NEUTRAL_S, good.period_s))
        if t < again:
            return blend(good.neutral, bad.neutral, ease((t - done) / pause))
        return bad.at(_cycle_time(t, again, 1.25 * bad.period_s))

    phases = (*_phases(NEUTRAL_S, good.period_s, 1, again), *_later(_phases(0, bad.period_s, 1, 0), again))
    # A dip begins half a cycle in, and is half-way to being too deep where the wave has half its height.
    lead = (0.5 + HALF_WAVE) * bad.period_s if fault.id == "back_dumped" else pause / 2
    span = Span(fault.id, done + lead, end)
    return Movement("cat", end, pose_at, phases, both_contacts(["wrist", "knee", "ankle"], 0, end), span)


def _later(spans: tuple[Span, ...], by: float) -> tuple[Span, ...]:
    return tuple(replace(s, start_s=s.start_s + by, end_s=s.end_s + by) for s in spans if s.end_s > s.start_s)


def _too_fast(good: Cycle, fault: Fault) -> Movement:
    quick = replace(good, period_s=2.0 if fault.size == "clear" else 3.4)
    start = NEUTRAL_S + good.period_s
    end = start + (3 if fault.size == "clear" else 2) * quick.period_s + 0.2

    def pose_at(t: float) -> Pose:
        if t < start:
            return good.at(_cycle_time(t, NEUTRAL_S, good.period_s))
        return quick.at(_cycle_time(t, start, end - start - 0.2))

    phases = _phases(NEUTRAL_S, good.period_s, 1, start)
    contacts = both_contacts(["wrist", "knee", "ankle"], 0, end)
    return Movement("cat", end, pose_at, phases, contacts, Span(fault.id, start, end))


def _misplaced(subject: Subject, good: Cycle, wrist_z: float, fault: Fault) -> Movement:
    """Return neutral, then hands walking forward or knees walking back, then a cycle from there."""
    clear = fault.size == "clear"
    if fault.id == "hands_misplaced":
        far = replace(NEUTRAL, hands=0.62 if clear else 0.46)
        bad, _ = make_cycle(subject, None, good.period_s, (far, replace(CAT, curl=56.0), replace(COW, curl=-40.0)))
        limb = "arm"
    else:
        off = 0.44 if clear else 0.30
        tables = (
            replace(NEUTRAL, knees=-off),
            replace(CAT, knees=-off, curl=62.0),
            replace(COW, knees=-off, curl=-42.0),
        )
        bad, _ = make_cycle(subject, wrist_z, good.period_s, tables, knee_z=-off * subject.rig.torso)
        limb = "leg"
    start, walk = 2.6, 1.6
    end = start + walk / 2 + 0.3 + good.period_s * 0.75

    def pose_at(t: float) -> Pose:
        share = window(t, start, end + 9, walk)
        if share >= 1:
            return bad.at(_cycle_time(t, start + walk / 2 + 0.3, good.period_s))
        pose = blend(good.neutral, bad.neutral, share)
        raw = (t - start) / walk + 0.5
        for side, lag in (("L", 0.0), ("R", 0.5)):
            step = ease((raw - lag) / 0.5)
            lift = vec(0, 0.04 * np.sin(np.pi * step), 0)
            if limb == "arm":
                a, b = good.neutral.arm(side).wrist, bad.neutral.arm(side).wrist
                assert a is not None
                assert b is not None
                pose = pose.with_limb("arm", side, wrist=a + (b - a) * step + lift)
            else:
                a, b = good.neutral.leg(side).ankle, bad.neutral.leg(side).ankle
                pose = pose.with_limb("leg", side, ankle=a + (b - a) * step + lift)
        return pose

    planted = ["knee", "ankle"] if limb == "arm" else ["wrist"]
    phases = (Span("neutral", 0, start), Span("cat", start + walk / 2 + 0.3, end))
    return Movement("cat", end, pose_at, phases, both_contacts(planted, 0, end), Span(fault.id, start, end))
