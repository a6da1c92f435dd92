"""What is worth remembering of a session: plain values, given out as they happen and written down by others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from posecheck.moment import Side

RecordKind = Literal[
    "session_started", "exercise_started", "hold", "cycle", "cue", "exercise_finished", "session_finished",
    "stopped_for", "doubted",
]  # fmt: skip
Outcome = Literal["done", "skipped", "unseen", "stopped"]


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened in a session.

    Attributes:
        kind: ``hold`` and ``cycle`` were finished; ``cue``: a correction was given; ``stopped_for``: she said
            what makes her stop; ``doubted``: asked at the end, she signed that a correction was not right.
        t: Seconds of practice since the session began, pauses left out.
        programme: Id of the programme, for ``session_started``; None where she chose exercises by hand.
        exercises: Ids planned, in order, for ``session_started``.
        position: Which of the planned exercises, from 0; None for the session's own records.
        exercise: Its id.
        strictness: How closely it is judged, for ``exercise_started``.
        seconds: Held, for ``hold``.
        side: The side worked, hers, for ``hold`` and ``cycle``; None where the exercise has none.
        count: Within the exercise, from 1, for ``hold`` and ``cycle``.
        check: Id of the check that was cued, or doubted.
        easier: Whether the easier variant was offered, for ``cue``.
        outcome: How an exercise or the session ended: ``done``; ``skipped`` by her; ``unseen``: it went on
            because she was not recognised in the pose for long; ``stopped`` in the middle.
        in_pose_s: Seconds in the pose, for ``exercise_finished``.
        clean_s: Of those, seconds without a fault, advice apart.
        held_s: Seconds that the hold's clock ran, finished holds and the broken one.
        unfinished_s: Seconds of the hold that was broken off.
        fault_s: Seconds that each fault stood while in the pose, by check id.
        stop: Id of the safety rules' stop word, for ``stopped_for``.
        strength: One thing that went well, in a sentence, for ``session_finished``.
        next_time: One thing for next time, in a sentence.
    """

    kind: RecordKind
    t: float
    programme: str | None = None
    exercises: tuple[str, ...] = ()
    position: int | None = None
    exercise: str | None = None
    strictness: str | None = None
    seconds: float | None = None
    side: Side | None = None
    count: int | None = None
    check: str | None = None
    easier: bool = False
    outcome: Outcome | None = None
    in_pose_s: float = 0.0
    clean_s: float = 0.0
    held_s: float = 0.0
    unfinished_s: float = 0.0
    fault_s: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    stop: str | None = None
    strength: str | None = None
    next_time: str | None = None
