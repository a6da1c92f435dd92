"""Synthetic bodies by forward kinematics: joint angles in, a Pose out, so that every expected value is known.

Lengths are in torso lengths, y up, and the head end of a side-on body points to the right; ``_place`` turns
that into pixels. Bodies stand at odd places on purpose: no landmark falls exactly on a pixel's edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from posecheck.moment import Event, Moment
from posecheck.pose import N_LANDMARKS, PAIRS, SILHOUETTE_SIZE, FloatArray, Landmark, Pose, nobody
from posecheck.spec import Exercise
from posecheck.trainer import Trainer

FRAME = (640.0, 480.0)
TORSO = 130.0
"""Pixels."""
ARM, FOREARM, THIGH, SHANK, HEAD = 0.55, 0.5, 0.85, 0.85, 0.35
"""Lengths of the limbs, torso lengths."""
ELBOW_TIP = 0.035
"""How far off its joint an elbow is drawn, share of the arm: what ``routines/coaching.yaml`` takes back."""
_METRES = 0.5
"""A torso length in world landmarks."""

Shape = Mapping[str, Any]
Points = dict[str, FloatArray]

DOG: Shape = {"tilt": -45.0, "hip": 78.0, "knee": 172.0, "arm": 170.0, "elbow": 173.0, "head": 25.0, "turn": 0.0}
"""A good downward dog: the middle of what real ones read."""
ALL_FOURS: Shape = {"tilt": 8.0, "hip": 98.0, "knee": 90.0, "arm": 82.0, "elbow": 175.0, "head": 15.0, "turn": 0.0}
CHILD: Shape = {
    "tilt": -4.0, "hip": 42.0, "knee": 46.0, "arm": 165.0, "elbow": 173.0, "head": 45.0, "turn": 25.0,
    "legs": 0.62, "shift": 0.0,
}  # fmt: skip
"""A child's pose, hands, knees and feet on one line: short legs stand in for thighs under the belly."""
STANDING: Shape = {"tilt": 88.0, "hip": 176.0, "knee": 176.0, "arm": 8.0, "elbow": 165.0, "head": 5.0, "turn": 5.0}
LYING: Shape = {"tilt": 1.0, "hip": 176.0, "knee": 174.0, "arm": 8.0, "elbow": 165.0, "head": 0.0, "turn": 5.0}
CHAIR: Shape = {"tilt": 86.0, "hip": 95.0, "knee": 95.0, "arm": 30.0, "elbow": 110.0, "head": 5.0, "turn": 10.0}
SEATED: Shape = {"twist": 0.0, "hand_on_knee": False}
"""The square seat before a twist."""
TWISTED: Shape = {"twist": 25.0}


# --- side-on --------------------------------------------------------------------------------------------------


def side_body(
    t: float = 0.0,
    *,
    tilt: float,
    hip: float,
    knee: float,
    arm: float,
    elbow: float,
    head: float,
    turn: float | None = None,
    near: Literal["left", "right"] = "right",
    at: tuple[float, float] = (301.37, 193.61),
    torso: float = TORSO,
    size: tuple[float, float] = FRAME,
    scale: float = 0.3,
    apart: tuple[float, float] = (0.06, 0.02),
    hidden: Iterable[str] = (),
    shift: float = 0.0,
    legs: float = 1.0,
) -> Pose:
    """Return a body seen from the side.

    Args:
        t: Media time, seconds.
        tilt: Rise of the trunk from hip to shoulder, degrees.
        hip: Included angle shoulder-hip-knee, the thigh on the belly side.
        knee: Included angle hip-knee-ankle.
        arm: Included angle wrist-shoulder-hip, whatever the elbow does.
        elbow: Included angle shoulder-elbow-wrist.
        head: Turn from the trunk to the head, positive = toward the belly.
        turn: Turn of the back's outline, degrees; None: no silhouette.
        near: The side that faces the camera; the head end points right when it is hers to the right.
        at: Near hip, pixels, for a body that heads right.
        torso: Torso length, pixels.
        size: Frame, pixels.
        scale: Silhouette pixels per frame pixel.
        apart: Far side minus near side, torso lengths.
        hidden: Base names (``elbow``) whose both landmarks are invisible.
        legs: Length of her legs, share of the usual.
        shift: Slide of the hips along the floor toward the head, hands and knees staying, torso lengths.
    """
    points = _side_points(tilt, hip, knee, arm, elbow, head, legs)
    if shift:
        for name in ("hip", "shoulder", "ear", "nose"):
            points[name] = points[name] + np.array([shift, 0.0])
        points["elbow"] = points["elbow"] + np.array([shift / 2, 0.0])  # a long arm stays long
    right = near == "right"
    image = np.empty((N_LANDMARKS, 2))
    sign = 1.0 if right else -1.0
    origin = np.array([at[0] if right else size[0] - at[0], at[1]])
    for name, pair in _all_pairs(points):
        for landmark, offset in zip(pair if not right else pair[::-1], ((0.0, 0.0), apart), strict=True):
            point = (points[name] + offset) * torso
            image[landmark] = origin + _xy(sign * point[0], -point[1])
    nose = points["nose"] * torso
    image[Landmark.NOSE] = origin + _xy(sign * nose[0], -nose[1])
    visibility = np.full(N_LANDMARKS, 0.95)
    far = [pair[0 if right else 1] for pair in PAIRS.values()]
    visibility[far] = 0.65
    _hide(visibility, hidden)
    world = np.empty((N_LANDMARKS, 3))
    world[:, :2] = (image - origin) / torso * _METRES
    world[:, 2] = 0.0
    world[far, 2] = 0.25
    for i in (0, 1):
        image[PAIRS["elbow"][i]] = _at_the_tip(i, image, world, visibility, near=0 if near == "left" else 1)
    silhouette, silhouette_scale = None, None
    if turn is not None:
        middle = np.asarray(apart) * torso / 2
        base = (at[0] + middle[0], at[1] - middle[1])
        hips = (base[0] + shift * torso, base[1])
        silhouette = _side_mask(tilt, turn, hips, torso, size, scale)
        if not right:
            columns = round(size[0] * scale)
            mask = np.unpackbits(silhouette, axis=-1)
            mask[:, :columns] = mask[:, :columns][:, ::-1]
            silhouette = np.packbits(mask, axis=-1)
        silhouette_scale = np.asarray(scale)
    return Pose(np.asarray(t), image, visibility, world, np.array(size), silhouette, silhouette_scale)


def _at_the_tip(side: int, image: FloatArray, world: FloatArray, visibility: FloatArray, near: int) -> FloatArray:
    """Return an elbow drawn where the model draws it: off the joint, toward the belly (``Body.elbow``)."""
    i, j, k = (PAIRS[name][side] for name in ("shoulder", "elbow", "wrist"))
    limbs = [PAIRS[name][near] for name in ("wrist", "knee", "ankle")]
    belly = np.mean([image[limb] for limb in limbs if visibility[limb] >= 0.5] or [image[k]], axis=0)
    arm, reach_of = image[k] - image[i], world[k] - world[i]
    line = world[Landmark.LEFT_SHOULDER] - world[Landmark.RIGHT_SHOULDER]
    profile = 1 - (reach_of @ line) ** 2 / ((reach_of @ reach_of) * (line @ line))
    across = _xy(-arm[1], arm[0]) / np.hypot(*arm)
    drawn = image[j]
    for _ in range(8):
        reach = np.hypot(*(drawn - image[i])) + np.hypot(*(image[k] - drawn))
        depth = float((belly - image[i]) @ across) / reach
        drawn = image[j] + ELBOW_TIP * reach * depth / np.hypot(depth, 0.1) * profile * across
    return np.asarray(drawn)


def dog(t: float = 0.0, **changes: Any) -> Pose:
    """Return a good downward dog with changes."""
    return side_body(t, **{**DOG, **changes})


def all_fours(t: float = 0.0, **changes: Any) -> Pose:
    """Return a body on hands and knees with changes."""
    return side_body(t, **{**ALL_FOURS, **changes})


def _side_points(
    tilt: float, hip: float, knee: float, arm: float, elbow: float, head: float, legs: float = 1.0
) -> Points:
    """Return near landmarks around the hip, torso lengths, y up, head end to the right, belly clockwise."""
    trunk = _ray(tilt)
    thigh = tilt - hip
    shank = thigh - (180.0 - knee)
    knee_at = legs * THIGH * _ray(thigh)
    ankle = knee_at + legs * SHANK * _ray(shank)
    # The wrist is where `arm` says; the upper arm turns back by what the bent elbow turns forward.
    bend = 180.0 - elbow
    along = ARM + FOREARM * np.exp(1j * np.radians(bend))
    upper = tilt + 180.0 + arm - float(np.degrees(np.angle(along)))
    elbow_at = trunk + ARM * _ray(upper)
    wrist = elbow_at + FOREARM * _ray(upper + bend)
    ear = trunk + HEAD * _ray(tilt - head)
    return {
        "hip": np.zeros(2),
        "shoulder": trunk,
        "knee": knee_at,
        "ankle": ankle,
        "heel": ankle + 0.08 * _ray(shank),
        "foot_index": ankle + 0.2 * _ray(shank + 60.0),
        "elbow": elbow_at,
        "wrist": wrist,
        "index": wrist + 0.1 * _ray(upper + bend),
        "ear": ear,
        "nose": ear + 0.15 * _ray(tilt - head - 90.0),
    }


@lru_cache(maxsize=4096)
def _side_mask(
    tilt: float,
    turn: float,
    hip: tuple[float, float],
    torso: float,
    size: tuple[float, float],
    scale: float,
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the packed mask of a trunk whose back is a parabola with the given turn between the end stations."""
    curve = float(np.tan(np.radians(turn / 2))) / 0.8
    pixel = np.arange(SILHOUETTE_SIZE)
    x = ((pixel + 0.5) / scale - hip[0])[None, :] / torso
    y = -((pixel + 0.5) / scale - hip[1])[:, None] / torso
    along, across = _ray(tilt), _ray(tilt + 90.0)
    u = x * along[0] + y * along[1]
    d = x * across[0] + y * across[1]
    back = 0.3 - curve * (u - 0.5) ** 2
    inside = (u > -0.15) & (u < 1.15) & (d < back) & (d > -0.35)
    inside &= (pixel < round(size[0] * scale))[None, :] & (pixel < round(size[1] * scale))[:, None]
    return np.packbits(inside, axis=-1)


# --- seated, from the front -----------------------------------------------------------------------------------


def seated(
    t: float = 0.0,
    *,
    twist: float = 0.0,
    head: float = 0.0,
    raised: Literal["left", "right"] = "left",
    knee_up: float = 0.35,
    knee_out: float = 0.3,
    other_knee: float = -0.15,
    hand_on_knee: bool = True,
    lean: float = 0.0,
    height: float = 1.0,
    hips: float = 0.0,
    torso: float = 110.0,
    at: tuple[float, float] = (322.71, 301.13),
    size: tuple[float, float] = FRAME,
    hidden: Iterable[str] = (),
) -> Pose:
    """Return a person sitting on the floor and facing the camera.

    Args:
        t: Media time, seconds.
        twist: Turn of the shoulders over the hips, degrees, positive = to her left.
        head: Turn of the head over the shoulders, positive = to her left.
        raised: Which knee is up.
        knee_up: Height of that knee over the hips, torso lengths of an upright trunk.
        knee_out: How far outward of the hips that knee is.
        other_knee: Height of the other knee.
        hand_on_knee: Whether the other hand is on the raised knee.
        lean: Side bend, degrees, positive = to her left (the right of the picture).
        height: Trunk as seen, share of its upright length.
        hips: Slope of the hip line, positive = her left side higher.
        torso: Upright torso length, pixels.
        at: Between the hips, pixels.
        size: Frame, pixels.
        hidden: Base names whose both landmarks are invisible.
    """
    side = 1.0 if raised == "left" else -1.0  # her left is the right of the picture
    up, down = _xy(side * knee_out, knee_up), _xy(-side * 0.25, other_knee)
    middle = height * _ray(90.0 - lean)
    half = 0.37 * float(np.cos(np.radians(twist)))
    shoulders = {"left": middle + _xy(half, 0.0), "right": middle - _xy(half, 0.0)}
    away = "right" if raised == "left" else "left"
    hand = up + _xy(-side * 0.08, 0.02) if hand_on_knee else _xy(-side * 0.75, -0.05)
    elbows = {away: (shoulders[away] + hand) / 2 + _xy(-side * 0.12, 0.0), raised: _xy(side * 0.6, 0.4)}
    points: dict[str, dict[str, FloatArray]] = {
        "shoulder": shoulders,
        "hip": {"left": 0.16 * _ray(hips), "right": -0.16 * _ray(hips)},
        "knee": {raised: up, away: down},
        "ankle": {raised: _xy(side * 0.15, -0.2), away: _xy(side * 0.05, -0.28)},
        "elbow": elbows,
        "wrist": {away: hand, raised: _xy(side * 0.75, -0.05)},
        "ear": {"left": middle + _xy(0.12, 0.3), "right": middle + _xy(-0.12, 0.3)},
    }
    points |= {"heel": points["ankle"], "foot_index": points["ankle"], "index": points["wrist"]}
    nose = middle + _xy(0.0, 0.28)
    return _facing_pose(t, points, nose, (twist, twist + head), torso, at, size, hidden)


def facing(
    t: float = 0.0,
    *,
    standing: bool = False,
    shrug: float = 0.0,
    hitch: float = 0.0,
    tilt: float = 0.0,
    lean: float = 0.0,
    height: float = 1.0,
    folded: bool = False,
    lift: float = -0.1,
    elbows: float = 0.25,
    wrists: float = 0.08,
    rise: float = 0.5,
    tipped: float = 0.0,
    wound: bool = False,
    torso: float = 110.0,
    at: tuple[float, float] = (322.71, 251.13),
    size: tuple[float, float] = FRAME,
    hidden: Iterable[str] = (),
) -> Pose:
    """Return a person facing the camera, cross-legged with her hands on her knees, or standing.

    Args:
        t: Media time, seconds.
        standing: Standing, her arms hanging, instead of sitting.
        shrug: How far both shoulders are raised, torso lengths.
        hitch: Slope of the shoulders, degrees, positive = her left one higher.
        tilt: Lean of the head, degrees, positive = to her left.
        lean: Side bend, degrees, positive = to her left (the right of the picture).
        height: Trunk as seen, share of its upright length.
        folded: Arms in front of the chest, forearms up.
        lift: Height of folded elbows over unraised shoulders, torso lengths.
        elbows: Distance between folded elbows.
        wrists: Distance between the wrists over them.
        rise: How far the hands are over the elbows.
        tipped: Lean of folded forearms, degrees, positive = to her left.
        wound: Thighs crossed, each knee on the other's side.
        torso: Upright torso length, pixels.
        at: Between the hips, pixels.
        size: Frame, pixels.
        hidden: Base names whose both landmarks are invisible.
    """
    middle = height * _ray(90.0 - lean)
    chest = middle + _xy(0.0, lift)
    neck = middle + _xy(0.1 * float(np.sin(np.radians(tilt))), 0.45)
    points: dict[str, dict[str, FloatArray]] = {}

    def pair(name: str, place: Callable[[float], FloatArray]) -> None:
        points[name] = {"left": place(1.0), "right": place(-1.0)}

    pair("shoulder", lambda side: middle + _xy(0.0, shrug) + side * 0.37 * _ray(hitch))
    pair("ear", lambda side: neck + side * 0.12 * _ray(-tilt))
    pair("hip", lambda side: _xy(side * 0.16, 0.0))
    pair("knee", lambda side: _xy(side * 0.18, -0.85) if standing else _xy(side * 0.75, -0.1))
    if wound:
        points["knee"] = {"left": points["knee"]["right"], "right": points["knee"]["left"]}
    pair("ankle", lambda side: _xy(side * 0.16, -1.65) if standing else _xy(side * 0.2, -0.25))
    pair("elbow", lambda side: _xy(side * 0.52, 0.45))
    pair("wrist", lambda side: _xy(side * 0.55, 0.0))
    if folded:
        pair("elbow", lambda side: chest + _xy(side * elbows / 2, 0.0))
        pair("wrist", lambda side: chest + rise * _ray(90.0 - tipped) + _xy(side * wrists / 2, 0.0))
    points |= {"heel": points["ankle"], "foot_index": points["ankle"], "index": points["wrist"]}
    return _facing_pose(t, points, neck - _xy(0.0, 0.02), (0.0, 0.0), torso, at, size, hidden)


def _facing_pose(
    t: float,
    points: dict[str, dict[str, FloatArray]],
    nose: FloatArray,
    turns: tuple[float, float],
    torso: float,
    at: tuple[float, float],
    size: tuple[float, float],
    hidden: Iterable[str],
) -> Pose:
    """Return points that face the camera as a pose; ``turns`` of shoulders and head to her left, degrees."""
    origin = np.asarray(at)
    image = np.empty((N_LANDMARKS, 2))
    world = np.empty((N_LANDMARKS, 3))
    axes = {"shoulder": (0.17, turns[0]), "ear": (0.08, turns[1])}
    for name, pair in _all_pairs(points):
        for landmark, which in zip(pair, ("left", "right"), strict=True):
            point = points[name][which]
            image[landmark] = origin + _xy(torso * point[0], -torso * point[1])
            world[landmark] = (_METRES * point[0], -_METRES * point[1], 0.0)
            if name in axes:
                width, turn = axes[name]
                sign = 1.0 if which == "left" else -1.0
                world[landmark, 0] = sign * width * np.cos(np.radians(turn))
                world[landmark, 2] = sign * width * np.sin(np.radians(turn))
    image[Landmark.NOSE] = origin + _xy(torso * nose[0], -torso * nose[1])
    world[Landmark.NOSE] = (_METRES * nose[0], -_METRES * nose[1], -0.1)
    visibility = np.full(N_LANDMARKS, 0.97)
    visibility[[pair[1] for pair in PAIRS.values()]] = 0.96  # a tie would leave the near side to chance
    _hide(visibility, hidden)
    return Pose(np.asarray(t), image, visibility, world, np.array(size))


# --- on the back, from beside and above ------------------------------------------------------------------------


def supine(
    t: float = 0.0,
    *,
    knee: Literal["near", "far"] = "far",
    knee_up: float = 0.0,
    crossed: float = 0.0,
    arm: float = 100.0,
    elbow: float = 168.0,
    shoulders: float = 0.36,
    near: Literal["left", "right"] = "left",
    torso: float = 130.0,
    at: tuple[float, float] = (311.37, 243.61),
    size: tuple[float, float] = FRAME,
) -> Pose:
    """Return a person lying across the picture on her back, seen by a raised camera: what is near is lower.

    Args:
        t: Media time, seconds.
        knee: The leg that bends.
        knee_up: Height of its knee over the hips, torso lengths; 0 = the leg lies straight.
        crossed: 0 = its knee over its own hip, 1 = down on the other side: toward the camera if it is the far one.
        arm: Near arm's angle with the trunk, at the shoulder, degrees; the far arm is hidden by the body.
        elbow: Included angle at the near elbow.
        shoulders: Shoulder width as seen, torso lengths.
        near: Her side toward the camera; her head is to the right of the picture if that is her left.
        torso: Torso length, pixels.
        at: Between the hips, pixels, for a head to the right.
        size: Frame, pixels.
    """
    hips, half = _xy(0.0, 0.1), _xy(0.0, shoulders / 2)
    points: dict[str, dict[str, FloatArray]] = {
        "hip": {"near": -hips, "far": hips},
        "shoulder": {"near": _xy(1.0, 0.0) - half, "far": _xy(1.0, 0.0) + half},
        "ear": {"near": _xy(1.3, -0.04), "far": _xy(1.3, 0.04)},
        "knee": {"near": _xy(-0.85, -0.12), "far": _xy(-0.85, 0.03)},
        "ankle": {"near": _xy(-1.65, -0.1), "far": _xy(-1.65, 0.06)},
    }
    if knee_up or crossed:
        over = _xy(-0.5, -0.35 * crossed) if knee == "far" else _xy(-0.5, 0.0)
        points["knee"][knee] = over + _xy(0.0, knee_up)
        points["ankle"][knee] = _xy(-0.8, 0.0)
    toward = points["hip"]["near"] - points["shoulder"]["near"]
    along = float(np.degrees(np.arctan2(toward[1], toward[0]))) + arm
    near_elbow = points["shoulder"]["near"] + 0.4 * _ray(along)
    far_elbow = points["shoulder"]["far"] + _xy(0.0, 0.12)
    points["elbow"] = {"near": near_elbow, "far": far_elbow}
    points["wrist"] = {"near": near_elbow + 0.38 * _ray(along + 180.0 - elbow), "far": far_elbow + _xy(0.0, 0.12)}
    points |= {"heel": points["ankle"], "foot_index": points["ankle"], "index": points["wrist"]}
    right = near == "left"
    sign = 1.0 if right else -1.0
    origin = np.array([at[0] if right else size[0] - at[0], at[1]])
    image = np.empty((N_LANDMARKS, 2))
    world = np.zeros((N_LANDMARKS, 3))
    visibility = np.full(N_LANDMARKS, 0.97)
    for name, pair in _all_pairs(points):
        for landmark, which in zip(pair if right else pair[::-1], ("near", "far"), strict=True):
            point = points[name][which]
            image[landmark] = origin + torso * _xy(sign * point[0], -point[1])
            world[landmark] = (sign * _METRES * point[0], 0.0, 0.17 if which == "far" else -0.17)
            if which == "far":
                visibility[landmark] = 0.2 if name in ("elbow", "wrist", "index", "thumb", "pinky") else 0.7
    # Hips roll with the knee: toward the camera if it is the far one.
    roll = np.radians(40.0 * crossed) * (1.0 if knee == "far" else -1.0)
    for landmark, which in zip(PAIRS["hip"] if right else PAIRS["hip"][::-1], ("near", "far"), strict=True):
        depth = 0.12 if which == "far" else -0.12
        world[landmark, 1:] = (-depth * np.sin(roll), depth * np.cos(roll))
    image[Landmark.NOSE] = origin + torso * _xy(sign * 1.33, -0.16)
    return Pose(np.asarray(t), image, visibility, world, np.array(size))


def _xy(x: float, y: float) -> FloatArray:
    return np.array([x, y])


def _ray(degrees: float) -> FloatArray:
    return _xy(np.cos(np.radians(degrees)), np.sin(np.radians(degrees)))


_STAND_IN = {
    "thumb": "index",
    "pinky": "index",
    "eye": "ear",
    "eye_inner": "ear",
    "eye_outer": "ear",
    "mouth": "ear",
}


def _all_pairs(points: Mapping[str, object]) -> list[tuple[str, tuple[Landmark, Landmark]]]:
    """Return every pair of landmarks with the name of the point that stands for it."""
    return [(name if name in points else _STAND_IN[name], pair) for name, pair in PAIRS.items()]


def _hide(visibility: FloatArray, hidden: Iterable[str]) -> None:
    for name in hidden:
        visibility[[Landmark.NOSE] if name == "nose" else list(PAIRS[name])] = 0.1


# --- over time ------------------------------------------------------------------------------------------------


def between(a: Shape, b: Shape, share: float) -> dict[str, Any]:
    """Return the shape a share of the way from one to another; what is not a number is the nearer one's."""
    out: dict[str, Any] = {}
    for key in {**a, **b}:
        x, y = a.get(key, b.get(key)), b.get(key, a.get(key))
        mixes = isinstance(x, float) and isinstance(y, float)
        out[key] = x + (y - x) * share if mixes else (x if share < 0.5 else y)
    return out


def timeline(*stops: tuple[float, Shape]) -> Callable[[float], dict[str, Any]]:
    """Return the shape at any time: straight lines between stops ``(t, shape)``."""

    def at(t: float) -> dict[str, Any]:
        for (t0, a), (t1, b) in pairwise(stops):
            if t <= t1:
                return between(a, b, min(1.0, max(0.0, (t - t0) / (t1 - t0))))
        return dict(stops[-1][1])

    return at


def times(duration: float, fps: float, start: float = 0.0) -> list[float]:
    """Return instants at a frame rate."""
    return [start + i / fps for i in range(int(duration * fps) + 1)]


def film(
    shape: Callable[[float], Shape], instants: Sequence[float], body: Callable[..., Pose] = side_body
) -> list[Pose]:
    """Return a body's poses over time."""
    return [body(t, **shape(t)) for t in instants]


def still(body: Callable[..., Pose], instants: Sequence[float], **shape: Any) -> list[Pose]:
    """Return one shape kept over time."""
    return [body(t, **shape) for t in instants]


def gone(instants: Sequence[float]) -> list[Pose]:
    """Return an empty picture over time."""
    return [nobody(t, FRAME) for t in instants]


def play(trainer: Trainer, poses: Iterable[Pose]) -> list[Moment]:
    """Return the trainer's moments."""
    return [trainer.push(pose) for pose in poses]


def events(moments: Iterable[Moment], *kinds: str) -> list[Event]:
    """Return the events of some kinds, or all."""
    return [e for m in moments for e in m.events if not kinds or e.kind in kinds]


def in_phases(cat: Exercise) -> Exercise:
    """Return two rounds of cat, three seconds of rest on all fours and a hold of two, as phases."""
    assert cat.cycles is not None
    two, clock = cat.cycles.model_copy(update={"target": 2}), {"grace": "1 s"}
    names = {"rounds": "rounds", "rest": "rest", "hold": "a hold"}
    what: dict[str, dict[str, object]] = {
        "rounds": {"cycles": two},
        "rest": {"timed": {"target": "3 s", **clock}},
        "hold": {"hold": {"target": "2 s", "times": 1, "resume_within": "20 s", **clock}},
    }
    phases = [
        {"id": name, "name": {"en": names[name]}, "say": {"en": f"Now {names[name]}."}, **what[name]}
        for name in what
    ]
    return cat.changed(cycles=None, phases=phases, steps=cat.steps.changed(during=None))
