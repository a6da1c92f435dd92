"""The catalogue of named quantities that definitions may refer to, each with its unit, range and needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from posecheck import geometry, silhouette
from posecheck.body import SIDES, Body, MeasureSide
from posecheck.pose import FloatArray

Unit = Literal["deg", "torso", "frame", "ratio"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A named quantity.

    Attributes:
        name: What definitions call it.
        unit: ``deg``; ``torso`` (torso lengths); ``frame`` (frame heights); ``ratio``.
        domain: What the value can be, closed.
        needs: Base names of the landmarks it is computed from: what to ask her to show, and what to colour.
        compute: Value over leading axes from a body and a side, NaN where it cannot be seen.
        summary: One line for authors.
        silhouette: Whether it needs the silhouette.
    """

    name: str
    unit: Unit
    domain: tuple[float, float]
    needs: tuple[str, ...]
    compute: Callable[[Body, MeasureSide], FloatArray]
    summary: str
    silhouette: bool = False


def _joint(a: str, vertex: str, c: str) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: geometry.included_angle(b.at(a, s), b.at(vertex, s), b.at(c, s))


def _elbow_angle(b: Body, s: MeasureSide) -> FloatArray:
    return geometry.included_angle(b.at("shoulder", s), b.elbow(s), b.at("wrist", s))


def _exchanged(b: Body, s: MeasureSide) -> FloatArray:
    return np.where(np.isnan(b.torso), np.nan, b.exchanged)


def _seat_width(b: Body, s: MeasureSide) -> FloatArray:
    pose = b.pose
    if pose.silhouette is None or pose.silhouette_scale is None:
        return np.full(b.near.shape, np.nan)
    hips = b.mid("hip")[..., 1]
    return silhouette.mean_width(pose.silhouette, pose.silhouette_scale, hips, b.torso / 2) / b.torso


def _head_angle(b: Body, s: MeasureSide) -> FloatArray:
    hip, shoulder = b.at("hip", s), b.at("shoulder", s)
    trunk = shoulder - hip
    belly = np.sign(geometry.cross(trunk, b.ventral - hip))
    return geometry.signed_angle(trunk, b.at("ear", s) - shoulder) * belly


def _axial_twist(b: Body, s: MeasureSide) -> FloatArray:
    shoulders = geometry.azimuth(b.world("shoulder", "left") - b.world("shoulder", "right"))
    hips = geometry.azimuth(b.world("hip", "left") - b.world("hip", "right"))
    return geometry.wrap(shoulders - hips)


def _head_twist(b: Body, s: MeasureSide) -> FloatArray:
    ears = geometry.azimuth(b.world("ear", "left") - b.world("ear", "right"))
    shoulders = geometry.azimuth(b.world("shoulder", "left") - b.world("shoulder", "right"))
    return geometry.wrap(ears - shoulders)


def _over_hips(name: str) -> Callable[[Body, MeasureSide], FloatArray]:
    """Return how far a landmark is above the hips."""
    return lambda b, s: (b.trunk[0] - b.at(name, s))[..., 1] / b.torso


def _knee_out(b: Body, s: MeasureSide) -> FloatArray:
    """How far a knee lies outward of the hips, the farther one; outward is to her side as she faces the camera."""
    left, right = ((b.at("knee", side) - b.trunk[0])[..., 0] / b.torso for side in SIDES)
    return np.fmax(left, -right)


def _knee_order(b: Body, s: MeasureSide) -> FloatArray:
    hips, knees = ((b.at(name, "left") - b.at(name, "right"))[..., 0] for name in ("hip", "knee"))
    order: FloatArray = np.sign(hips) * knees / b.torso
    return order


def _knee_up(b: Body, s: MeasureSide) -> FloatArray:
    left, right = (_over_hips("knee")(b, side) for side in SIDES)
    height = np.fmax(np.fmax(left, right), 0.0)
    known = np.isfinite(left) | np.isfinite(right)
    return np.where(known, np.where(np.fmax(left, -np.inf) > np.fmax(right, -np.inf), height, -height), np.nan)


def _hand_to_knee(b: Body, s: MeasureSide) -> FloatArray:
    """Distance from the hand or elbow to the opposite knee, the nearer pair of the two."""

    def pair(hand: MeasureSide, knee: MeasureSide) -> FloatArray:
        target = b.at("knee", knee)
        return np.fmin(
            geometry.length(b.at("wrist", hand) - target), geometry.length(b.at("elbow", hand) - target)
        )

    return np.fmin(pair("left", "right"), pair("right", "left")) / b.torso


def _lowest(*names: str) -> Callable[[Body, MeasureSide], FloatArray]:
    def depth(b: Body, s: MeasureSide) -> FloatArray:
        result: FloatArray = np.fmax.reduce(
            [(b.at(n, x) - b.trunk[0])[..., 1] / b.torso for n in names for x in SIDES]
        )
        return result

    return depth


def _facing(b: Body, s: MeasureSide) -> FloatArray:
    """Which way the face looks across the trunk: +1 toward the limbs' side, -1 away from it."""
    hip, shoulder = b.trunk
    trunk, gaze = shoulder - hip, b.at("nose") - b.at("ear", s)
    lengths = geometry.length(trunk) * geometry.length(gaze)
    sine = geometry.cross(trunk, gaze) / np.where(lengths > 0, lengths, np.nan)
    return sine * np.sign(geometry.cross(trunk, b.ventral - hip))


def _trunk_tilt(b: Body, s: MeasureSide) -> FloatArray:
    return geometry.elevation(b.at("shoulder", s) - b.at("hip", s))


def _distance(a: str, c: str) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: geometry.length(b.at(a, s) - b.at(c, s)) / b.torso


def _below(name: str, origin: str) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: b.below(name, origin, s)


def _ahead(name: str, origin: str) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: b.ahead(name, origin, s)


def _gap(name: str) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: geometry.length(b.at(name, "left") - b.at(name, "right")) / b.torso


def _nearest(*names: str) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: np.asarray(np.fmin.reduce([_gap(name)(b, s) for name in names]))


def _above(upper: str, lower: str) -> Callable[[Body, MeasureSide], FloatArray]:
    """Return how far the middle of one pair is above the middle of another."""
    return lambda b, s: (b.mid(lower) - b.mid(upper))[..., 1] / b.torso


def _of_both(
    pick: Callable[[FloatArray, FloatArray], FloatArray], one: Callable[[Body, MeasureSide], FloatArray]
) -> Callable[[Body, MeasureSide], FloatArray]:
    """Return the side that ``pick`` (``np.fmax``, ``np.fmin``) chooses among those that are seen."""
    return lambda b, s: pick(one(b, "left"), one(b, "right"))


def _forearm_lean(b: Body, s: MeasureSide) -> FloatArray:
    return np.abs(geometry.side_lean(b.at("wrist", s) - b.at("elbow", s)))


def _arm_off_square(b: Body, s: MeasureSide) -> FloatArray:
    return np.abs(geometry.included_angle(b.at("elbow", s), b.at("shoulder", s), b.at("hip", s)) - 90.0)


def _forearms_lean(b: Body, s: MeasureSide) -> FloatArray:
    """Return the lean of both forearms as one: entwined arms are confused with each other, their middle is not."""
    return np.abs(geometry.side_lean(b.mid("wrist") - b.mid("elbow")))


def _neck_height(b: Body, s: MeasureSide) -> FloatArray:
    trunk = b.mid("shoulder") - b.mid("hip")
    neck = b.mid("ear") - b.mid("shoulder")
    along: FloatArray = (neck * trunk).sum(axis=-1) / geometry.length(trunk)
    return along / b.torso


def _neck_length(b: Body, s: MeasureSide) -> FloatArray:
    return _neck_height(b, s) / b.view_ratio


def _head_tilt(b: Body, s: MeasureSide) -> FloatArray:
    ears, shoulders = (
        geometry.line_slope(b.at(name, "left"), b.at(name, "right")) for name in ("ear", "shoulder")
    )
    return ears - shoulders


def _shoulder_to_ear(b: Body, s: MeasureSide) -> FloatArray:
    tilt, slope = _head_tilt(b, s), _slope("shoulder")(b, s)
    toward: FloatArray = -tilt / np.hypot(tilt, 1.0)  # a soft sign: an upright head leans to neither side
    return toward * slope


def _head_lift(b: Body, s: MeasureSide) -> FloatArray:
    """Return the smaller of two heights: hands walked aside are lower or higher in the picture, knees stay."""
    return np.fmin(b.below("wrist", "nose", s), b.below("knee", "nose", s))


def _palm_above_floor(b: Body, s: MeasureSide) -> FloatArray:
    floor = np.fmax.reduce([b.at(name, s)[..., 1] for name in ("knee", "ankle", "foot_index")])
    height: FloatArray = (floor - b.at("wrist", s)[..., 1]) / b.torso
    return height


def _spine_turn(b: Body, s: MeasureSide) -> FloatArray:
    hips, shoulders = (b.world(name, "left") - b.world(name, "right") for name in ("hip", "shoulder"))
    return geometry.turn_about(b.world_trunk, hips, shoulders)


def _hands_span(b: Body, s: MeasureSide) -> FloatArray:
    hands = geometry.length(b.world("wrist", "left") - b.world("wrist", "right"))
    return hands / geometry.length(b.world_trunk)


def _outline_part(first: float, last: float) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: b.outline_part(first, last)


def _side_bend(b: Body, s: MeasureSide) -> FloatArray:
    return geometry.side_lean(b.mid("shoulder") - b.mid("hip"))


def _slope(name: str) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: geometry.line_slope(b.at(name, "left"), b.at(name, "right"))


def _torso_height(b: Body, s: MeasureSide) -> FloatArray:
    hip, shoulder = b.trunk
    result: FloatArray = (hip - shoulder)[..., 1] / b.pose.frame_size[1]
    return result


def _trunk_length(b: Body, s: MeasureSide) -> FloatArray:
    hip, shoulder = b.trunk
    result: FloatArray = geometry.length(shoulder - hip) / b.pose.frame_size[1]
    return result


def _size_of(signed: Callable[[Body, MeasureSide], FloatArray]) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: np.abs(signed(b, s))


DEG, TORSO, LONG = (0.0, 180.0), (-3.0, 4.0), (0.0, 6.0)
SIGNED = (-180.0, 180.0)

# fmt: off
_SIDED: tuple[Measure, ...] = (
    Measure("elbow_angle", "deg", DEG, ("shoulder", "elbow", "wrist"), _elbow_angle,
            "included angle at the elbow; 180 = straight"),
    Measure("knee_angle", "deg", DEG, ("hip", "knee", "ankle"), _joint("hip", "knee", "ankle"),
            "included angle at the knee; 180 = straight"),
    Measure("hip_angle", "deg", DEG, ("shoulder", "hip", "knee"), _joint("shoulder", "hip", "knee"),
            "included angle at the hip between trunk and thigh"),
    Measure("arm_line", "deg", DEG, ("wrist", "shoulder", "hip"), _joint("wrist", "shoulder", "hip"),
            "included angle at the shoulder between wrist and hip; 180 = arms in line with the trunk"),
    Measure("trunk_tilt", "deg", (-90, 90), ("hip", "shoulder"), _trunk_tilt,
            "rise of the trunk from hip to shoulder; 90 = upright, 0 = level, negative = head down"),
    Measure("hip_rise", "torso", (-1.5, 1.5), ("hip", "shoulder"), _below("shoulder", "hip"),
            "how far the hip is above the shoulder"),
    Measure("wrist_drop", "torso", TORSO, ("hip", "wrist"), _below("wrist", "hip"),
            "how far the wrist is below the hip"),
    Measure("shoulder_drop", "torso", TORSO, ("shoulder", "wrist"), _below("wrist", "shoulder"),
            "how far the wrist is below the shoulder"),
    Measure("knee_drop", "torso", TORSO, ("hip", "knee"), _below("knee", "hip"),
            "how far the knee is below the hip"),
    Measure("hip_heel", "torso", LONG, ("hip", "ankle"), _distance("hip", "ankle"),
            "distance from hip to ankle"),
    Measure("wrist_ahead", "torso", TORSO, ("wrist", "shoulder"), _ahead("wrist", "shoulder"),
            "how far the wrist is headward of the shoulder in the picture"),
    Measure("knee_ahead", "torso", TORSO, ("knee", "hip"), _ahead("knee", "hip"),
            "how far the knee is headward of the hip in the picture"),
    Measure("hip_ahead", "torso", TORSO, ("hip", "ankle"), _ahead("hip", "ankle"),
            "how far the hip is headward of the ankle in the picture"),
    Measure("reach", "torso", TORSO, ("wrist", "nose"), _ahead("wrist", "nose"),
            "how far the wrist is headward of the nose in the picture"),
    Measure("arm_length", "torso", LONG, ("shoulder", "wrist"), _distance("shoulder", "wrist"),
            "distance from shoulder to wrist"),
    Measure("forearm_length", "torso", LONG, ("elbow", "wrist"), _distance("elbow", "wrist"),
            "distance from elbow to wrist: short where the forearm points to the camera"),
    Measure("head_lift", "torso", TORSO, ("nose",), _head_lift,
            "how far the nose is above the higher of wrist and knee"),
    Measure("palm_above_floor", "torso", TORSO, ("wrist",), _palm_above_floor,
            "how far the wrist is above the lowest of knee and foot that is seen"),
    Measure("span", "torso", LONG, ("wrist", "ankle"), _distance("wrist", "ankle"),
            "distance from hand to foot"),
    Measure("head_angle", "deg", SIGNED, ("ear", "shoulder", "hip"), _head_angle,
            "turn from the trunk to the head; positive = chin toward the chest, negative = head lifted back"),
    Measure("facing", "ratio", (-1, 1), ("ear",), _facing,
            "+1 where the face looks to the belly side of the trunk, -1 where it looks to the back's"),
)
_WHOLE: tuple[Measure, ...] = (
    Measure("back_turn", "deg", (-360, 360), ("shoulder", "hip"), lambda b, s: b.outline_turn(),
            "turn of the back's outline; positive = rounded, negative = hollow", silhouette=True),
    Measure("back_turn_lower", "deg", (-360, 360), ("shoulder", "hip"), _outline_part(0.1, 0.5),
            "turn of the lower half of the back's outline", silhouette=True),
    Measure("back_turn_upper", "deg", (-360, 360), ("shoulder", "hip"), _outline_part(0.5, 0.9),
            "turn of the upper half of the back's outline", silhouette=True),
    Measure("back_sagitta", "ratio", (-2, 2), ("shoulder", "hip"), lambda b, s: b.outline_sagitta(),
            "greatest distance of the back's outline from its chord, over the chord", silhouette=True),
    Measure("exchanged", "ratio", (0, 1), ("shoulder", "hip"), _exchanged,
            "1 where the model took head for tail and the ends were exchanged again, else 0", silhouette=True),
    Measure("seat_width", "torso", LONG, ("hip", "shoulder"), _seat_width,
            "mean width of the outline from the hips to half a torso below them; a seat with crossed legs is wide",
            silhouette=True),
    Measure("view_ratio", "ratio", (0, 10), ("shoulder", "hip"), lambda b, s: b.view_ratio,
            "shoulder width over torso length; small from the side, large from the front"),
    Measure("torso_height", "frame", (-3, 3), ("shoulder", "hip"), _torso_height,
            "height of the trunk in the picture; sound only against her own neutral"),
    Measure("trunk_length", "frame", (0, 3), ("shoulder", "hip"), _trunk_length,
            "length of the trunk in the picture; sound only against her own neutral"),
    Measure("shoulder_width", "frame", (0, 3), ("shoulder",),
            lambda b, s: b.shoulder_width / b.pose.frame_size[1],
            "width of the shoulders in the picture; sound only against her own neutral"),
    Measure("side_bend", "deg", SIGNED, ("shoulder", "hip"), _side_bend,
            "lean of the trunk from upright; positive = to the right of the picture"),
    Measure("lean", "deg", DEG, ("shoulder", "hip"), _size_of(_side_bend),
            "size of side_bend, whichever way"),
    Measure("shoulder_slope", "deg", (-90, 90), ("shoulder",), _slope("shoulder"),
            "slope of the shoulder line; positive = her left side higher"),
    Measure("hip_slope", "deg", (-90, 90), ("hip",), _slope("hip"),
            "slope of the hip line; positive = her left side higher"),
    Measure("axial_twist", "deg", SIGNED, ("shoulder", "hip"), _axial_twist,
            "turn of the shoulders over the hips about the vertical, from world landmarks: coarse; "
            "positive = to her left"),
    Measure("twist", "deg", DEG, ("shoulder", "hip"), _size_of(_axial_twist),
            "size of axial_twist, whichever way"),
    Measure("head_twist", "deg", SIGNED, ("ear", "shoulder"), _head_twist,
            "turn of the head over the shoulders, from world landmarks: coarse; positive = to her left"),
    Measure("head_turn", "deg", DEG, ("ear", "shoulder"), _size_of(_head_twist),
            "size of head_twist, whichever way"),
    Measure("raised_knee", "torso", TORSO, ("hip", "knee"), _of_both(np.fmax, _over_hips("knee")),
            "how far the higher knee is above the hips"),
    Measure("knee_out", "torso", TORSO, ("hip", "knee"), _knee_out,
            "how far outward a knee lies of the middle of the hips, the farther one; facing the camera"),
    Measure("hand_height", "torso", TORSO, ("hip", "wrist"), _of_both(np.fmax, _over_hips("wrist")),
            "how far the higher hand is above the hips"),
    Measure("knee_up", "torso", TORSO, ("knee", "hip"), _knee_up,
            "how far the higher knee is above the hips, 0 where both are lower; positive = her left knee"),
    Measure("hand_to_knee", "torso", LONG, ("wrist", "knee"), _hand_to_knee,
            "distance from hand or elbow to the opposite knee, the nearer pair"),
    Measure("foot_drop", "torso", TORSO, ("hip", "ankle"), _lowest("ankle"),
            "how far the lower foot is below the hips; near 0 seated on the floor, about 1.5 standing"),
    Measure("lowest_leg", "torso", TORSO, ("hip", "knee"), _lowest("knee", "ankle", "heel", "foot_index"),
            "how far the lowest part of the legs that is seen is below the hips"),
    Measure("feet_apart", "torso", LONG, ("ankle",), _gap("ankle"),
            "distance between the ankles"),
    Measure("knees_apart", "torso", LONG, ("knee",), _gap("knee"),
            "distance between the knees"),
    Measure("knee_order", "torso", TORSO, ("hip", "knee"), _knee_order,
            "how far the knees lie apart across the picture as the hips do; negative = thighs crossed"),
    Measure("elbows_apart", "torso", LONG, ("elbow",), _gap("elbow"),
            "distance between the elbows"),
    Measure("wrists_apart", "torso", LONG, ("wrist",), _gap("wrist"),
            "distance between the wrists"),
    Measure("wrists_over_elbows", "torso", TORSO, ("wrist", "elbow"), _above("wrist", "elbow"),
            "how far the wrists are above the elbows"),
    Measure("elbow_height", "torso", TORSO, ("elbow", "shoulder"), _above("elbow", "shoulder"),
            "how far the elbows are above the shoulders"),
    Measure("forearm_tilt", "deg", DEG, ("elbow", "wrist"), _of_both(np.fmax, _forearm_lean),
            "lean of the forearm from upright, of the one that leans more"),
    Measure("forearms_lean", "deg", DEG, ("elbow", "wrist"), _forearms_lean,
            "lean of both forearms as one, from between the elbows to between the wrists"),
    Measure("arms_apart", "torso", LONG, ("elbow", "wrist"), _nearest("elbow", "wrist"),
            "distance between the elbows or the wrists, whichever are nearer"),
    Measure("wrists_over_ears", "torso", TORSO, ("wrist", "ear"), _above("wrist", "ear"),
            "how far the wrists are above the ears"),
    Measure("neck_height", "torso", TORSO, ("ear", "shoulder"), _neck_height,
            "ears above shoulders along the trunk; smaller when the shoulders rise"),
    Measure("neck_length", "ratio", (-20, 20), ("ear", "shoulder"), _neck_length,
            "ears above shoulders along the trunk, over the shoulder width; smaller when the shoulders rise"),
    Measure("head_tilt", "deg", SIGNED, ("ear", "shoulder"), _head_tilt,
            "slope of the ears against the shoulders; positive = her left ear higher"),
    Measure("head_lean", "deg", DEG, ("ear", "shoulder"), _size_of(_head_tilt),
            "size of head_tilt, whichever way"),
    Measure("shoulder_to_ear", "deg", (-90, 90), ("shoulder", "ear"), _shoulder_to_ear,
            "slope of the shoulders; positive = higher on the side the head leans to"),
    Measure("arm_off_t", "deg", DEG, ("elbow", "shoulder", "hip"), _of_both(np.fmax, _arm_off_square),
            "how far the upper arm is from square to the trunk, of the one farther from it"),
    Measure("spine_turn", "deg", SIGNED, ("shoulder", "hip"), _spine_turn,
            "turn of the shoulders over the hips about the trunk's own axis, also lying, from world landmarks: "
            "coarse; positive = to her left"),
    Measure("spine_twist", "deg", DEG, ("shoulder", "hip"), _size_of(_spine_turn),
            "size of spine_turn, whichever way"),
    Measure("hands_span", "torso", LONG, ("wrist", "shoulder", "hip"), _hands_span,
            "distance between the wrists in space, from world landmarks: coarse"),
)
# fmt: on

MEASURES: dict[str, Measure] = {m.name: m for m in (*_SIDED, *_WHOLE)}
"""Every measure by name."""
SIDED: frozenset[str] = frozenset(m.name for m in _SIDED)
"""The measures for which a side makes a difference."""
