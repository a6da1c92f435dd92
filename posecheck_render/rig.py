"""From a described pose to bone rotations: directions, two-bone inverse kinematics, and the 33 landmarks."""

from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from posecheck_render.body import Body, Skinner
from posecheck_render.rotations import (
    Array,
    align,
    from_rotation_vector,
    rotation_about,
    rotation_vector,
    slerp,
    swing,
    twist_about,
    unit,
    vec,
)

SIDES = (("L", 1.0), ("R", -1.0))
"""Bone suffix and the sign of x on that side of the body."""

LANDMARKS = (
    "nose",
    "left_eye_inner",
    "left_eye",
    "left_eye_outer",
    "right_eye_inner",
    "right_eye",
    "right_eye_outer",
    "left_ear",
    "right_ear",
    "mouth_left",
    "mouth_right",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_pinky",
    "right_pinky",
    "left_index",
    "right_index",
    "left_thumb",
    "right_thumb",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
    "left_heel",
    "right_heel",
    "left_foot_index",
    "right_foot_index",
)
"""The 33 landmark names in the pose model's order."""


@dataclass(frozen=True)
class ArmPose:
    """Where one arm is: either a wrist target (reaching) or two directions (free).

    Args:
        wrist: Target of the wrist joint, metres; None for a free arm.
        upper: Direction of the upper arm when free.
        fore: Direction of the forearm when free.
        pole: Where the elbow points.
        hand: Direction of the middle finger; None follows the forearm.
        palm: Direction the palm faces.
        clavicle: Extra turn of the shoulder girdle in the chest's frame.
        curl: Finger bend, degrees; negative stretches them.
        rhythm: Share of the arm's swing that clavicle and shoulder blade take along.
    """

    wrist: Array | None = None
    upper: Array = field(default_factory=lambda: vec(0, -1, 0))
    fore: Array = field(default_factory=lambda: vec(0, -1, 0.1))
    pole: Array = field(default_factory=lambda: vec(0, 0, -1))
    hand: Array | None = None
    palm: Array = field(default_factory=lambda: vec(0, -1, 0))
    clavicle: Array = field(default_factory=lambda: np.eye(3))
    curl: float = 12.0
    rhythm: Array = field(default_factory=lambda: vec(0.18, 0.30))


@dataclass(frozen=True)
class LegPose:
    """Where one leg is.

    Args:
        ankle: Target of the ankle joint, metres.
        pole: Where the knee points.
        foot: Direction from ankle to toes along the sole; None follows the shin.
        sole: Direction the sole faces.
        plantar: Pointing of the foot, degrees, when ``foot`` is None.
        toes: Toes bent up against the foot, degrees.
    """

    ankle: Array
    pole: Array
    foot: Array | None = None
    sole: Array = field(default_factory=lambda: vec(0, -1, 0))
    plantar: float = 0.0
    toes: float = 0.0


@dataclass(frozen=True)
class Pose:
    """A whole body described by a few directions and targets, metres, world frame.

    Args:
        hip: Middle of the two hip joints.
        pelvis: World rotation of the pelvis against upright.
        chest: World rotation of the chest.
        head: World rotation of the head.
        left_arm: The person's left arm.
        right_arm: The person's right arm.
        left_leg: The person's left leg.
        right_leg: The person's right leg.
    """

    hip: Array
    pelvis: Array
    chest: Array
    head: Array
    left_arm: ArmPose
    right_arm: ArmPose
    left_leg: LegPose
    right_leg: LegPose

    def arm(self, side: str) -> ArmPose:
        """Return the arm of side ``"L"`` or ``"R"``."""
        return self.left_arm if side == "L" else self.right_arm

    def leg(self, side: str) -> LegPose:
        """Return the leg of side ``"L"`` or ``"R"``."""
        return self.left_leg if side == "L" else self.right_leg

    def with_limb(self, kind: str, side: str, **changes: Any) -> "Pose":
        """Return the pose with fields of one limb (kind ``"arm"`` or ``"leg"``) replaced."""
        name = f"{'left' if side == 'L' else 'right'}_{kind}"
        return replace(self, **{name: replace(getattr(self, name), **changes)})


P = TypeVar("P", Pose, ArmPose, LegPose)


def blend(a: P, b: P, t: float) -> P:
    """Return the pose a share ``t`` of the way from ``a`` to ``b``: rotations on the sphere, else linear."""
    if t <= 0:
        return a
    if t >= 1:
        return b
    return replace(a, **{f.name: _mix(getattr(a, f.name), getattr(b, f.name), t) for f in fields(a)})


def _mix(a: Any, b: Any, t: float) -> Any:
    if isinstance(a, (ArmPose, LegPose)):
        return blend(a, b, t)
    if a is None or b is None:
        return b if t > 0.5 else a
    if isinstance(a, np.ndarray) and a.shape == (3, 3):
        return slerp(a, b, t)
    return a * (1.0 - t) + b * t


def two_bone(
    start: Array, target: Array, first: float, second: float, pole: ArrayLike
) -> tuple[Array, Array, Array]:
    """Solve a hinge chain that reaches from ``start`` towards ``target``.

    Args:
        start: Position of the first joint, metres.
        target: Wished position of the chain's end.
        first: Length of the first bone.
        second: Length of the second bone.
        pole: Where the middle joint points.

    Returns:
        Directions of the two bones and of the hinge axis. A target out of reach is approached as far as the
        (all but straight) chain goes.
    """
    line = target - start
    distance = float(np.linalg.norm(line))
    reach = float(np.clip(distance, abs(first - second) + 1e-3, (first + second) * 0.99985))
    along = line / (distance + 1e-12)
    side = np.asarray(pole, dtype=float)
    side = unit(side - along * (side @ along))
    cosine = (first * first + reach * reach - second * second) / (2 * first * reach)
    sine = np.sqrt(max(0.0, 1.0 - cosine * cosine))
    upper = along * cosine + side * sine
    lower = unit(start + along * reach - (start + upper * first))
    return upper, lower, unit(np.cross(side, along))


@dataclass(frozen=True)
class ArmRest:
    """Rest directions and lengths of an arm; ``hinge`` is the elbow's axis, ``palm`` the palm's normal."""

    upper: Array
    fore: Array
    hand: Array
    hinge: Array
    palm: Array
    upper_length: float
    fore_length: float

    @property
    def length(self) -> float:
        """Shoulder to wrist when straight, metres."""
        return self.upper_length + self.fore_length


@dataclass(frozen=True)
class LegRest:
    """Rest directions and lengths of a leg."""

    thigh: Array
    shin: Array
    foot: Array
    thigh_length: float
    shin_length: float


SPINE = (("spine05", 0.12), ("spine04", 0.35), ("spine03", 0.6), ("spine02", 0.85), ("spine01", 1.0))
NECK = (("neck01", 0.25), ("neck02", 0.5), ("neck03", 0.75), ("head", 1.0))
SOLE_REST = vec(0, -1, 0)
KNEE_AXIS_REST = vec(1, 0, 0)


class Rig:
    """Turns poses into bone rotations of one body.

    Args:
        body: The body at rest.
    """

    def __init__(self, body: Body) -> None:
        self.body = body
        self.arms = {side: self._arm_rest(side, sign) for side, sign in SIDES}
        self.legs = {side: self._leg_rest(side) for side, _ in SIDES}
        self.palm_depth = {side: self._palm_depth(side) for side, _ in SIDES}
        self.hip_centre = (body.joint("upperleg01.L") + body.joint("upperleg01.R")) / 2
        shoulders = (body.joint("upperarm01.L") + body.joint("upperarm01.R")) / 2
        self.torso = float(np.linalg.norm(shoulders - self.hip_centre))
        self.shoulder_width = float(np.linalg.norm(body.joint("upperarm01.L") - body.joint("upperarm01.R")))

    def _arm_rest(self, side: str, sign: float) -> ArmRest:
        joint = self.body.joint
        shoulder, elbow, wrist = (joint(f"{b}.{side}") for b in ("upperarm01", "lowerarm01", "wrist"))
        index, middle, little = (joint(f"finger{k}-1.{side}") for k in (2, 3, 5))
        hand = unit(middle - wrist)
        return ArmRest(
            upper=unit(elbow - shoulder),
            fore=unit(wrist - elbow),
            hand=hand,
            hinge=unit(np.cross(elbow - shoulder, wrist - elbow)),
            palm=sign * unit(np.cross(little - index, hand)),
            upper_length=float(np.linalg.norm(elbow - shoulder)),
            fore_length=float(np.linalg.norm(wrist - elbow)),
        )

    def _leg_rest(self, side: str) -> LegRest:
        joint = self.body.joint
        hip, knee, ankle, toe = (joint(f"{b}.{side}") for b in ("upperleg01", "lowerleg01", "foot", "toe2-1"))
        along = toe - ankle
        along[1] = 0
        return LegRest(
            thigh=unit(knee - hip),
            shin=unit(ankle - knee),
            foot=unit(along),
            thigh_length=float(np.linalg.norm(knee - hip)),
            shin_length=float(np.linalg.norm(ankle - knee)),
        )

    def _palm_depth(self, side: str) -> float:
        """Return how far the palm's skin lies below the wrist joint of a flat hand, metres."""
        body = self.body
        bones = [
            i for i, n in enumerate(body.bones) if n.endswith(f".{side}") and n.startswith(("wrist", "metacarpal"))
        ]
        own = body.skin_indices[body.weights[body.skin_indices][:, bones].sum(axis=1) > 0.6]
        return float(((body.rest[own] - body.joint(f"wrist.{side}")) @ self.arms[side].palm).max())

    def solve(self, pose: Pose) -> tuple[dict[str, Array], Array]:
        """Return world rotations by bone and the root position (metres) of a pose."""
        rotations: dict[str, Array] = {"root": pose.pelvis}
        root = pose.hip - pose.pelvis @ (self.hip_centre - self.body.joint("root"))
        for bone, share in SPINE:
            rotations[bone] = slerp(pose.pelvis, pose.chest, share)
        for bone, share in NECK:
            rotations[bone] = slerp(pose.chest, pose.head, share)
        for side, sign in SIDES:
            self._solve_arm(pose, side, sign, rotations, root)
            self._solve_leg(pose, side, rotations, root)
        return rotations, root

    def _solve_arm(self, pose: Pose, side: str, sign: float, rotations: dict[str, Array], root: Array) -> None:
        arm, rest, chest = pose.arm(side), self.arms[side], pose.chest
        upper = chest @ rest.upper if arm.wrist is not None else unit(arm.upper)
        fore, hinge = unit(arm.fore), np.zeros(3)
        # The clavicle follows the arm and moves the shoulder, so a reaching arm is solved a few times over.
        for _ in range(5 if arm.wrist is not None else 1):
            follow = rotation_vector(swing(chest @ rest.upper, upper))
            for bone, share in (("clavicle", arm.rhythm[0]), ("shoulder01", arm.rhythm[1])):
                rotations[f"{bone}.{side}"] = from_rotation_vector(share * follow) @ chest @ arm.clavicle
            if arm.wrist is not None:
                shoulder = self.position(rotations, root, f"upperarm01.{side}")
                upper, fore, hinge = two_bone(shoulder, arm.wrist, rest.upper_length, rest.fore_length, arm.pole)
        if arm.wrist is None:
            hinge = np.cross(upper, fore)
            hinge = unit(hinge) if np.linalg.norm(hinge) > 0.12 else unit(np.cross(upper, arm.pole))
        blade = rotations[f"shoulder01.{side}"]
        plain = swing(blade @ rest.upper, upper) @ blade
        turn = twist_about(align(rest.upper, rest.hinge, upper, hinge) @ plain.T, upper)
        rotations[f"upperarm01.{side}"] = rotation_about(upper, 0.5 * turn) @ plain
        rotations[f"upperarm02.{side}"] = rotation_about(upper, 0.9 * turn) @ plain
        forearm = align(rest.fore, rest.hinge, fore, hinge)
        hand = forearm if arm.hand is None else align(rest.hand, rest.palm, arm.hand, arm.palm)
        turn = twist_about(hand @ forearm.T, fore)
        rotations[f"lowerarm01.{side}"] = rotation_about(fore, 0.25 * turn) @ forearm
        rotations[f"lowerarm02.{side}"] = rotation_about(fore, 0.65 * turn) @ forearm
        rotations[f"wrist.{side}"] = hand
        knuckles, out = np.cross(hand @ rest.hand, hand @ rest.palm), hand @ rest.palm
        for finger in range(2, 6):
            # A touch of spread: resting fingers never lie exactly side by side.
            fan = rotation_about(out, np.radians((3.4 - finger) * 2.6 * sign))
            for phalanx, share in ((1, 0.5), (2, 1.2), (3, 1.8)):
                bend = rotation_about(knuckles, np.radians(arm.curl * share * (0.85 + 0.07 * finger)))
                rotations[f"finger{finger}-{phalanx}.{side}"] = fan @ bend @ hand

    def _solve_leg(self, pose: Pose, side: str, rotations: dict[str, Array], root: Array) -> None:
        leg, rest = pose.leg(side), self.legs[side]
        hip = self.position(rotations, root, f"upperleg01.{side}")
        thigh, shin, hinge = two_bone(hip, leg.ankle, rest.thigh_length, rest.shin_length, leg.pole)
        plain = swing(pose.pelvis @ rest.thigh, thigh) @ pose.pelvis
        turn = twist_about(align(rest.thigh, KNEE_AXIS_REST, thigh, hinge) @ plain.T, thigh)
        rotations[f"upperleg01.{side}"] = rotation_about(thigh, 0.55 * turn) @ plain
        rotations[f"upperleg02.{side}"] = rotation_about(thigh, 0.95 * turn) @ plain
        lower = align(rest.shin, KNEE_AXIS_REST, shin, hinge)
        if leg.foot is None:
            foot = lower @ rotation_about(KNEE_AXIS_REST, np.radians(leg.plantar))
        else:
            foot = align(rest.foot, SOLE_REST, leg.foot, leg.sole)
        turn = twist_about(foot @ lower.T, shin)
        rotations[f"lowerleg01.{side}"] = rotation_about(shin, 0.2 * turn) @ lower
        rotations[f"lowerleg02.{side}"] = rotation_about(shin, 0.6 * turn) @ lower
        rotations[f"foot.{side}"] = foot
        toes = foot @ rotation_about(KNEE_AXIS_REST, -np.radians(leg.toes))
        for toe in range(1, 6):
            rotations[f"toe{toe}-1.{side}"] = toes

    def position(self, rotations: dict[str, Array], root: Array, bone: str) -> Array:
        """Return the world position (metres) of one bone's head without posing the whole skeleton."""
        body = self.body
        chain = []
        i = body.index[bone]
        while i >= 0:
            chain.append(i)
            i = body.parent[i]
        matrix, place = np.eye(3), root
        for step, i in enumerate(reversed(chain)):
            if step:
                place = place + matrix @ (body.head[i] - body.head[body.parent[i]])
            matrix = rotations.get(body.bones[i], matrix)
        return np.asarray(place)

    def joint_of(self, pose: Pose, bone: str) -> Array:
        """Return the world position (metres) of one bone's head in a pose."""
        rotations, root = self.solve(pose)
        return self.position(rotations, root, bone)

    def reach(self, pose: Pose, side: str = "L") -> float:
        """Return the distance from shoulder to wrist target in arm lengths (over 1: out of reach)."""
        wrist = pose.arm(side).wrist
        if wrist is None:
            raise ValueError("Rig.reach needs an arm with a wrist target")
        shoulder = self.joint_of(pose, f"upperarm01.{side}")
        return float(np.linalg.norm(wrist - shoulder)) / self.arms[side].length


_BONE_OF = {
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "pinky": "finger5-1",
    "index": "finger2-1",
    "thumb": "finger1-2",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
    "foot_index": "toe1-2",
}


class LandmarkFinder:
    """The 33 landmarks on a posed body: joint centres, and skin points for nose, ears, mouth and heels.

    Args:
        body: The body at rest.
    """

    def __init__(self, body: Body) -> None:
        self.body = body
        indices = body.skin_indices
        rest = body.rest[indices]
        x, y, z = rest.T
        eye = body.tail[body.index["special05.L"]]
        face = (abs(x) < 0.02) & (y > eye[1] - 0.1) & (y < eye[1] + 0.02)
        nose = indices[face][np.argmax(rest[face, 2])]
        nose_y = body.rest[nose, 1]
        mouth = (y > nose_y - 0.06) & (y < nose_y - 0.015) & (abs(abs(x) - 0.024) < 0.006) & (z > eye[2] - 0.03)
        head = (y > eye[1] - 0.06) & (y < eye[1] + 0.03) & (abs(x) < 0.11)
        ear = head & (abs(x) > 0.97 * abs(x[head]).max())
        self.skin_points: dict[str, NDArray[np.int64]] = {"nose": np.array([nose])}
        for name, sign in (("left", 1), ("right", -1)):
            mine = np.sign(x) == sign
            low = indices[(y < 0.04) & mine]
            self.skin_points[f"{name}_ear"] = indices[ear & mine]
            self.skin_points[f"mouth_{name}"] = indices[mouth & mine]
            self.skin_points[f"{name}_heel"] = low[np.argsort(body.rest[low, 2])[:20]]

        self._skinners = {name: Skinner(body, points) for name, points in self.skin_points.items()}

    def skin_point(self, name: str, matrices: Array, positions: Array) -> Array:
        """Return one landmark that lies on the skin, shape ``(3,)``, metres."""
        return np.asarray(self._skinners[name](matrices, positions).mean(axis=0))

    def __call__(self, matrices: Array, positions: Array) -> Array:
        """Return landmarks, shape ``(33, 3)``, metres, from the result of ``Body.forward``."""
        body = self.body
        out = np.zeros((len(LANDMARKS), 3))
        for k, name in enumerate(LANDMARKS):
            if name in self.skin_points:
                out[k] = self.skin_point(name, matrices, positions)
                continue
            side, part = ("L" if name.startswith("left") else "R"), name.split("_", 1)[1]
            if part in _BONE_OF:
                out[k] = positions[body.index[f"{_BONE_OF[part]}.{side}"]]
            else:
                i = body.index[f"special05.{side}"]
                out[k] = positions[i] + matrices[i] @ (body.tail[i] - body.head[i])
        return out
