"""A pose over T instants, folded through the trainer: what it says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from posecheck.instants import assess_photograph
from posecheck.ledger import Ledger
from posecheck.library import Library
from posecheck.moment import Moment
from posecheck.pose import BoolArray, Pose
from posecheck.spec import Exercise, Strictness
from posecheck.survey import AUTO, Survey
from posecheck.trainer import Trainer


@dataclass(frozen=True, slots=True)
class Settings:
    """How to judge.

    Attributes:
        exercise: An exercise id, or ``auto``: the one whose entry conditions hold longest.
        strictness: Which bands the checks keep to.
        language: Of the sentences.
    """

    exercise: str = AUTO
    strictness: Strictness = "gentle"
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A pose over T instants with what the trainer says of each.

    Attributes:
        pose: T instants, media seconds from 0.
        exercise: What it was judged as; None where no exercise was entered.
        moments: One an instant.
        recognised: Exercise id -> share of the instants with a person inside its entry conditions.
        view: ``side``, ``front``, ``three_quarter`` or ``unknown``.
        inside: Exercise id -> whether each instant by itself is inside its entry conditions, shape ``(T,)``.
    """

    pose: Pose
    exercise: Exercise | None
    moments: tuple[Moment, ...]
    recognised: Mapping[str, float]
    view: str
    inside: Mapping[str, BoolArray] = field(default_factory=dict)


class Take:
    """One pass of the trainer over the instants of a recording; without an exercise nothing is judged.

    Attributes:
        exercise: Judged as this.
        ledger: All that was said so far.
    """

    def __init__(self, exercise: Exercise | None, library: Library, settings: Settings, *, still: bool) -> None:
        self.exercise = exercise
        self._library = library
        self._still = still
        self.ledger = Ledger()
        self._words: dict[str, Any] = {"strictness": settings.strictness, "language": settings.language}
        self._trainer = None if exercise is None or still else Trainer(exercise, library, **self._words)

    def push(self, pose: Pose) -> Moment:
        """Judge the next instant and write it down."""
        if self._trainer is not None:
            moment = self._trainer.push(pose)
        elif self.exercise is not None:
            moment = assess_photograph(self.exercise, self._library, pose, **self._words)
        else:
            moment = _unjudged(float(pose.t), bool(pose.person))
        self.ledger.add(moment)
        return moment


def judge(pose: Pose, library: Library, settings: Settings) -> Judgement:
    """Fold the trainer over a pose of T instants; one of a single instant is judged as a photograph."""
    survey = Survey(library)
    survey.add_all(pose)
    take = Take(survey.choose(settings.exercise), library, settings, still=len(pose.t) == 1)
    moments = tuple(take.push(pose[i]) for i in range(len(pose.t)))
    return Judgement(pose, take.exercise, moments, survey.shares(), survey.view(), survey.inside())


def _unjudged(t: float, person: bool) -> Moment:
    return Moment(t=t, person=person, phase="out" if person else "away")
