"""What is remembered of a practice, as plain values: who, when, what was done, and how her back felt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from posecheck.moment import Side
from posecheck.records import Outcome

Answers = Mapping[str, "str | int | Sequence[str]"]
"""Question id -> the answer: an ISO date, an option's id, a number, or the ids of several options. Absent: not
answered, which is never the same as "no"."""

PastOutcome = Outcome | Literal["broken"]
"""How an exercise or a session ended; ``broken``: the program ended in the middle of it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One of the people who use this computer."""

    id: str
    name: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Clearance:
    """A professional's word about exercises.

    Attributes:
        day: When it was given.
        allows: Yes or no.
        exercises: Which ones; None: all.
        by: Who said it, such as "my physiotherapist".
        note: In her own words.
    """

    day: date
    allows: bool
    exercises: tuple[str, ...] | None = None
    by: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PastHold:
    """A hold that reached its target.

    Attributes:
        t: Practice seconds since the session began.
        seconds: How long it was held.
        side: The side worked, where there is one.
    """

    t: float
    seconds: float
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class PastExercise:
    """One exercise of a session.

    Attributes:
        exercise: Its id.
        position: Its place in the session, from 0.
        strictness: How it was judged.
        outcome: How it ended.
        t: Practice seconds from the session's beginning to its own.
        seconds: Practice seconds spent on it; None where its end was not seen.
        in_pose_s: Seconds in the pose; None where not known.
        clean_s: Seconds of those with no fault standing; None where not known.
        held_s: Seconds of all holds.
        holds: Holds that were finished, in order.
        cycles: Cycles counted.
        faults_s: Check -> seconds its fault stood.
        cues: Check -> how often it was said.
        stopped_for: The stop word she chose during it, if any.
    """

    exercise: str
    position: int
    strictness: str = "gentle"
    outcome: PastOutcome = "done"
    t: float = 0.0
    seconds: float | None = None
    in_pose_s: float | None = None
    clean_s: float | None = None
    held_s: float = 0.0
    holds: tuple[PastHold, ...] = ()
    cycles: int = 0
    faults_s: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    cues: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    stopped_for: str | None = None


@dataclass(frozen=True, slots=True)
class PastSession:
    """One practice, from its first exercise to its last.

    Attributes:
        id: Its key in the history.
        profile: Whose it is.
        day: The day on her own calendar.
        started_at: The instant, UTC.
        programme: Id of the programme, or None for exercises chosen one by one.
        seconds: Practice seconds, pauses left out, as far as they were seen.
        outcome: How it ended.
        pain_before: 0 to 10, or None where not told.
        pain_after: The same, afterwards.
        stopped_for: The stop word she chose, if any.
        strength: What went well, in the words it was said in.
        next_time: One thing for next time, likewise.
        exercises: In the order they were begun.
    """

    id: str
    profile: str
    day: date
    started_at: datetime
    programme: str | None = None
    seconds: float = 0.0
    outcome: PastOutcome = "done"
    pain_before: int | None = None
    pain_after: int | None = None
    stopped_for: str | None = None
    strength: str = ""
    next_time: str = ""
    exercises: tuple[PastExercise, ...] = ()
