"""Sums over a stretch of moments: time in pose, faults, and whether a person is left in peace."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from posecheck.moment import Moment


@dataclass(frozen=True, slots=True)
class Summary:
    """What a stretch of practice came to.

    Attributes:
        in_pose_s: Seconds in the pose.
        held_s: Seconds the hold's clock ran.
        fault_s: Seconds each fault stood while in the pose, by check id.
        accepted: In the pose at least once, and without a fault (advice excluded) for the share of that time
            that the definitions ask.
        cues: Corrections given.
    """

    in_pose_s: float
    held_s: float
    fault_s: dict[str, float]
    accepted: bool
    cues: int


def durations(t: Sequence[float]) -> np.ndarray:
    """Return the seconds each instant stands for: until the next one; the last takes the median interval."""
    if len(t) < 2:
        return np.zeros(len(t))
    steps = np.diff(np.asarray(t, dtype=np.float64))
    return np.append(steps, np.median(steps))


def summarise(moments: Sequence[Moment], advice: Collection[str], accept_share: float) -> Summary:
    """Return the sums over moments in order of time.

    A single moment is a photograph: it has no duration, and is accepted in the pose without a fault.

    Args:
        moments: At least one.
        advice: Ids of checks that never fail a pose.
        accept_share: From ``coaching.yaml``.
    """
    weight = durations([m.t for m in moments])
    in_pose = np.array([m.in_pose for m in moments])
    clean = np.array([not any(f not in advice for f in m.faults) for m in moments])
    share_of = weight if len(moments) > 1 else np.ones(1)
    inside = float(share_of[in_pose].sum())
    accepted = bool(in_pose.any()) and float(share_of[in_pose & clean].sum()) >= accept_share * inside
    fault_s: dict[str, float] = {}
    for moment, seconds in zip(moments, weight, strict=True):
        for fault in moment.faults:
            fault_s[fault] = fault_s.get(fault, 0.0) + float(seconds)
    return Summary(
        in_pose_s=float(weight[in_pose].sum()),
        held_s=float(weight[[m.counting for m in moments]].sum()),
        fault_s=fault_s,
        accepted=accepted,
        cues=sum(e.kind == "cue" for m in moments for e in m.events),
    )
