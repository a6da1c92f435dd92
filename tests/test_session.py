"""The practice in progress: what is learnt before it begins is known when it does."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Literal

import pytest
from bodies import supine, times

from posecheck.library import Library
from posecheck.moment import Event, Moment, PhaseNow
from posecheck.pose import Pose
from posecheck.recording import load_recording
from posecheck.records import Record
from posecheck.routine import Item, Plan, Session
from posecheck.session import Practice
from posecheck.speech import Speech
from posecheck.trainer import Trainer

RECORDINGS = Path(__file__).parent / "data" / "recordings"
ON_ALL_FOURS_S = 1.3
"""Seconds that the person of ``downdog_bad`` stays on all fours before going up."""


@pytest.fixture(scope="module")
def rounded_dog() -> Pose:
    return load_recording(RECORDINGS / "downdog_bad.npz")


def test_looking_on_learns_the_neutral_and_judges_nothing(library: Library, rounded_dog: Pose) -> None:
    trainer = Trainer(library.exercises["downward_dog"], library)
    assert not trainer.neutral
    for i in range(int((rounded_dog.t < ON_ALL_FOURS_S).sum())):
        trainer.prepare(rounded_dog[i])
    assert set(trainer.neutral) == {"back_turn"}
    moment = trainer.push(rounded_dog[-1])
    assert (moment.phase, moment.held_s, moment.faults) == ("enter", 0.0, ())


def test_a_neutral_from_before_makes_the_difference(library: Library, rounded_dog: Pose) -> None:
    exercise = library.exercises["downward_dog"]
    in_pose = [rounded_dog[i] for i in range(len(rounded_dog.t)) if rounded_dog.t[i] > 3.0]
    onlooker = Trainer(exercise, library)
    for i in range(int((rounded_dog.t < ON_ALL_FOURS_S).sum())):
        onlooker.prepare(rounded_dog[i])
    known = Trainer(exercise, library, neutral=onlooker.neutral)
    unknown = Trainer(exercise, library)
    assert any("back_rounded" in known.push(pose).faults for pose in in_pose)
    assert not any("back_rounded" in unknown.push(pose).faults for pose in in_pose)


def test_the_practice_learns_the_neutral_while_it_sets_up(library: Library, rounded_dog: Pose) -> None:
    session = Session(Plan((Item(library.exercises["downward_dog"]),)), library)
    staying = [replace(rounded_dog[-1], t=rounded_dog.t[-1] + k / 15) for k in range(1, 60)]
    poses = [*(rounded_dog[i] for i in range(len(rounded_dog.t))), *staying]
    snapshots = [session.push(pose, 120.0) for pose in poses]
    assert snapshots[0].stage == "setup"
    # Three seconds in the pose begin the exercise; by then only what was seen before can tell the back is round.
    begun = [s.moment for s in snapshots if s.stage == "exercise" and s.moment is not None]
    assert any("back_rounded" in moment.faults for moment in begun)


def test_the_other_side_begins_without_getting_up(library: Library) -> None:
    # On her back she never leaves the pose: the other knee that comes up says that the rest is over.
    def body(t: float) -> Pose:
        knee: Literal["near", "far"] = "far" if t < 40.0 else "near"
        u = t % 40.0
        return supine(t, knee=knee, knee_up=0.5 if 3.0 <= u < 5.0 else 0.0, crossed=float(u >= 5.0))

    session = Session(Plan((Item(library.exercises["letter_t"]),)), library)
    snapshots = [session.push(body(t), 120.0) for t in times(75.0, 5)]
    stages = [stage for stage, _ in groupby(s.stage for s in snapshots)]
    assert stages == ["setup", "exercise", "rest", "exercise", "finished"]
    assert snapshots[-1].outcome == "done"


@pytest.mark.parametrize(("events", "counted"), [(("circles",), 0), (("lifts",), 1), (("lifts", None), 1)])
def test_only_rounds_of_what_is_asked_for_are_counted(
    library: Library, events: tuple[str | None, ...], counted: int
) -> None:
    records: list[Record] = []
    practice = Practice(library.exercises["lotus"], library, Speech(library, "en"), records, "gentle")
    now = PhaseNow("circles" if None in events else "lifts", "", 1, 2)  # None: and with it the next phase began
    practice.snapshot = replace(practice.snapshot, moment=Moment(t=1.0, current=now))
    practice._follow([Event(1.0, "cycle" if name else "phase", id=name, count=1) for name in events], 1.0)
    assert [record.kind for record in records] == ["cycle"] * counted
