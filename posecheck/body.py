"""A pose as the measures see it: unseen landmarks unknown, one side the near one, lengths in torso lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from posecheck import geometry, silhouette
from posecheck.pose import NAMED, PAIRS, BoolArray, FloatArray, Pose
from posecheck.tracking import ReversedLimits, looks_reversed

MeasureSide = Literal["near", "left", "right"]
SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")

_SIDED = np.array([PAIRS[name] for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")]).T
"""The landmarks whose mean visibility tells which side faces the camera: left ones, right ones."""


class Sight(ReversedLimits, Protocol):
    """What counts as seen; the numbers and their sources live in ``routines/coaching.yaml``."""

    @property
    def min_outline_share(self) -> float:
        """Share of the back's stations where the outline must be met."""

    @property
    def min_outline_cut(self) -> float:
        """The same where the rest of the back lies at the edge of the frame."""

    @property
    def max_outline_roughness(self) -> float:
        """Largest roughness of a back's outline, torso lengths, beyond one pixel of the silhouette."""

    @property
    def min_torso_px(self) -> float:
        """Shortest torso, in silhouette pixels, whose outline can be read."""

    @property
    def max_side_view(self) -> float:
        """Largest shoulder width over torso length at which the outline is the back's."""

    @property
    def min_torso_ratio(self) -> float:
        """Torso length over shoulder width, at least; a torso that looks shorter is foreshortened."""

    @property
    def max_folded_length(self) -> float:
        """Length over height of a silhouette, at most, in which a straight body may be a folded one."""

    @property
    def elbow_tip(self) -> float:
        """Share of the arm's length by which the model's elbow lies off the middle of the joint."""

    @property
    def in_line(self) -> float:
        """Share of the arm's length beside its line within which the rest of the body lies in line with it."""


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
        self.exchanged = head_for_tail(pose, sight)
        if self.exchanged.any():
            pose = _exchange_ends(pose, self.exchanged)
        self.pose = pose
        self.near = near
        self.sight = sight
        self._seen = (pose.visibility >= sight.min_visibility)[..., None]
        self._image = np.where(self._seen, pose.image, np.nan)
        self._points: dict[tuple[str, MeasureSide], FloatArray] = {}

    @classmethod
    def by_itself(cls, pose: Pose, sight: Sight) -> Self:
        """Return the body with the near side chosen at each instant by itself, without time."""
        return cls(pose, choose_near(pose.visibility), sight)

    def at(self, name: str, side: MeasureSide = "near") -> FloatArray:
        """Return a landmark by base name (``"hip"``) on one side, pixels, shape ``(..., 2)``."""
        point = self._points.get((name, side))
        if point is None:
            point = self._one(self._image, name, side)
            self._points[name, side] = point
        return point

    def _one(self, points: FloatArray, name: str, side: MeasureSide) -> FloatArray:
        """Return one landmark of all, by base name and side, shape ``(..., d)`` of ``(..., 33, d)``."""
        left, right = NAMED[name]
        if side == "near" and self.near.ndim:
            return np.where((self.near == 0)[..., None], points[..., left, :], points[..., right, :])
        return points[..., right if side == "right" or (side == "near" and self.near) else left, :]

    def mid(self, name: str) -> FloatArray:
        """Return the point between a left and a right landmark, pixels, shape ``(..., 2)``."""
        return (self.at(name, "left") + self.at(name, "right")) / 2

    def world(self, name: str, side: Literal["left", "right"]) -> FloatArray:
        """Return a landmark in metres, shape ``(..., 3)``."""
        return self._space[..., PAIRS[name][side == "right"], :]

    @cached_property
    def _space(self) -> FloatArray:
        return np.where(self._seen, self.pose.world, np.nan)

    @cached_property
    def world_trunk(self) -> FloatArray:
        """From between the hips to between the shoulders, metres, shape ``(..., 3)``."""
        left, right = (self.world("shoulder", side) - self.world("hip", side) for side in SIDES)
        return (left + right) / 2

    @cached_property
    def trunk(self) -> tuple[FloatArray, FloatArray]:
        """Hip and shoulder: between both sides where all four are seen, else the near ones, ``(..., 2)``."""
        hip, shoulder = self.mid("hip"), self.mid("shoulder")
        whole = np.isfinite(hip[..., :1]) & np.isfinite(shoulder[..., :1])
        return np.where(whole, hip, self.at("hip")), np.where(whole, shoulder, self.at("shoulder"))

    @cached_property
    def torso(self) -> FloatArray:
        """Torso length T in pixels, shape ``(...,)``: the unit of every length.

        A trunk that leans toward the camera is foreshortened; it is never taken for shorter than
        ``min_torso_ratio`` shoulder widths.
        """
        hip, shoulder = self.trunk
        length = geometry.length(shoulder - hip)
        # Without a hip there is no torso: two shoulders alone say nothing.
        return np.where(
            np.isnan(length), np.nan, np.fmax(length, self.sight.min_torso_ratio * self.shoulder_width)
        )

    @cached_property
    def shoulder_width(self) -> FloatArray:
        """Width of the shoulders in the picture, pixels, shape ``(...,)``."""
        return geometry.length(self.at("shoulder", "left") - self.at("shoulder", "right"))

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

    def elbow(self, side: MeasureSide = "near") -> FloatArray:
        """Return the middle of an elbow joint, pixels, shape ``(..., 2)``.

        The model draws the elbow at its bony tip, which on an arm that supports or reaches points to the belly
        side of the body: seen in profile, a straight arm reads 6 to 9 degrees bent, in rendered people with known
        joints and by as much in real ones. So the landmark is moved back across the arm. It is left alone where
        the tip is not seen in profile: on an arm that points sideways, along the line of the shoulders. So it is
        without depth: such points were found by another tool, which draws the joint's middle.
        """
        shoulder, elbow, wrist = (self.at(name, side) for name in ("shoulder", "elbow", "wrist"))
        along = wrist - shoulder
        arm = geometry.length(along)
        reach = geometry.length(elbow - shoulder) + geometry.length(wrist - elbow)
        belly = geometry.cross(along, self.ventral - shoulder) / (arm * reach)
        # A soft sign: a body in line with the arm has no belly side.
        toward = belly / np.hypot(belly, self.sight.in_line)
        offset = self.sight.elbow_tip * reach * toward * self._arm_in_profile(side) / arm
        along_x, along_y = geometry.components(along)
        moved: FloatArray = elbow + np.stack([offset * along_y, -offset * along_x], axis=-1)
        return moved

    def _arm_in_profile(self, side: MeasureSide) -> FloatArray:
        """Return the squared sine of the angle in space between an arm and the line of the shoulders, ``(...,)``.

        The model's guess of a point is used where it is hidden, as the far shoulder is from the side.
        """
        world = self.pose.world
        line = self._one(world, "shoulder", "left") - self._one(world, "shoulder", "right")
        arm = self._one(world, "wrist", side) - self._one(world, "shoulder", side)
        (a, b, c), (p, q, r) = geometry.components(line), geometry.components(arm)
        along = a * p + b * q + c * r
        lengths = (a * a + b * b + c * c) * (p * p + q * q + r * r)
        profile: FloatArray = 1.0 - along**2 / np.maximum(lengths, np.finfo(np.float64).tiny)
        return np.where(np.isnan(profile), 0.0, profile)

    @cached_property
    def view_ratio(self) -> FloatArray:
        """Shoulder width over torso length, shape ``(...,)``: small from the side, large from the front."""
        return self.shoulder_width / self.torso

    @cached_property
    def outline(self) -> silhouette.BackOutline | None:
        """The outline of the back; None without a silhouette."""
        if self.pose.silhouette is None or self.pose.silhouette_scale is None:
            return None
        hip, shoulder = self.trunk
        return silhouette.trace_back(
            self.pose.silhouette, self.pose.silhouette_scale, self.pose.frame_size, hip, shoulder, self.ventral
        )

    def outline_turn(self) -> FloatArray:
        """Return the turn of the back, degrees, shape ``(...,)``; NaN where it cannot be read."""
        sight = self.sight
        return self._read(lambda back: silhouette.back_turn(back, sight.min_outline_share, sight.min_outline_cut))

    def outline_part(self, first: float, last: float) -> FloatArray:
        """Return the turn of the back between two stations, degrees, shape ``(...,)``; NaN where unreadable."""
        return self._read(lambda back: silhouette.part_turn(back, first, last, self.sight.min_outline_share))

    def outline_sagitta(self) -> FloatArray:
        """Return the sagitta of the back over its chord, a ratio, shape ``(...,)``; NaN where unreadable."""
        return self._read(lambda back: silhouette.back_sagitta(back, self.sight.min_outline_share))

    def _read(self, number: Callable[[silhouette.BackOutline], FloatArray]) -> FloatArray:
        if self.outline is None:
            return np.full(self.near.shape, np.nan)
        return np.where(self.outline_readable, number(self.outline), np.nan)

    @cached_property
    def outline_readable(self) -> NDArray[np.bool_]:
        """Whether the outline is large enough, smooth, and seen from the side, shape ``(...,)``."""
        if self.outline is None:
            return np.zeros(self.near.shape, bool)
        torso_px = self.outline.torso_px
        fine = torso_px >= self.sight.min_torso_px
        fine &= ~(self.outline.roughness > self.sight.max_outline_roughness + 1 / np.maximum(torso_px, 1.0))
        return fine & ~(self.view_ratio > self.sight.max_side_view)

    def ahead(self, name: str, origin: str, side: MeasureSide) -> FloatArray:
        """Return how far ``name`` lies headward of ``origin`` in the picture, torso lengths, ``(...,)``."""
        return (self.at(name, side) - self.at(origin, side))[..., 0] * self.headward / self.torso

    def below(self, name: str, origin: str, side: MeasureSide) -> FloatArray:
        """Return how far ``name`` lies below ``origin`` in the picture, torso lengths, shape ``(...,)``."""
        return (self.at(name, side) - self.at(origin, side))[..., 1] / self.torso


_OTHER_END = {"wrist": "ankle", "elbow": "knee", "shoulder": "hip", "hip": "shoulder"}
"""What a landmark is called by a model that lays a body head to tail."""


def head_for_tail(pose: Pose, sight: Sight) -> BoolArray:
    """Return where the model has laid a folded body head to tail, shape ``(...,)``.

    A body that looks reversed is one where its silhouette is too high for lying straight; never without one.
    """
    if pose.silhouette is None:
        return np.zeros(np.shape(pose.t), dtype=bool)
    found = looks_reversed(pose.image, pose.visibility, sight)
    if found.any():
        found &= silhouette.length_over_height(pose.silhouette) <= sight.max_folded_length
    return np.asarray(found)


def _exchange_ends(pose: Pose, where: BoolArray) -> Pose:
    """Return the pose with arms for legs and shoulders for hips where asked; what has no other end is unseen."""
    image, world = np.full_like(pose.image, np.nan), np.full_like(pose.world, np.nan)
    visibility = np.zeros_like(pose.visibility)
    for name, taken_for in _OTHER_END.items():
        here, there = list(PAIRS[name]), list(PAIRS[taken_for])
        image[..., here, :], world[..., here, :] = pose.image[..., there, :], pose.world[..., there, :]
        visibility[..., here] = pose.visibility[..., there]
    return replace(
        pose,
        image=np.where(where[..., None, None], image, pose.image),
        world=np.where(where[..., None, None], world, pose.world),
        visibility=np.where(where[..., None], visibility, pose.visibility),
    )


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
    left, right = visibility[..., _SIDED[0]], visibility[..., _SIDED[1]]
    balance: FloatArray = (left - right).sum(axis=-1) / _SIDED.shape[1]
    return balance
