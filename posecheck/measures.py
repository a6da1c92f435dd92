"""The catalogue of named quantities that definitions may refer to, each with its unit, range and needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from posecheck import geometry, silhouette
from posecheck.pose import N_LANDMARKS, PAIRS, FloatArray, Landmark, Pose

Unit = Literal["deg", "torso", "frame", "ratio"]
MeasureSide = Literal["near", "left", "right"]

_SIDED = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
"""The landmarks whose mean visibility tells which side faces the camera."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What counts as seen; the numbers and their sources live in ``routines/coaching.yaml``.

    Attributes:
        min_visibility: A landmark under this visibility is unknown.
        min_outline_share: Share of the back's stations where the outline must be met.
        min_torso_px: Shortest torso, in silhouette pixels, whose outline can be read.
        max_side_view: Largest shoulder width over torso length at which the outline is the back's.
    """

    min_visibility: float
    min_outline_share: float
    min_torso_px: float
    max_side_view: float


class Body:
    """A pose as the measures see it: unseen landmarks are NaN, one side is the near one.

    Every array keeps the leading axes of the pose; values are computed when first asked for.
    """

    def __init__(self, pose: Pose, near: NDArray[np.intp], sight: Sight) -> None:
        """Prepare the landmarks.

        Args:
            pose: Landmarks over leading axes ``(...,)``.
            near: 0 where the left side faces the camera, 1 where the right, shape ``(...,)``.
            sight: What counts as seen.
        """
        self.pose = pose
        self.near = near
        self.sight = sight
        seen = pose.visibility >= sight.min_visibility
        self._image = np.where(seen[..., None], pose.image, np.nan)
        self._world = np.where(seen[..., None], pose.world, np.nan)

    def at(self, name: str, side: MeasureSide = "near") -> FloatArray:
        """Return a landmark by base name (``"hip"``) on one side, pixels, shape ``(..., 2)``."""
        left, right = PAIRS[name]
        if side == "near":
            return np.where((self.near == 0)[..., None], self._image[..., left, :], self._image[..., right, :])
        return self._image[..., left if side == "left" else right, :]

    def mid(self, name: str) -> FloatArray:
        """Return the point between a left and a right landmark, pixels, shape ``(..., 2)``."""
        return (self.at(name, "left") + self.at(name, "right")) / 2

    def world(self, name: str, side: Literal["left", "right"]) -> FloatArray:
        """Return a landmark in metres, shape ``(..., 3)``."""
        return self._world[..., PAIRS[name][side == "right"], :]

    def nose(self) -> FloatArray:
        """Return the nose, pixels, shape ``(..., 2)``."""
        return self._image[..., Landmark.NOSE, :]

    @cached_property
    def trunk(self) -> tuple[FloatArray, FloatArray]:
        """Hip and shoulder: between both sides where all four are seen, else the near ones, ``(..., 2)``."""
        hip, shoulder = self.mid("hip"), self.mid("shoulder")
        whole = np.isfinite(hip[..., :1]) & np.isfinite(shoulder[..., :1])
        return np.where(whole, hip, self.at("hip")), np.where(whole, shoulder, self.at("shoulder"))

    @cached_property
    def torso(self) -> FloatArray:
        """Torso length T in pixels, shape ``(...,)``: the unit of every length."""
        hip, shoulder = self.trunk
        return geometry.length(shoulder - hip)

    @cached_property
    def headward(self) -> FloatArray:
        """+1 where the head end of the near side lies to the right in the picture, else -1, ``(...,)``."""
        return np.sign(self.at("shoulder")[..., 0] - self.at("hip")[..., 0])

    @cached_property
    def ventral(self) -> FloatArray:
        """A point on the belly side of the trunk: the mean of the near limbs that are seen, ``(..., 2)``."""
        limbs = np.stack([self.at(name) for name in ("wrist", "knee", "ankle")])
        seen = np.isfinite(limbs)
        count = seen.sum(axis=0)
        total = np.where(seen, limbs, 0.0).sum(axis=0)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @cached_property
    def view_ratio(self) -> FloatArray:
        """Shoulder width over torso length, shape ``(...,)``: small from the side, large from the front."""
        return geometry.length(self.at("shoulder", "left") - self.at("shoulder", "right")) / self.torso

    @cached_property
    def outline(self) -> silhouette.BackOutline | None:
        """The outline of the back; None without a silhouette."""
        if self.pose.silhouette is None or self.pose.silhouette_scale is None:
            return None
        hip, shoulder = self.trunk
        return silhouette.trace_back(
            self.pose.silhouette, self.pose.silhouette_scale, self.pose.frame_size, hip, shoulder, self.ventral
        )

    def outline_turn(self, first: float, last: float) -> FloatArray:
        """Return the turn of the back between two stations, degrees; NaN where it cannot be read."""
        if self.outline is None:
            return np.full(self.near.shape, np.nan)
        turn = silhouette.back_turn(self.outline, first, last, self.sight.min_outline_share)
        return np.where(self.outline_readable, turn, np.nan)

    @cached_property
    def outline_readable(self) -> NDArray[np.bool_]:
        """Whether the outline is large enough and seen from the side, shape ``(...,)``."""
        if self.outline is None:
            return np.zeros(self.near.shape, bool)
        fine = self.outline.torso_px >= self.sight.min_torso_px
        return fine & ~(self.view_ratio > self.sight.max_side_view)

    def ahead(self, name: str, origin: str, side: MeasureSide) -> FloatArray:
        """Return how far ``name`` lies headward of ``origin`` in the picture, torso lengths, ``(...,)``."""
        return (self.at(name, side) - self.at(origin, side))[..., 0] * self.headward / self.torso

    def below(self, name: str, origin: str, side: MeasureSide) -> FloatArray:
        """Return how far ``name`` lies below ``origin`` in the picture, torso lengths, shape ``(...,)``."""
        return (self.at(name, side) - self.at(origin, side))[..., 1] / self.torso


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
        sided: Whether ``side`` makes a difference.
    """

    name: str
    unit: Unit
    domain: tuple[float, float]
    needs: tuple[str, ...]
    compute: Callable[[Body, MeasureSide], FloatArray]
    summary: str
    silhouette: bool = False
    sided: bool = True


def choose_near(visibility: FloatArray) -> NDArray[np.intp]:
    """Return which side faces the camera at each instant: 0 left, 1 right.

    Args:
        visibility: Shape ``(..., 33)``.

    Returns:
        Shape ``(...,)``; 0 where nobody is seen. A single instant decides here; over time the choice is
        latched (``smoothing.latch_step``).
    """
    balance = side_balance(visibility)
    return np.asarray(balance < 0).astype(np.intp)


def side_balance(visibility: FloatArray) -> FloatArray:
    """Return mean visibility of the left side minus the right's, shape ``(...,)``; NaN where nobody is."""
    left = [PAIRS[name][0] for name in _SIDED]
    right = [PAIRS[name][1] for name in _SIDED]
    balance: FloatArray = (visibility[..., left] - visibility[..., right]).sum(axis=-1) / len(_SIDED)
    return balance


def measure_all(names: Iterable[str], body: Body, side: MeasureSide = "near") -> dict[str, FloatArray]:
    """Return the named measures of a body, each with the body's leading axes."""
    return {name: MEASURES[name].compute(body, side) for name in names}


def _joint(a: str, vertex: str, c: str) -> Callable[[Body, MeasureSide], FloatArray]:
    return lambda b, s: geometry.included_angle(b.at(a, s), b.at(vertex, s), b.at(c, s))


def _head_angle(b: Body, s: MeasureSide) -> FloatArray:
    trunk = b.at("shoulder", s) - b.at("hip", s)
    belly = geometry.signed_angle(trunk, b.ventral - b.at("hip", s))
    return geometry.signed_angle(trunk, b.at("ear", s) - b.at("shoulder", s)) * np.sign(belly)


def _axial_twist(b: Body) -> FloatArray:
    shoulders = geometry.azimuth(b.world("shoulder", "left") - b.world("shoulder", "right"))
    hips = geometry.azimuth(b.world("hip", "left") - b.world("hip", "right"))
    return geometry.wrap(shoulders - hips)


def _head_twist(b: Body) -> FloatArray:
    ears = geometry.azimuth(b.world("ear", "left") - b.world("ear", "right"))
    shoulders = geometry.azimuth(b.world("shoulder", "left") - b.world("shoulder", "right"))
    return geometry.wrap(ears - shoulders)


def _larger(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the larger of two sides, the one that is seen where the other is not."""
    return np.fmax(left, right)


def _smaller(left: FloatArray, right: FloatArray) -> FloatArray:
    return np.fmin(left, right)


def _raised_knee(b: Body) -> FloatArray:
    hip = b.trunk[0]
    left, right = ((hip - b.at("knee", s))[..., 1] / b.torso for s in ("left", "right"))
    return _larger(left, right)


def _hand_to_knee(b: Body) -> FloatArray:
    """Distance from the hand or elbow to the opposite knee, the nearer pair of the two."""

    def pair(hand: MeasureSide, knee: MeasureSide) -> FloatArray:
        target = b.at("knee", knee)
        return _smaller(
            geometry.length(b.at("wrist", hand) - target), geometry.length(b.at("elbow", hand) - target)
        )

    return _smaller(pair("left", "right"), pair("right", "left")) / b.torso


def _seat(b: Body) -> FloatArray:
    """How far the feet are below the hips: near 0 on the floor, about 1.5 standing."""
    hip = b.trunk[0]
    left, right = ((b.at("ankle", s) - hip)[..., 1] / b.torso for s in ("left", "right"))
    return _larger(left, right)


MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure(
            "elbow_angle",
            "deg",
            (0, 180),
            ("shoulder", "elbow", "wrist"),
            _joint("shoulder", "elbow", "wrist"),
            "included angle at the elbow; 180 = straight",
        ),
        Measure(
            "knee_angle",
            "deg",
            (0, 180),
            ("hip", "knee", "ankle"),
            _joint("hip", "knee", "ankle"),
            "included angle at the knee; 180 = straight",
        ),
        Measure(
            "hip_angle",
            "deg",
            (0, 180),
            ("shoulder", "hip", "knee"),
            _joint("shoulder", "hip", "knee"),
            "included angle at the hip between trunk and thigh",
        ),
        Measure(
            "arm_line",
            "deg",
            (0, 180),
            ("wrist", "shoulder", "hip"),
            _joint("wrist", "shoulder", "hip"),
            "included angle at the shoulder between wrist and hip; 180 = arms in line with the trunk",
        ),
        Measure(
            "trunk_tilt",
            "deg",
            (-90, 90),
            ("hip", "shoulder"),
            lambda b, s: geometry.elevation(b.at("shoulder", s) - b.at("hip", s)),
            "rise of the trunk from hip to shoulder; 90 = upright, 0 = level, negative = head down",
        ),
        Measure(
            "hip_rise",
            "torso",
            (-1.5, 1.5),
            ("hip", "shoulder"),
            lambda b, s: b.below("shoulder", "hip", s),
            "how far the hip is above the shoulder",
        ),
        Measure(
            "wrist_drop",
            "torso",
            (-3, 3),
            ("hip", "wrist"),
            lambda b, s: b.below("wrist", "hip", s),
            "how far the wrist is below the hip",
        ),
        Measure(
            "shoulder_drop",
            "torso",
            (-3, 3),
            ("shoulder", "wrist"),
            lambda b, s: b.below("wrist", "shoulder", s),
            "how far the wrist is below the shoulder",
        ),
        Measure(
            "knee_drop",
            "torso",
            (-3, 3),
            ("hip", "knee"),
            lambda b, s: b.below("knee", "hip", s),
            "how far the knee is below the hip",
        ),
        Measure(
            "hip_heel",
            "torso",
            (0, 4),
            ("hip", "ankle"),
            lambda b, s: geometry.length(b.at("hip", s) - b.at("ankle", s)) / b.torso,
            "distance from hip to ankle",
        ),
        Measure(
            "wrist_ahead",
            "torso",
            (-3, 3),
            ("wrist", "shoulder"),
            lambda b, s: b.ahead("wrist", "shoulder", s),
            "how far the wrist is headward of the shoulder in the picture",
        ),
        Measure(
            "knee_ahead",
            "torso",
            (-3, 3),
            ("knee", "hip"),
            lambda b, s: b.ahead("knee", "hip", s),
            "how far the knee is headward of the hip in the picture",
        ),
        Measure(
            "span",
            "torso",
            (0, 6),
            ("wrist", "ankle"),
            lambda b, s: geometry.length(b.at("wrist", s) - b.at("ankle", s)) / b.torso,
            "distance from hand to foot",
        ),
        Measure(
            "head_angle",
            "deg",
            (-180, 180),
            ("ear", "shoulder", "hip"),
            _head_angle,
            "turn from the trunk to the head; positive = chin toward the chest, negative = head lifted back",
        ),
        Measure(
            "back_turn",
            "deg",
            (-360, 360),
            ("shoulder", "hip"),
            lambda b, s: b.outline_turn(0.0, 1.0),
            "turn of the back's outline; positive = rounded, negative = hollow",
            silhouette=True,
            sided=False,
        ),
        Measure(
            "back_turn_lower",
            "deg",
            (-360, 360),
            ("shoulder", "hip"),
            lambda b, s: b.outline_turn(0.0, 0.5),
            "turn of the lower half of the back's outline",
            silhouette=True,
            sided=False,
        ),
        Measure(
            "back_turn_upper",
            "deg",
            (-360, 360),
            ("shoulder", "hip"),
            lambda b, s: b.outline_turn(0.5, 1.0),
            "turn of the upper half of the back's outline",
            silhouette=True,
            sided=False,
        ),
        Measure(
            "back_sagitta",
            "ratio",
            (-2, 2),
            ("shoulder", "hip"),
            lambda b, s: (
                np.where(b.outline_readable, silhouette.back_sagitta(b.outline), np.nan)
                if b.outline is not None
                else np.full(b.near.shape, np.nan)
            ),
            "greatest distance of the back's outline from its chord, over the chord",
            silhouette=True,
            sided=False,
        ),
        Measure(
            "view_ratio",
            "ratio",
            (0, 10),
            ("shoulder", "hip"),
            lambda b, s: b.view_ratio,
            "shoulder width over torso length; small from the side, large from the front",
            sided=False,
        ),
        Measure(
            "torso_height",
            "frame",
            (-3, 3),
            ("shoulder", "hip"),
            lambda b, s: (b.trunk[0] - b.trunk[1])[..., 1] / b.pose.frame_size[1],
            "height of the trunk in the picture; sound only against her own neutral",
            sided=False,
        ),
        Measure(
            "side_bend",
            "deg",
            (-180, 180),
            ("shoulder", "hip"),
            lambda b, s: geometry.side_lean(b.mid("shoulder") - b.mid("hip")),
            "lean of the trunk from upright; positive = to the right of the picture",
            sided=False,
        ),
        Measure(
            "shoulder_slope",
            "deg",
            (-90, 90),
            ("shoulder",),
            lambda b, s: geometry.line_slope(b.at("shoulder", "left"), b.at("shoulder", "right")),
            "slope of the shoulder line; positive = her left side higher",
            sided=False,
        ),
        Measure(
            "hip_slope",
            "deg",
            (-90, 90),
            ("hip",),
            lambda b, s: geometry.line_slope(b.at("hip", "left"), b.at("hip", "right")),
            "slope of the hip line; positive = her left side higher",
            sided=False,
        ),
        Measure(
            "axial_twist",
            "deg",
            (-180, 180),
            ("shoulder", "hip"),
            lambda b, s: _axial_twist(b),
            "turn of the shoulders over the hips about the vertical, from world landmarks: coarse; "
            "positive = to her left",
            sided=False,
        ),
        Measure(
            "head_twist",
            "deg",
            (-180, 180),
            ("ear", "shoulder"),
            lambda b, s: _head_twist(b),
            "turn of the head over the shoulders, from world landmarks: coarse; positive = to her left",
            sided=False,
        ),
        Measure(
            "raised_knee",
            "torso",
            (-3, 3),
            ("hip", "knee"),
            lambda b, s: _raised_knee(b),
            "how far the higher knee is above the hips",
            sided=False,
        ),
        Measure(
            "hand_to_knee",
            "torso",
            (0, 6),
            ("wrist", "knee"),
            lambda b, s: _hand_to_knee(b),
            "distance from hand or elbow to the opposite knee, the nearer pair",
            sided=False,
        ),
        Measure(
            "foot_drop",
            "torso",
            (-3, 4),
            ("hip", "ankle"),
            lambda b, s: _seat(b),
            "how far the lower foot is below the hips; near 0 seated on the floor, about 1.5 standing",
            sided=False,
        ),
    )
}
"""Every measure by name."""

assert all(name in PAIRS or name == "nose" for m in MEASURES.values() for name in m.needs)
assert len(Landmark) == N_LANDMARKS
