"""Keep to one body: which of the bodies in a picture is hers, by place, size and media time.

The pose model follows a body well from frame to frame; what it does not know is *whose* body it is. When she
leaves the picture, is covered, or the lens is, it takes up whoever is there next: a baby on the mat, a passer-by,
a dog. Here every body found is compared with the one followed so far. A body that cannot be the same one counts as
nobody, until it has stayed so long that it must be she.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from posecheck import geometry
from posecheck.pose import PAIRS, BoolArray, FloatArray

_FRAME_OF_BODY = np.array([PAIRS[name] for name in ("shoulder", "hip", "elbow", "wrist", "knee", "ankle")]).ravel()
"""The landmarks a body is measured by: those of face, hands and feet add weight without adding size."""
_SCENE_SAMPLES = 24
"""Samples along the picture's shorter side that a scene is told by."""


class ReversedLimits(Protocol):
    """What a skeleton laid head to tail looks like; the numbers live in ``routines/coaching.yaml``."""

    @property
    def min_visibility(self) -> float:
        """A landmark under this visibility is unknown."""

    @property
    def level_deg(self) -> float:
        """A trunk within this many degrees of level ..."""

    @property
    def straight_deg(self) -> float:
        """... with a hip and a knee opened wider than this may be laid head to tail."""


@dataclass(frozen=True, slots=True)
class TrackingLimits:
    """How far a body may differ and still be the same one. Torso lengths are hers, in the picture.

    Attributes:
        jump: Torso lengths that shoulders or hips may seem to move between any two frames.
        speed: Torso lengths a second that they may move on top of that.
        reach: Torso lengths from where she was last seen beyond which a body is never simply "her, moved on".
        size_ratio: A body this many times larger or smaller than she has been is not simply her.
        size_memory_s: Time constant in seconds of the size a body is compared with.
        usual_memory_s: Time constant in seconds of the size she is known by when she comes back.
        same_place: Two trunks less than this many torso lengths apart are in one place; two skeletons in one
            picture are then one body found twice.
        seen_trunk: A trunk shorter than this many torso lengths in the picture points at the camera: it has no
            direction there.
        turned_deg: A trunk that points this many degrees elsewhere, in the same place and within ``turn_s``, is a
            skeleton with head and tail mistaken for each other.
        turn_s: Seconds within which a trunk cannot turn so far; a turned skeleton that stays so long is believed.
        level_deg: A trunk within this many degrees of level ...
        straight_deg: ... with a hip and a knee opened wider than this, and both hands hidden, may be a folded
            body whose arms were taken for legs.
        return_s: Seconds after which a body of her size that stays in another place is taken for her.
        stranger_s: Seconds after which a body of another size that stays is followed for want of her. No body
            is waited for longer than it has been followed.
        min_visibility: Mean visibility of shoulders, hips and limbs under which a body is not chosen anew, and a
            landmark's under which it is hidden.
        look_s: Seconds between looks at everybody in the picture while in doubt.
        calm_look_s: Seconds between looks while the only doubt is that the body followed is small, or not of her
            usual size.
        small: Torso length, as a fraction of the picture's shorter side, under which the body followed may be a
            child, so that a larger one is looked for.
        takeover_ratio: A body this many times larger than a small one followed takes its place, and is followed
            rather than the model's own first choice.
        takeover_s: Seconds such a body, or one of her usual size where another is followed, must stay first.
        same_scene: Correlation of two pictures, in [-1, 1], under which the scene has changed: a cut, or the
            camera was moved.
        scene_contrast: Standard deviation in grey levels under which a picture shows no scene at all: the lens
            is covered.
    """

    jump: float
    speed: float
    reach: float
    size_ratio: float
    size_memory_s: float
    usual_memory_s: float
    same_place: float
    seen_trunk: float
    turned_deg: float
    turn_s: float
    level_deg: float
    straight_deg: float
    return_s: float
    stranger_s: float
    min_visibility: float
    look_s: float
    calm_look_s: float
    small: float
    takeover_ratio: float
    takeover_s: float
    same_scene: float
    scene_contrast: float


@dataclass(frozen=True, slots=True)
class Somebody:
    """Where somebody's body is in the picture, and how large.

    Attributes:
        shoulders: Midpoint of the shoulders in pixels, (x, y).
        hips: Midpoint of the hips in pixels, (x, y).
        torso: Length of the torso in pixels as it would be if it lay parallel to the picture, whichever way it
            points: the body's pixels per metre times the metres from hips to shoulders.
        visibility: Mean visibility of shoulders, hips and limbs.
    """

    shoulders: tuple[float, float]
    hips: tuple[float, float]
    torso: float
    visibility: float


@dataclass(frozen=True, slots=True)
class Rival:
    """Another body than the one followed: as last seen, and since when it has been there (media seconds)."""

    body: Somebody
    since: float
    seen: float


@dataclass(frozen=True, slots=True)
class Tracking:
    """The body followed, and the one that may yet be followed instead.

    Attributes:
        her: The body followed, as last seen; None before anybody was.
        seen: Media time of that, seconds.
        since: Media time since when this body has been followed, seconds.
        torso: Its torso length in pixels as remembered over ``size_memory_s``.
        usual: Her torso length in pixels as remembered over ``usual_memory_s``, across the bodies followed for
            want of her.
        rival: The other body, if there is one.
        looked: Media time of the last look at everybody in the picture.
    """

    her: Somebody | None = None
    seen: float = -math.inf
    since: float = -math.inf
    torso: float = math.nan
    usual: float = math.nan
    rival: Rival | None = None
    looked: float = -math.inf


def _spread(xs: list[float], ys: list[float]) -> float:
    """Return the variance of points in a plane, both axes together, in their unit squared."""
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum([(a - x) ** 2 + (b - y) ** 2 for a, b in zip(xs, ys, strict=True)]) / len(xs)


def _middles(along: list[float]) -> tuple[float, float]:
    """Return the middle of the shoulders and of the hips along one axis; these four landmarks come first."""
    return (along[0] + along[1]) / 2, (along[2] + along[3]) / 2


def measure_body(image: FloatArray, world: FloatArray, visibility: FloatArray) -> Somebody:
    """Return place and size of a body.

    Args:
        image: Landmarks in pixels, shape ``(33, 2)``, none NaN.
        world: Landmarks in metres, shape ``(33, 3)``.
        visibility: In [0, 1], shape ``(33,)``.
    """
    # Plain numbers: at a dozen points array arithmetic costs more than it does.
    picture, space = image[_FRAME_OF_BODY].T.tolist(), world[_FRAME_OF_BODY].T.tolist()
    spread = [_spread(xs, ys) for xs, ys, *_ in (picture, space)]
    pixels_per_metre = math.sqrt(spread[0] / spread[1]) if spread[1] > 0 else math.nan
    (shoulders_x, hips_x), (shoulders_y, hips_y) = map(_middles, picture)
    ends = zip(*map(_middles, space), strict=True)
    return Somebody(
        shoulders=(shoulders_x, shoulders_y),
        hips=(hips_x, hips_y),
        torso=pixels_per_metre * math.dist(*ends),
        visibility=float(visibility[_FRAME_OF_BODY].sum()) / len(_FRAME_OF_BODY),
    )


def wants_look(
    state: Tracking, t: float, found: Somebody | None, frame_size: tuple[int, int], limits: TrackingLimits
) -> bool:
    """Return whether everybody in the picture should be looked for, and not only the body ``found`` by following.

    That is so when the body found is new or is not hers, and now and then while it may be another's: while it is
    so small that it may be a child beside her, or not of her usual size.
    """
    if found is None:
        return False
    if state.her is None or state.rival is not None or not _continues(state, t, found, limits):
        return t - state.looked >= limits.look_s
    return _doubtful(state, found, frame_size, limits) and t - state.looked >= limits.calm_look_s


def step(
    state: Tracking,
    t: float,
    candidates: Sequence[Somebody],
    frame_size: tuple[int, int],
    limits: TrackingLimits,
    *,
    looked: bool = False,
) -> tuple[Tracking, int | None]:
    """Return the state at ``t`` and which of the candidates is hers; None where none is.

    Args:
        state: Of the instant before.
        t: Media time in seconds.
        candidates: Bodies found in the picture.
        frame_size: Width and height of the picture in pixels.
        limits: What is still the same body.
        looked: Whether the candidates are everybody in the picture.
    """
    if looked:
        state = replace(state, looked=t)
    if state.her is None:
        first = _first(candidates, limits)
        return (state, None) if first is None else (_take_up(state, t, candidates[first], limits), first)
    hers = [i for i, body in enumerate(candidates) if _continues(state, t, body, limits)]
    if not hers:
        return _weigh_rival(state, t, candidates, limits)
    chosen = min(hers, key=lambda i: _unlikeness(state, candidates[i]))
    if not _doubtful(state, candidates[chosen], frame_size, limits):
        return _follow(state, None, t, candidates[chosen], limits), chosen
    if looked:
        state, better = _watch_better(state, t, candidates, candidates[chosen], frame_size, limits)
        if better is not None:
            return _take_up(state, t, candidates[better], limits), better
    return _follow(state, state.rival, t, candidates[chosen], limits), chosen


def forget(state: Tracking) -> Tracking:
    """Return the state after a change of scene: whoever is found next is followed."""
    return Tracking(looked=state.looked)


def apart(found: Somebody | None, others: Sequence[Somebody], limits: TrackingLimits) -> list[int]:
    """Return which of the others are not the body found once more."""
    return [
        i
        for i, body in enumerate(others)
        if found is None or not _moved(found, body) < limits.same_place * max(found.torso, body.torso)
    ]


def outdoes(other: Somebody, found: Somebody, limits: TrackingLimits) -> bool:
    """Return whether another skeleton of the same size is better seen than the one found."""
    return other.visibility > found.visibility and _same_size(found.torso, other, limits)


def sample_scene(image: NDArray[np.uint8]) -> FloatArray:
    """Return the picture coarsely: about 24 samples of its green along the shorter side, zero mean."""
    pace = max(1, min(image.shape[:2]) // _SCENE_SAMPLES)
    scene: FloatArray = image[pace // 2 :: pace, pace // 2 :: pace, 1].astype(np.float64)
    scene -= scene.sum() / scene.size
    return scene


def shows_scene(scene: FloatArray, limits: TrackingLimits) -> bool:
    """Return whether a picture shows anything; a covered lens or a dark room does not."""
    # The mean of a sampled scene is zero, so its mean square is its variance.
    return float(np.vdot(scene, scene)) >= limits.scene_contrast**2 * scene.size


def scene_changed(before: FloatArray, now: FloatArray, limits: TrackingLimits) -> bool:
    """Return whether two sampled pictures show different scenes: a cut, or the camera was moved."""
    if before.shape != now.shape:
        return True
    strength = math.sqrt(float(np.vdot(before, before)) * float(np.vdot(now, now)))
    return float(np.vdot(before, now)) < limits.same_scene * strength


def _continues(state: Tracking, t: float, body: Somebody, limits: TrackingLimits) -> bool:
    """Return whether a body can be the one followed, moved on."""
    assert state.her is not None
    dt = max(t - state.seen, 0.0)
    return (
        _same_size(state.torso, body, limits)
        and _moved(state.her, body) <= min(limits.jump + limits.speed * dt, limits.reach) * state.torso
        and not (dt < limits.turn_s and _turned(state.her, body, state.torso, limits))
    )


def _same_size(torso: float, body: Somebody, limits: TrackingLimits) -> bool:
    return torso / limits.size_ratio <= body.torso <= torso * limits.size_ratio


def _moved(a: Somebody, b: Somebody) -> float:
    """Return how many pixels shoulders or hips, whichever more, lie apart."""
    return max(math.dist(a.shoulders, b.shoulders), math.dist(a.hips, b.hips))


def _middles_apart(a: Somebody, b: Somebody) -> float:
    """Return how many pixels the middles of two trunks lie apart."""
    return 0.5 * math.hypot(
        a.shoulders[0] + a.hips[0] - b.shoulders[0] - b.hips[0],
        a.shoulders[1] + a.hips[1] - b.shoulders[1] - b.hips[1],
    )


def looks_reversed(image: FloatArray, visibility: FloatArray, limits: ReversedLimits) -> BoolArray:
    """Return where head and tail may have been taken for each other, shape ``(...,)``.

    In child's pose the model sometimes takes the long arms for legs and the seat for the head. Such a skeleton
    lies straight and level, and its hands are nowhere: two of 53 real child's poses read so, and none of 429
    other photographs, whose better wrist is seen with 0.8 and more where they lie straight and level.

    Args:
        image: Landmarks in pixels, shape ``(..., 33, 2)``; nothing is reversed where they are NaN.
        visibility: Shape ``(..., 33)``.
        limits: What counts as seen, level and straight.
    """
    (wrist, other_wrist), (knee, other_knee) = (
        (visibility[..., left], visibility[..., right]) for left, right in (PAIRS["wrist"], PAIRS["knee"])
    )
    found = np.fmax(wrist, other_wrist) < limits.min_visibility
    found &= np.fmax(knee, other_knee) >= limits.min_visibility
    if not found.any():
        return np.asarray(found)
    left = knee >= other_knee
    shoulder, hip, bend, ankle = (
        np.where(left[..., None], *(image[..., i, :] for i in PAIRS[name]))
        for name in ("shoulder", "hip", "knee", "ankle")
    )
    found &= np.abs(geometry.elevation(shoulder - hip)) < limits.level_deg
    found &= geometry.included_angle(shoulder, hip, bend) > limits.straight_deg
    found &= geometry.included_angle(hip, bend, ankle) > limits.straight_deg
    return np.asarray(found)


def _turned(a: Somebody, b: Somebody, torso: float, limits: TrackingLimits) -> bool:
    """Return whether two trunks in one place point different ways: a skeleton with head and tail exchanged."""
    ax, ay = a.shoulders[0] - a.hips[0], a.shoulders[1] - a.hips[1]
    bx, by = b.shoulders[0] - b.hips[0], b.shoulders[1] - b.hips[1]
    if min(math.hypot(ax, ay), math.hypot(bx, by)) < limits.seen_trunk * torso:
        return False
    if _middles_apart(a, b) > limits.same_place * torso:
        return False
    angle = math.degrees(math.atan2(abs(ax * by - ay * bx), ax * bx + ay * by))
    return angle > limits.turned_deg


def _unlikeness(state: Tracking, body: Somebody) -> float:
    """Return how unlike her a body is: by place in torso lengths, and by size on its natural scale."""
    assert state.her is not None
    return _moved(state.her, body) / state.torso + abs(math.log(body.torso / state.torso))


def _clear(candidates: Sequence[Somebody], limits: TrackingLimits) -> list[int]:
    """Return which candidates are seen well enough to be taken up anew."""
    return [i for i, body in enumerate(candidates) if body.visibility >= limits.min_visibility and body.torso > 0]


def _first(candidates: Sequence[Somebody], limits: TrackingLimits) -> int | None:
    """Return whom to follow where nobody is known: the one found first, unless another is much larger."""
    clear = _clear(candidates, limits)
    if not clear:
        return None
    largest = max(clear, key=lambda i: candidates[i].torso)
    much_larger = candidates[largest].torso >= limits.takeover_ratio * candidates[clear[0]].torso
    return largest if much_larger else clear[0]


def _follow(state: Tracking, rival: Rival | None, t: float, body: Somebody, limits: TrackingLimits) -> Tracking:
    """Return the state with the body followed seen again, and who may yet be followed instead."""
    dt = max(t - state.seen, 0.0)
    return replace(
        state,
        her=body,
        seen=t,
        rival=rival,
        torso=_blend(state.torso, body.torso, dt, limits.size_memory_s),
        usual=_blend(state.usual, body.torso, dt, limits.usual_memory_s),
    )


def _blend(before: float, now: float, dt: float, memory_s: float) -> float:
    keep = math.exp(-dt / memory_s)
    return keep * before + (1 - keep) * now


def _take_up(state: Tracking, t: float, body: Somebody, limits: TrackingLimits) -> Tracking:
    """Return the state with another body followed from now on."""
    # Whoever has been followed only for a moment is not known yet: its size is nobody's usual one.
    known = state.her is not None and state.seen - state.since >= limits.return_s
    return Tracking(
        her=body,
        seen=t,
        since=t,
        torso=body.torso,
        usual=state.usual if known else body.torso,
        looked=state.looked,
    )


def _doubtful(state: Tracking, body: Somebody, frame_size: tuple[int, int], limits: TrackingLimits) -> bool:
    """Return whether the body followed may be another's: small enough for a child, or not of her usual size."""
    return body.torso < limits.small * min(frame_size) or not _same_size(state.usual, body, limits)


def _weigh_rival(
    state: Tracking, t: float, candidates: Sequence[Somebody], limits: TrackingLimits
) -> tuple[Tracking, int | None]:
    """Return nobody, or the body that has stayed so long in place of her that it must be followed."""
    clear = _clear(candidates, limits)
    if not clear:
        return state, None
    chosen = min(clear, key=lambda i: _unlikeness(state, candidates[i]))
    body = candidates[chosen]
    rival = _meet(state.rival, t, body, limits)
    if _same_size(state.torso, body, limits):
        wait = limits.return_s
    elif _same_size(state.usual, body, limits):
        wait = limits.takeover_s  # she is back, and the one followed meanwhile is gone
    else:
        wait = limits.stranger_s
    if t - rival.since >= min(wait, state.seen - state.since):
        return _take_up(state, t, body, limits), chosen
    return replace(state, rival=rival), None


def _watch_better(
    state: Tracking,
    t: float,
    candidates: Sequence[Somebody],
    followed: Somebody,
    frame_size: tuple[int, int],
    limits: TrackingLimits,
) -> tuple[Tracking, int | None]:
    """Return the state, and which body takes the place of a doubtful one followed, if one does now.

    One of her usual size does where the body followed is not, and one that is much larger where it is small.
    """
    clear = [i for i in _clear(candidates, limits) if candidates[i] is not followed]
    usual = [i for i in clear if _same_size(state.usual, candidates[i], limits)]
    large = [i for i in clear if candidates[i].torso >= limits.takeover_ratio * followed.torso]
    if usual and not _same_size(state.usual, followed, limits):
        better = min(usual, key=lambda i: _unlikeness(state, candidates[i]))
    elif large and followed.torso < limits.small * min(frame_size):
        better = max(large, key=lambda i: candidates[i].torso)
    else:
        return replace(state, rival=None), None
    rival = _meet(state.rival, t, candidates[better], limits)
    if t - rival.since < limits.takeover_s:
        return replace(state, rival=rival), None
    if better not in usual:  # so the small one followed so far was never she
        state = replace(state, usual=candidates[better].torso)
    return state, better


def _meet(rival: Rival | None, t: float, body: Somebody, limits: TrackingLimits) -> Rival:
    """Return the rival met again, or a new one."""
    if rival is not None and t - rival.seen <= 2 * limits.look_s:
        known = Tracking(her=rival.body, seen=rival.seen, torso=rival.body.torso)
        if _continues(known, t, body, limits):
            return Rival(body, since=rival.since, seen=t)
    return Rival(body, since=t, seen=t)
