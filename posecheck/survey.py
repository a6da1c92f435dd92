"""Which exercises a recording shows, and from where the camera sees her; found instant by instant."""

from __future__ import annotations

from array import array

import numpy as np

from posecheck.body import Body
from posecheck.errors import PosecheckError
from posecheck.fields import suggest
from posecheck.instants import entered
from posecheck.ledger import intervals
from posecheck.library import Library
from posecheck.pose import BoolArray, FloatArray, Pose, stack
from posecheck.quantities import name_view
from posecheck.spec import Exercise

AUTO = "auto"
"""In place of an exercise's id: the one whose entry conditions hold longest."""
_STRETCH = 32
"""Instants looked at together: enough to share the cost of a look and to guess mostly right, few enough
to judge it from early on. Of 81 clips 1 % of the instants are left to judge at the end; with 64 it was 15 %."""


def check_exercise(name: str, library: Library, *, auto: bool = True) -> None:
    """Raise one sentence where ``name`` is no exercise of the library, nor ``auto`` where that may be."""
    known = [*library.exercises, *([AUTO] if auto else [])]
    if name not in known:
        hint = f"{suggest(name, known)} Known: {', '.join(known)}."
        raise PosecheckError(f"There is no exercise {name!r}.", hint.strip())


def needs_silhouette(exercise: str, library: Library) -> bool:
    """Return whether the model must give the person's mask: to find the exercise, or to judge the one named."""
    return True if exercise == AUTO else library.exercises[exercise].needs_silhouette


class Survey:
    """Which exercises a recording is inside of, and from where the camera sees her; instant by instant."""

    def __init__(self, library: Library) -> None:
        self.frame_size = np.zeros(2)
        self._library = library
        self._waiting: list[Pose] = []
        self._t = array("d")
        self._person: list[BoolArray] = []
        self._inside: dict[str, list[BoolArray]] = {name: [] for name in library.exercises}
        self._counts = dict.fromkeys(library.exercises, 0)
        self._view_ratios: list[FloatArray] = []

    def add(self, pose: Pose) -> None:
        """Look at one more instant."""
        self._waiting.append(pose)
        if len(self._waiting) >= _STRETCH:
            self._look()

    def add_all(self, pose: Pose, stretch: int = 256) -> None:
        """Look at a pose over T instants, some at a time: unpacked silhouettes of a long one fill the memory."""
        self._look()
        for start in range(0, len(pose.t), stretch):
            self._look_at(pose[start : start + stretch])

    def lead(self) -> Exercise | None:
        """Return the exercise of most instants so far, as far as it was looked."""
        best = max(self._counts, key=lambda name: self._counts[name], default=None)
        return self._library.exercises[best] if best is not None and self._counts[best] else None

    def choose(self, wanted: str) -> Exercise | None:
        """Return the exercise named, or for ``auto`` the one whose entry conditions hold longest, if any."""
        if wanted != AUTO:
            return self._library.exercises[wanted]
        self._look()
        # A single instant lasts no time, and counts all the same.
        lasting = intervals(np.array(self._t)) if len(self._t) > 1 else np.ones(1)
        seconds = {name: float(lasting[mask].sum()) for name, mask in self.inside().items()}
        best = max(seconds, key=lambda name: seconds[name], default=None)
        return self._library.exercises[best] if best is not None and seconds[best] > 0 else None

    def inside(self) -> dict[str, BoolArray]:
        """Return whether each instant is inside each exercise's entry conditions, shape ``(T,)`` each."""
        self._look()
        return {name: np.concatenate(masks) for name, masks in self._inside.items()}

    def shares(self) -> dict[str, float]:
        """Return the share of the instants with a person inside each exercise's entry conditions."""
        self._look()
        person = np.concatenate(self._person)
        people = max(1, int(person.sum()))
        return {name: float((mask & person).sum()) / people for name, mask in self.inside().items()}

    def view(self) -> str:
        """Return ``side``, ``front``, ``three_quarter`` or ``unknown``."""
        self._look()
        return name_view(np.concatenate(self._view_ratios), self._library.coaching.views)

    def _look(self) -> None:
        if self._waiting:
            self._look_at(stack(self._waiting))
            self._waiting.clear()

    def _look_at(self, pose: Pose) -> None:
        self.frame_size = pose.frame_size
        self._t.extend(pose.t)
        self._person.append(pose.person)
        body = Body.by_itself(pose, self._library.coaching.sight)
        for name, exercise in self._library.exercises.items():
            mask = entered(exercise, body)
            self._inside[name].append(mask)
            self._counts[name] += int(mask.sum())
        self._view_ratios.append(body.view_ratio)
