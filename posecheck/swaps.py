"""Left and right exchanged by the model from one instant to the next: noticed, and undone.

Legs that cross, or arms that are wound round each other, now and then change names: what was the left wrist is
called the right one. Nobody's two wrists change places between two pictures while neither of them moves, so where
they seem to, the names are taken back. Only that plain case is touched. A jump in the middle of a movement may as
well be the model mending its own mistake: on rendered people with known joints, undoing those as well made the
number of misnamed instants larger, not smaller.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from posecheck.pose import PAIRS, Pose

_CHAINS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("shoulder", "hip"), ("eye_inner", "eye", "eye_outer", "ear", "mouth")),
    (("elbow", "wrist"), ("pinky", "index", "thumb")),
    (("knee", "ankle"), ("heel", "foot_index")),
)
"""Parts that change names together: by which landmarks that is noticed, and which others go with them."""
_WATCHED = [[PAIRS[name] for name in watched] for watched, _ in _CHAINS]
_ROWS = [[PAIRS[name] for name in (*watched, *others)] for watched, others in _CHAINS]

Pair = tuple[list[float], list[float]]


@dataclass(frozen=True, slots=True)
class SwapLimits:
    """When two sides have changed names. Torso lengths are those in the picture.

    Attributes:
        jump: Torso lengths that joints seem to move, on average, where left and right have changed names.
        still: Torso lengths that they move, at most, once the names are taken back.
        gap_s: Seconds between two instants after which nothing is said of either.
        hold_s: Seconds after which the model is believed: it does not keep to a mistake for so long.
    """

    jump: float
    still: float
    gap_s: float
    hold_s: float


@dataclass(frozen=True, slots=True)
class Names:
    """The instant before, with the names as they were given out.

    Attributes:
        t: Media time, seconds.
        points: Left and right place of every watched joint of each chain, pixels; empty before the first body.
        since: Since when the names of each chain are exchanged, seconds; None where they are not.
    """

    t: float = -math.inf
    points: tuple[tuple[Pair, ...], ...] = ()
    since: tuple[float | None, ...] = (None,) * len(_CHAINS)


def step(state: Names, t: float, pose: Pose, limits: SwapLimits) -> tuple[Names, Pose]:
    """Return the state and the pose of one instant with the names of left and right taken back where they jumped.

    Args:
        state: Of the instant before.
        t: Media time, seconds.
        pose: One instant, shape ``()``; without a person it is returned as it is.
        limits: What counts as a jump.
    """
    # Plain numbers: at a dozen points array arithmetic costs more than it does.
    places = pose.image.tolist()
    torso = _torso(places)
    if not torso > 0:  # NaN: nobody
        return state, pose
    fresh = t - state.t > limits.gap_s
    since = [None if fresh or start is None or t - start > limits.hold_s else start for start in state.since]
    points = []
    for i, watched in enumerate(_WATCHED):
        now: tuple[Pair, ...] = tuple((places[left], places[right]) for left, right in watched)
        turned = tuple((right, left) for left, right in now)
        if since[i] is not None:
            now, turned = turned, now
        if not fresh and since[i] == state.since[i] and _exchanged(state.points[i], now, turned, torso, limits):
            now = turned
            since[i] = t if since[i] is None else None
        points.append(now)
    chains = [i for i, start in enumerate(since) if start is not None]
    return Names(t, tuple(points), tuple(since)), _renamed(pose, chains) if chains else pose


def _exchanged(
    before: tuple[Pair, ...], now: tuple[Pair, ...], turned: tuple[Pair, ...], torso: float, limits: SwapLimits
) -> bool:
    """Return whether joints have changed places without moving."""
    joints = 2 * len(now) * torso
    return _moved(before, now) >= limits.jump * joints and _moved(before, turned) <= limits.still * joints


def _moved(before: tuple[Pair, ...], now: tuple[Pair, ...]) -> float:
    return sum(math.dist(a[i], b[i]) for a, b in zip(before, now, strict=True) for i in (0, 1))


def _torso(places: list[list[float]]) -> float:
    """Return the length of the trunk in the picture, or the width of the shoulders where that is more; pixels."""
    shoulders, hips = ([places[i] for i in PAIRS[name]] for name in ("shoulder", "hip"))
    middle = [sum(point[k] for point in shoulders) - sum(point[k] for point in hips) for k in (0, 1)]
    return max(math.hypot(*middle) / 2, math.dist(*shoulders))


def _renamed(pose: Pose, chains: list[int]) -> Pose:
    """Return the pose with left and right of some chains exchanged."""
    order = np.arange(pose.visibility.shape[-1])
    for i in chains:
        for left, right in _ROWS[i]:
            order[left], order[right] = right, left
    return replace(pose, image=pose.image[order], visibility=pose.visibility[order], world=pose.world[order])
