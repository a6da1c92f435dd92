"""Sums over a practice, gathered moment by moment: time in the pose, and faults in it."""

from __future__ import annotations

from collections.abc import Collection

from posecheck.moment import Moment


class Tally:
    """What a practice came to so far; nobody keeps its moments.

    Attributes:
        in_pose_s: Seconds in the pose.
        clean_s: Those of them without a fault, advice excluded.
        held_s: Seconds the hold's clock ran.
        fault_s: Seconds each fault stood while in the pose, by check id.
    """

    def __init__(self, advice: Collection[str]) -> None:
        self._advice = frozenset(advice)
        self.in_pose_s = 0.0
        self.clean_s = 0.0
        self.held_s = 0.0
        self.fault_s: dict[str, float] = {}

    @property
    def clean_share(self) -> float:
        """Share of the time in the pose without a fault; 0 where she never was in it."""
        return self.clean_s / self.in_pose_s if self.in_pose_s else 0.0

    def add(self, moment: Moment, seconds: float) -> None:
        """Count a moment that stands for some seconds."""
        if not moment.in_pose:
            return
        self.in_pose_s += seconds
        self.held_s += seconds if moment.counting else 0.0
        self.clean_s += 0.0 if any(f not in self._advice for f in moment.faults) else seconds
        for fault in moment.faults:
            self.fault_s[fault] = self.fault_s.get(fault, 0.0) + seconds
