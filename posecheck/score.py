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


class Tally:
    """The same sums gathered moment by moment, where nobody keeps the moments."""

    def __init__(self, advice: Collection[str]) -> None:
        self._advice = frozenset(advice)
        self.in_pose_s = 0.0
        self.clean_s = 0.0
        self.held_s = 0.0
        self.fault_s: dict[str, float] = {}
        self.cues = 0

    @property
    def clean_share(self) -> float:
        """Share of the time in the pose without a fault; 0 where she never was in it."""
        return self.clean_s / self.in_pose_s if self.in_pose_s else 0.0

    def add(self, moment: Moment, seconds: float) -> None:
        """Count a moment that stands for some seconds."""
        self.cues += sum(e.kind == "cue" for e in moment.events)
        if not moment.in_pose:
            return
        self.in_pose_s += seconds
        self.held_s += seconds if moment.counting else 0.0
        self.clean_s += 0.0 if any(f not in self._advice for f in moment.faults) else seconds
        for fault in moment.faults:
            self.fault_s[fault] = self.fault_s.get(fault, 0.0) + seconds
