"""Somebody on the mat in front of a session: what tests of guided sessions share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bodies import ALL_FOURS, FRAME, STANDING, side_body, timeline

from posecheck.library import Library
from posecheck.pose import Pose, nobody
from posecheck.programmes import Dose, with_dose
from posecheck.records import Record
from posecheck.routine import Item, Plan, Session
from posecheck.session import Snapshot, Wishes
from posecheck.spec import Exercise
from posecheck.speech import Saying

BRIGHT = 120.0
FPS = 5
QUIET = Wishes(talk="little", rate=4.0)

Body = Callable[..., Pose]


def empty(t: float) -> Pose:
    return nobody(t, FRAME)


def standing(t: float) -> Pose:
    return side_body(t, **STANDING)


def arms_up(t: float) -> Pose:
    return side_body(t, **{**STANDING, "arm": 176.0, "elbow": 172.0})


def cat_and_cow(start: float, seconds: float = 4.0) -> Body:
    """Round and dip in turn, from a time on."""
    shape = {"round": {**ALL_FOURS, "turn": 45.0}, "dip": {**ALL_FOURS, "turn": -40.0}}
    stops = [(start, ALL_FOURS)]
    stops += [(start + seconds * i, shape["round" if i % 2 else "dip"]) for i in range(1, 20)]
    at = timeline(*stops)
    return lambda t: side_body(t, **at(t))


@dataclass
class Mat:
    """A session with somebody on the mat in front of it."""

    session: Session
    t: float = 0.0
    shots: list[Snapshot] = field(default_factory=list)
    kept: list[Record] = field(default_factory=list)

    def be(
        self, body: Body, seconds: float, *, brightness: float = BRIGHT, company: bool = False, **shape: Any
    ) -> None:
        """Stay in a shape for some seconds."""
        for _ in range(round(seconds * FPS)):
            self.shots.append(self.session.push(body(self.t, **shape), brightness, company=company))
            self.kept += self.session.records()
            self.t += 1 / FPS

    def until(self, stage: str, body: Body, limit: float = 200.0, **shape: Any) -> None:
        """Stay in a shape until the session is at a stage."""
        for _ in range(round(limit * FPS)):
            self.be(body, 1 / FPS, **shape)
            if self.now.stage == stage:
                return
        raise AssertionError(f"still in {self.now.stage} after {limit} s, not in {stage}")

    @property
    def now(self) -> Snapshot:
        return self.shots[-1]

    @property
    def said(self) -> list[Saying]:
        """Everything for the ear, each once, in order."""
        return list({s.number: s for shot in self.shots for s in shot.sayings}.values())

    @property
    def texts(self) -> list[str]:
        return [s.text for s in self.said if s.text]

    @property
    def chimes(self) -> list[str]:
        return [s.chime for s in self.said if s.chime]

    @property
    def stages(self) -> list[str]:
        """The stages gone through, each named once."""
        found: list[str] = []
        for shot in self.shots:
            if not found or found[-1] != shot.stage:
                found.append(shot.stage)
        return found

    def records(self, kind: str) -> list[Record]:
        return [record for record in self.kept if record.kind == kind]


def dosed(exercise: Exercise, **dose: str | int) -> Exercise:
    """Return an exercise with a dose as a programme's file gives it."""
    return with_dose(exercise, Dose.model_validate(dose))


def unroll(library: Library, *exercises: Exercise, wishes: Wishes = QUIET, rest_s: float | None = 6.0) -> Mat:
    """Unroll a mat for some exercises, with little talk unless asked for."""
    items = tuple(Item(exercise, rest_s) for exercise in exercises)
    return Mat(Session(Plan(items, "test"), library, wishes))
