"""The last seconds before the camera as landmarks, so that a correction that was wrong can be kept for tuning.

Never a picture: the body's landmarks, its outline, and times.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from posecheck.files import describe_unwritable
from posecheck.pose import Pose, stack
from posecheck.recording import save_recording

KEPT_S = 15.0
"""Seconds: the correction, what led to it, and her way into the pose."""


class Recent:
    """The poses of the last seconds; filled on one thread, taken on another.

    Args:
        seconds: How far back it reaches.
    """

    def __init__(self, seconds: float = KEPT_S) -> None:
        self._seconds = seconds
        self._poses: deque[Pose] = deque()
        self._lock = threading.Lock()

    def push(self, pose: Pose) -> None:
        """Add one instant, later than the one before; the oldest are let go."""
        with self._lock:
            self._poses.append(pose)
            while float(pose.t - self._poses[0].t) > self._seconds:
                self._poses.popleft()

    def take(self) -> Pose | None:
        """Return the poses from time 0, or None where there are fewer than two of one kind of picture."""
        with self._lock:
            poses = list(self._poses)
        if poses:
            size = poses[-1].frame_size.tolist()
            poses = [pose for pose in poses if pose.frame_size.tolist() == size]
        if len(poses) < 2:
            return None
        whole = stack(poses)
        return replace(whole, t=whole.t - whole.t[0])


def keep_marked(pose: Pose, exercise: str, check: str, folder: Path, now: datetime) -> Path:
    """Keep a stretch in which a correction was wrong; it counts as done well where bands are tuned.

    Args:
        pose: The stretch, T instants.
        exercise: What she was doing: the folder inside ``folder`` says it, as in any labelled set.
        check: The correction that was wrong; the file's name says it.
        folder: Where such recordings are.
        now: Of her clock, for the file's name.

    Raises:
        OutputError: where it cannot be written.
    """
    place = folder / exercise
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise describe_unwritable(place, e) from e
    path = place / f"{now:%Y-%m-%d_%H-%M-%S}_not_{check}.npz"
    save_recording(path, pose)
    return path
