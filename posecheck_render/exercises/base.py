"""What a movement is: a pose for every instant, its phases, its contacts and the span of its fault."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.optimize import least_squares

from posecheck_render.figure import Figure
from posecheck_render.people import Person
from posecheck_render.rig import ArmPose, LegPose, Pose, Rig, blend
from posecheck_render.rotations import Array, included_angle, pitch, roll, vec, yaw

Size = Literal["clear", "slight"]
View = Literal["front", "side"]
PoseAt = Callable[[float], Pose]
RAMP_S = 0.7
"""How long a fault takes to come on or to go, seconds."""


@dataclass(frozen=True)
class Fault:
    """A mistake made on purpose.

    Args:
        id: The check id that must catch it.
        size: Well beyond the limit, or just beyond.
    """

    id: str
    size: Size = "clear"


@dataclass(frozen=True)
class Span:
    """Something that lasts from ``start_s`` to ``end_s`` of the clip; ``side`` is left, right or none."""

    name: str
    start_s: float
    end_s: float
    side: str | None = None


@dataclass(frozen=True)
class Movement:
    """An exercise as one person does it in one clip.

    Args:
        exercise: Exercise id.
        duration_s: Length of the clip, seconds.
        pose_at: Pose at a time, seconds.
        phases: What happens when.
        contacts: Joints that stay planted on the floor, when.
        fault: The fault, its onset at half its ramp and its end at half its ramp back; None if correct.
        view: What the camera should see.
        along: Direction of the mat on the floor.
    """

    exercise: str
    duration_s: float
    pose_at: PoseAt
    phases: tuple[Span, ...]
    contacts: tuple[Span, ...] = ()
    fault: Span | None = None
    view: View = "side"
    along: tuple[float, float, float] = (0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Subject:
    """Who moves: her figure (for skin contact), and her own pace.

    Args:
        figure: The body.
        pace: Factor on times, 1 = as written; above 1 is slower.
        first_side: Side that two-sided exercises begin with.
    """

    figure: Figure
    pace: float = 1.0
    first_side: Literal["left", "right"] = "right"

    @property
    def rig(self) -> Rig:
        """The figure's rig."""
        return self.figure.rig

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.figure.person


def ease(x: float) -> float:
    """Return a smooth 0 … 1 step of ``x`` from 0 to 1, at rest at both ends."""
    t = min(1.0, max(0.0, x))
    return t * t * t * (t * (6 * t - 15) + 10)


def window(t: float, start: float, end: float, ramp: float = RAMP_S) -> float:
    """Return 0 outside, 1 inside a span, 0.5 at ``start`` and ``end``, eased over ``ramp`` seconds."""
    return ease((t - start) / ramp + 0.5) * (1.0 - ease((t - end) / ramp + 0.5))


def keyed(keys: Sequence[tuple[float, Pose]]) -> PoseAt:
    """Return a movement through (time, pose) keys, easing from each to the next."""

    def pose_at(t: float) -> Pose:
        for (t0, a), (t1, b) in pairwise(keys):
            if t < t1:
                return blend(a, b, ease((t - t0) / (t1 - t0)))
        return keys[-1][1]

    return pose_at


def with_fault(correct: PoseAt, wrong: PoseAt, start: float, end: float, ramp: float = RAMP_S) -> PoseAt:
    """Return the correct movement with the wrong one faded in from ``start`` to ``end``."""

    def pose_at(t: float) -> Pose:
        share = window(t, start, end, ramp)
        if share <= 0:
            return correct(t)
        return blend(correct(t), wrong(t), share)

    return pose_at


def still(pose: Pose) -> PoseAt:
    """Return a movement that rests in one pose."""
    return lambda _: pose


def mirror(pose: Pose) -> Pose:
    """Return the pose with left and right exchanged."""
    flip = np.diag([-1.0, 1.0, 1.0])

    def turn(value: Array) -> Array:
        return flip @ value @ flip if value.shape == (3, 3) else flip @ value

    def maybe(value: Array | None) -> Array | None:
        return None if value is None else turn(value)

    def arm(a: ArmPose) -> ArmPose:
        return replace(
            a,
            wrist=maybe(a.wrist),
            upper=turn(a.upper),
            fore=turn(a.fore),
            pole=turn(a.pole),
            hand=maybe(a.hand),
            palm=turn(a.palm),
            clavicle=turn(a.clavicle),
        )

    def leg(value: LegPose) -> LegPose:
        return replace(
            value,
            ankle=turn(value.ankle),
            pole=turn(value.pole),
            foot=maybe(value.foot),
            sole=turn(value.sole),
        )

    return replace(
        pose,
        hip=turn(pose.hip),
        pelvis=turn(pose.pelvis),
        chest=turn(pose.chest),
        head=turn(pose.head),
        left_arm=arm(pose.right_arm),
        right_arm=arm(pose.left_arm),
        left_leg=leg(pose.right_leg),
        right_leg=leg(pose.left_leg),
    )


def sway(seed: int) -> Callable[[float], float]:
    """Return a slow smooth wander of about unit size, the same for the same seed."""
    rng = np.random.default_rng(seed)
    hertz, start, size = rng.uniform(0.12, 0.6, 4), rng.uniform(0, 6.28, 4), rng.normal(0, 0.5, 4)
    return lambda t: float((size * np.sin(2 * np.pi * hertz * t + start)).sum())


def alive(pose_at: PoseAt, seed: int, breaths_hz: float = 0.27, head: float = 1.0) -> PoseAt:
    """Return the movement with small breathing and sway of chest and head laid over it."""
    wander = [sway(seed * 10 + k) for k in range(4)]

    def lively(t: float) -> Pose:
        pose = pose_at(t)
        breath = np.sin(2 * np.pi * breaths_hz * t)
        chest = pose.chest @ pitch(-0.6 * breath + 0.3 * wander[0](t)) @ roll(0.35 * wander[1](t))
        return replace(
            pose,
            chest=chest,
            head=pose.head @ pitch(0.8 * head * wander[2](t)) @ yaw(1.2 * head * wander[3](t)),
        )

    return lively


# ---- true measures of a pose, as the exercises define them ----
@dataclass(frozen=True)
class Joints:
    """Joint centres of a pose, metres; the pair-wise middles that measures speak of."""

    points: dict[str, Array]

    def __getitem__(self, name: str) -> Array:
        return self.points[name]

    def mid(self, name: str) -> Array:
        """Return the middle of the left and right joint."""
        return (self.points[f"{name}.L"] + self.points[f"{name}.R"]) / 2

    @property
    def torso(self) -> float:
        """Mid-shoulder to mid-hip, metres."""
        return float(np.linalg.norm(self.mid("shoulder") - self.mid("hip")))

    def angle(self, a: str, b: str, c: str, side: str) -> float:
        """Return the angle at ``b`` on one side, degrees."""
        return float(included_angle(*(self.points[f"{n}.{side}"] for n in (a, b, c))))


_JOINT_BONES = {
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
}


def joints_of(subject: Subject, pose: Pose) -> Joints:
    """Return the joint centres and ears of a pose."""
    body = subject.figure.body
    matrices, positions = body.forward(*subject.rig.solve(pose))
    points = {
        f"{name}.{side}": positions[body.index[f"{bone}.{side}"]]
        for name, bone in _JOINT_BONES.items()
        for side in "LR"
    }
    finder = subject.figure.landmarks
    for side, long in (("L", "left"), ("R", "right")):
        points[f"ear.{side}"] = finder.skin_point(f"{long}_ear", matrices, positions)
    points["nose"] = finder.skin_point("nose", matrices, positions)
    return Joints(points)


def sagittal_angle(a: Array, b: Array) -> float:
    """Return the signed angle from ``a`` to ``b`` in the y-z plane, degrees; + turns y towards z."""
    return float(np.degrees(np.arctan2(a[1] * b[2] - a[2] * b[1], a[1] * b[1] + a[2] * b[2])))


def head_hang(j: Joints) -> float:
    """Return the angle from the trunk line to shoulder-to-ear, degrees; + = chin side, - = lifted back."""
    return sagittal_angle(j.mid("shoulder") - j.mid("hip"), j.mid("ear") - j.mid("shoulder"))


def fit(
    subject: Subject,
    build: Callable[[Array], Pose],
    start: Sequence[float],
    miss: Callable[[Joints], Sequence[float]],
) -> Pose:
    """Return the pose whose true measures come nearest the wished ones.

    Args:
        subject: Whose body.
        build: Pose for a parameter vector.
        start: First guess of the parameters.
        miss: Measured minus wished, each scaled to about 1 for a fault of one degree.
    """

    def residuals(x: Array) -> Array:
        pose = build(x)
        j = joints_of(subject, pose)
        # A limb that cannot reach its target spoils the pose: a centimetre weighs as much as four degrees.
        lost = [
            400 * float(np.linalg.norm(target - j[joint]))
            for side in "LR"
            for joint, target in (
                (f"ankle.{side}", pose.leg(side).ankle),
                (f"wrist.{side}", pose.arm(side).wrist),
            )
            if target is not None
        ]
        return np.array([*miss(j), *lost])

    result = least_squares(
        residuals,
        np.asarray(start, dtype=float),
        diff_step=1e-4,
        xtol=1e-6,
        ftol=1e-6,
        max_nfev=60,
    )
    return build(result.x)


# ---- hands and feet on the floor ----
def palm_height(rig: Rig) -> float:
    """Return the wrist's height above the floor with the palm flat on the mat, metres."""
    return rig.palm_depth["L"] + 0.009


def planted_arm(rig: Rig, x: float, z: float, sign: float, pole: Array | None = None) -> ArmPose:
    """Return an arm whose flat palm presses the mat at (x, z), fingers towards +z."""
    return ArmPose(
        wrist=vec(x, palm_height(rig), z),
        pole=vec(0.7 * sign, -0.4, -0.6) if pole is None else pole,
        hand=vec(sign * 0.06, -0.05, 1),
        palm=vec(0, -1, -0.05),
        curl=-7.0,
    )


def settle(rig: Rig, pose: Pose, most: float = 0.9985) -> Pose:
    """Return the pose with the hips moved just enough that both planted hands are within reach."""
    for _ in range(4):
        rotations, root = rig.solve(pose)
        pull = np.zeros(3)
        for side in "LR":
            wrist = pose.arm(side).wrist
            if wrist is None:
                continue
            line = wrist - rig.position(rotations, root, f"upperarm01.{side}")
            distance = float(np.linalg.norm(line))
            pull += line / distance * max(0.0, distance - most * rig.arms[side].length) * 0.6
        if np.linalg.norm(pull) < 5e-4:
            break
        pose = replace(pose, hip=pose.hip + pull)
    return pose


def both_contacts(joints: Sequence[str], start: float, end: float) -> tuple[Span, ...]:
    """Return a planted span for the left and right of each joint."""
    return tuple(Span(f"{side}_{joint}", start, end) for joint in joints for side in ("left", "right"))
