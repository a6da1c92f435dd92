"""The last seconds before the camera as landmarks, so that a correction that was wrong can be kept for tuning.

Never a picture: the body's landmarks, its outline, and times.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from posecheck.files import describe_unwritable
from posecheck.pose import Pose, stack
from posecheck.recorded import marked_name
from posecheck.recording import save_recording

_GIVEN_KEPT = 6
"""Corrections whose stretch is kept: 225 instants of about 6 kB each."""
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


@dataclass(frozen=True, slots=True)
class Given:
    """A correction that was given, with the seconds before it.

    Attributes:
        exercise: What she was doing.
        check: Id of the correction.
        pose: T instants, or None where there were too few.
    """

    exercise: str
    check: str
    pose: Pose | None


class Corrections:
    """The corrections given lately, each with its stretch: in memory alone, until one is called wrong.

    Filled on the stream's thread, read on the page's.
    """

    def __init__(self) -> None:
        self._recent = Recent()
        self._given: deque[Given] = deque(maxlen=_GIVEN_KEPT)
        self._lock = threading.Lock()

    def push(self, pose: Pose) -> None:
        """Add one instant."""
        self._recent.push(pose)

    def note(self, exercise: str, check: str) -> None:
        """Note that a correction was given just now; of the same one, the latest is kept."""
        given = Given(exercise, check, self._recent.take())
        with self._lock:
            others = [g for g in self._given if (g.exercise, g.check) != (exercise, check)]
            self._given = deque([*others, given], maxlen=_GIVEN_KEPT)

    def given(self) -> tuple[Given, ...]:
        """Return the corrections that can still be called wrong, oldest first."""
        with self._lock:
            return tuple(g for g in self._given if g.pose is not None)

    def drop(self, given: Given) -> None:
        """Let go of one."""
        with self._lock:
            self._given = deque([g for g in self._given if g is not given], maxlen=_GIVEN_KEPT)


def keep_marked(pose: Pose, exercise: str, check: str, folder: Path, now: datetime) -> Path:
    """Keep a stretch in which a correction was wrong, for tuning.

    For that correction it counts as done well; of all others it says nothing (see ``labels``).

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
    path = place / f"{marked_name(check, now)}.npz"
    save_recording(path, pose)
    return path
