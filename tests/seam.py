"""The practice page with its camera replaced at the seam: what its tests share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pages
from bodies import FRAME
from streamlit.testing.v1 import AppTest

from posecheck.library import Library
from posecheck.live import LiveProcessor
from posecheck.pose import Pose
from posecheck.recent import Corrections
from posecheck.recorder import Recorder
from posecheck.routine import Item, Plan, Session
from posecheck.session import Snapshot, Wishes
from posecheck.spec import Exercise
from posecheck.ui import camera


@dataclass
class FakeProcessor:
    """Stands where the connection's processor would; shows one snapshot."""

    shown: Snapshot = field(default_factory=Snapshot)
    wishes: Wishes | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)
    corrections: Corrections = field(default_factory=Corrections)
    recorder: Recorder | None = None
    arrived: int = 0

    def ask(self, *command: str) -> None:
        self.asked.append(command)

    def stop(self, *why: str) -> None:
        self.asked.append(("stop", *why))

    def snapshot(self) -> Snapshot:
        return self.shown

    def update(self, wishes: Wishes) -> None:
        self.wishes = wishes


@dataclass
class FakeCamera:
    """Stands where ``camera.live_camera`` is, and writes down how it was called."""

    status: camera.Status = "playing"
    processor: FakeProcessor | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, key: str, **call: Any) -> camera.Camera:
        self.calls.append(call)
        if not call["wanted"]:
            return camera.Camera("idle")
        return camera.Camera(self.status, cast(LiveProcessor | None, self.processor))


def open_practice() -> AppTest:
    return pages.open_page("practice")


def start(exercise: str = "downward_dog") -> AppTest:
    """Choose an exercise and press Start."""
    page = open_practice()
    page.button(key=f"choose-{exercise}").click().run()
    page.button(key="start").click().run()
    assert not page.exception
    return page


def practised(
    library: Library, exercise: Exercise, poses: Iterable[Pose], wishes: Wishes | None = None
) -> Snapshot:
    """The snapshot after some poses, as from a connection that plays."""
    return played(library, Plan((Item(exercise),), introduce=False), poses, wishes)


def played(
    library: Library,
    plan: Plan,
    poses: Iterable[Pose],
    wishes: Wishes | None = None,
    brightness: float = 120.0,
) -> Snapshot:
    """The snapshot of a plan after some poses."""
    fold = Session(plan, library, wishes)
    snapshot = Snapshot()
    for pose in poses:
        snapshot = fold.push(pose, brightness)
    return replace(snapshot, frames=100, frame_size=(round(FRAME[0]), round(FRAME[1])))
