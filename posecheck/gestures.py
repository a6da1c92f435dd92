"""Signs she can give from the mat: both arms straight up, which no exercise contains, kept for a while."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from posecheck.coaching import GestureLimits
from posecheck.geometry import elevation, length
from posecheck.pose import PAIRS, BoolArray, Landmark, Pose

Sign = Literal["hold", "long"]
"""``hold``: pause or go on; ``long``: skip. A long one is a ``hold`` first."""

_NEEDED = ("shoulder", "elbow", "wrist", "hip")


@dataclass(frozen=True, slots=True)
class GestureState:
    """What is remembered between two instants, media times in seconds.

    Attributes:
        since: When the arms went up; None while they are down.
        seen: When they were last seen up.
        given: The signs already given with these arms: each is given once.
    """

    since: float | None = None
    seen: float = 0.0
    given: frozenset[Sign] = frozenset()


def arms_up(pose: Pose, limits: GestureLimits) -> BoolArray:
    """Return whether both arms point straight up over an upright trunk, shape of ``pose.t``; unseen is no.

    Judged in the picture's pixels, against the picture's own upright: a lying person's arms over her head are
    level, and a downward dog's hips are over her shoulders. One side of her must be visible; from the side the
    other arm is hidden behind it, and the model's guess of where it is must point up as well.
    """
    pairs = {name: list(PAIRS[name]) for name in _NEEDED}
    seen = np.stack([pose.visibility[..., pair] for pair in pairs.values()]).min(axis=0).max(axis=-1)
    at = {name: pose.image[..., pair, :] for name, pair in pairs.items()}
    trunk = at["shoulder"].mean(axis=-2) - at["hip"].mean(axis=-2)
    arms = np.minimum(elevation(at["elbow"] - at["shoulder"]), elevation(at["wrist"] - at["elbow"])).min(axis=-1)
    above = (pose.image[..., Landmark.NOSE, 1, None] - at["wrist"][..., 1]).min(axis=-1)
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (seen >= limits.min_visibility)
            & (elevation(trunk) >= limits.min_trunk)
            & (arms >= limits.min_arms)
            & (above >= limits.min_above * length(trunk))
        )


def step(state: GestureState, t: float, up: bool, limits: GestureLimits) -> tuple[GestureState, Sign | None]:
    """Advance to media time ``t``.

    Args:
        state: After the instant before.
        t: Media time, seconds; pauses of the practice included, for a sign is what ends them.
        up: Whether the arms are up now.
        limits: How long they must stay up.

    Returns:
        The new state, and the sign given now, if any.
    """
    if not up:
        return (state if state.since is not None and t - state.seen <= limits.grace else GestureState()), None
    if state.since is None or t - state.seen > limits.grace:
        state = GestureState(since=t)
    state = replace(state, seen=t)
    assert state.since is not None
    lasted = t - state.since
    sign: Sign | None = None
    if lasted >= limits.hold_long and "long" not in state.given:
        sign = "long"
    elif lasted >= limits.hold and "hold" not in state.given:
        sign = "hold"
    return (replace(state, given=state.given | {sign}) if sign else state), sign
