"""What the trainer says about one instant: the immutable value that pages, replays and reports read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from posecheck.pose import Landmark

Side = Literal["left", "right"]
QuantityKey = tuple[str, str, str | None, float | None]
"""Measure, side, what it is compared with, seconds of a range: ``spec.Quantity.key``."""
Tone = Literal["cue", "advice", "praise", "reason", "guide"]
EventKind = Literal[
    "entered", "left", "away", "back", "paused", "counting", "held", "cycle", "phase", "done",
    "cue", "praise", "reason", "guide",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at media time ``t``.

    Attributes:
        t: Media time in seconds.
        kind: ``entered``/``left`` the pose; ``away``/``back``: nobody/somebody in the picture again;
            ``paused``/``counting``: the hold's clock stopped/runs; ``held``: a hold reached its target;
            ``cycle``: one more cycle; ``phase``: the next phase of the exercise begins; ``done``: all phases,
            holds or cycles of the exercise; ``cue`` (a correction or advice), ``praise``, ``reason``,
            ``guide``: a sentence to say now.
        id: Of the check or phrase a sentence comes from, or of the phase that begins or whose cycle it was.
        text: The sentence, in the trainer's language.
        seconds: Held seconds, for ``held``.
        count: Cycles so far, for ``cycle``; holds so far, for ``held``; which of the phases, for ``phase``.
        side: The side worked, where the exercise has sides.
    """

    t: float
    kind: EventKind
    id: str | None = None
    text: str | None = None
    seconds: float | None = None
    count: int | None = None
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class PhaseNow:
    """The phase she is asked for, in an exercise that is made of several.

    Attributes:
        id: Its id in the definition.
        name: What to call it, in the trainer's language.
        number: Which it is, from 1.
        of: How many there are.
    """

    id: str
    name: str
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """The one sentence to show, from ``since`` (media seconds) until another takes its place."""

    id: str
    text: str
    tone: Tone
    since: float


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant as the trainer sees it.

    Attributes:
        t: Media time in seconds.
        person: Whether somebody is in the picture.
        look: Whether the trainer looked at her in this instant. Between two looks all but ``t``, ``person`` and
            ``events`` is what it was at the first of them.
        in_pose: Whether the entry conditions hold (with dwell and grace).
        phase: ``away``, ``out``, ``enter``, ``hold`` or ``leave``; in an exercise with cycles, while in
            pose, the definition's name of the phase (such as ``cat`` or ``cow``) instead of ``hold``.
        side: The side being worked, hers; None where the exercise has none or it is not known.
        measures: Smoothed values in each measure's unit; a measure that cannot be seen is absent.
        derived: What checks compare but nobody measures at one instant: differences from her neutral, ranges over
            a stretch of time, seconds a round; by ``Quantity.key``, absent while unknown.
        faults: Ids of checks out of band after hysteresis and persistence, most important first.
        unknown: Ids of checks that cannot be judged now.
        counting: Whether the hold's clock runs now.
        held_s: Seconds of the current hold or time; stays where it was while paused.
        target_s: Seconds it aims at; None for cycles.
        holds: Holds finished so far.
        cycles: Cycles counted so far in this phase of the exercise.
        cycle_target: Cycles the set aims at; None for holds.
        current: The phase of the exercise; None where it has only one. Not to be confused with ``phase``,
            the state of the clock.
        sides_s: Seconds held so far on each side.
        sentence: The one sentence to show now, or None.
        highlight: Landmarks the sentence is about, to be coloured in the picture.
        events: What happened since the moment before.
    """

    t: float
    person: bool = False
    look: bool = True
    in_pose: bool = False
    phase: str = "away"
    side: Side | None = None
    measures: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    derived: Mapping[QuantityKey, float] = field(default_factory=lambda: MappingProxyType({}))
    faults: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    counting: bool = False
    held_s: float = 0.0
    target_s: float | None = None
    holds: int = 0
    cycles: int = 0
    cycle_target: int | None = None
    current: PhaseNow | None = None
    sides_s: Mapping[Side, float] = field(default_factory=lambda: MappingProxyType({"left": 0.0, "right": 0.0}))
    sentence: Sentence | None = None
    highlight: tuple[Landmark, ...] = ()
    events: tuple[Event, ...] = ()
