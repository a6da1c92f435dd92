"""The clock of a hold: enters with dwell, bridges lost sight, pauses when she leaves, resumes where it was."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

HoldPhase = Literal["away", "out", "enter", "hold", "leave"]
HoldEvent = Literal["away", "back", "entered", "left", "counting", "paused", "held"]


@dataclass(frozen=True, slots=True)
class HoldTimes:
    """Seconds; from ``entry``, ``hold`` and ``presence`` of the definitions.

    Attributes:
        enter_after: The pose must be kept so long to enter.
        flicker: Coming in, it may fail for so long at a time, which does not count: a misread joint.
        exit_after: It must fail so long to leave.
        grace: Lost sight for no longer is bridged and counted.
        resume_within: Out of the pose (in the picture) for no longer, the hold goes on where it was.
        target: Seconds a hold aims at; None: no end.
        away_after: Nobody in the picture for so long is away.
        back_after: Somebody in the picture for so long is back.
    """

    enter_after: float
    flicker: float
    exit_after: float
    grace: float
    resume_within: float
    target: float | None
    away_after: float
    back_after: float


@dataclass(frozen=True, slots=True)
class HoldState:
    """Where the clock stands.

    Attributes:
        phase: ``away`` nobody; ``out`` of the pose; ``enter`` in it, not yet for long enough; ``hold`` in it;
            ``leave`` out of it or out of sight, not yet for long enough.
        since: When the phase began; None before the first instant.
        last_t: The instant before.
        held: Seconds of the current hold.
        out_for: Seconds out of the pose, in the picture, since the hold was last counted.
        lost: Seconds since she was last seen in pose: while coming in, and while leaving if all of them were lost
            sight.
        seen_t: When somebody was last in the picture.
        back_since: Since when somebody is in the picture again, while away.
        counting: Whether the clock ran at the last instant.
        holds: Holds that reached the target.
        finished: The current hold has reached its target.
    """

    phase: HoldPhase = "away"
    since: float | None = None
    last_t: float | None = None
    held: float = 0.0
    out_for: float = 0.0
    lost: float = 0.0
    seen_t: float | None = None
    back_since: float | None = None
    counting: bool = False
    holds: int = 0
    finished: bool = False

    @property
    def in_pose(self) -> bool:
        """Whether she counts as being in the pose."""
        return self.phase in ("hold", "leave")


def step(
    state: HoldState, t: float, *, person: bool, entered: bool | None, blocked: bool, times: HoldTimes
) -> tuple[HoldState, tuple[HoldEvent, ...]]:
    """Advance the clock to media time ``t``.

    Args:
        state: After the instant before.
        t: Media time in seconds, not before the instant before.
        person: Whether she is in the picture.
        entered: Whether she meets the conditions of entry, or once she is in, those of staying; None where that
            cannot be seen.
        blocked: Whether something she must mend keeps the clock from running.
        times: The definition's times.

    Returns:
        The new state and event kinds in order: ``away``, ``back``, ``entered``, ``left``, ``counting``,
        ``paused``, ``held``.

    Raises:
        ValueError: if time went back.
    """
    dt = 0.0 if state.last_t is None else t - state.last_t
    if dt < 0:
        raise ValueError(f"time must not go back: {t:g} s after {state.last_t:g} s")
    events: list[HoldEvent] = []
    before = state
    state = replace(state, last_t=t, seen_t=t if person else state.seen_t)
    if person and state.phase == "away":
        state = _come_back(state, t, before.seen_t is None, times, events)
    elif not person:
        state = _vanish(state, t, times, events)
    if state.phase != "away":
        state = _follow_pose(state, t, dt, entered if person else None, times, events)
    state = _count(before, state, dt, blocked, times, events)
    return state, tuple(events)


def _come_back(state: HoldState, t: float, first: bool, times: HoldTimes, events: list[HoldEvent]) -> HoldState:
    """Let her in: at once when she is seen for the first time, else when she is back for long enough."""
    since = t if state.back_since is None else state.back_since
    if not first and t - since < times.back_after:
        return replace(state, back_since=since)
    if not first:
        events.append("back")
    return replace(state, phase="out", since=t)


def _vanish(state: HoldState, t: float, times: HoldTimes, events: list[HoldEvent]) -> HoldState:
    state = replace(state, back_since=None)
    if state.phase == "away":
        return state if state.since is not None else replace(state, since=t)
    if state.seen_t is not None and t - state.seen_t >= times.away_after:
        if state.in_pose:
            events.append("left")
        events.append("away")
        return replace(state, phase="away", since=t)
    return state


def _follow_pose(
    state: HoldState, t: float, dt: float, entered: bool | None, times: HoldTimes, events: list[HoldEvent]
) -> HoldState:
    """Advance between out, enter, hold and leave; unknown neither enters nor leaves at once."""
    since = t if state.since is None else state.since
    match state.phase, entered:
        case "out", True:
            state = replace(state, phase="enter", since=t)
            since = t
        case "enter", False:
            if state.lost + dt > times.flicker:
                return replace(state, phase="out", since=t, lost=0.0)
            return replace(state, since=since + dt, lost=state.lost + dt)
        case "enter", True:
            state = replace(state, lost=0.0)
        case "hold", False | None:
            return replace(state, phase="leave", since=t, lost=dt if entered is None else -1.0)
        case "leave", True:
            # Lost sight that was short is part of the hold; a step out of it is not.
            regained = state.lost + dt if 0 <= state.lost + dt <= times.grace and state.lost >= 0 else 0.0
            held = state.held + (0.0 if state.finished or not state.counting else regained)
            return replace(state, phase="hold", since=t, held=held, lost=0.0)
        case "leave", _:
            limit = times.exit_after if entered is False else max(times.exit_after, times.grace)
            if t - since >= limit:
                events.append("left")
                return replace(state, phase="out", since=t, lost=0.0)
            return replace(state, lost=state.lost + dt if entered is None and state.lost >= 0 else -1.0)
    if state.phase == "enter" and entered and t - since >= times.enter_after:
        events.append("entered")
        return replace(state, phase="hold", since=t)
    return state


def _count(
    before: HoldState, state: HoldState, dt: float, blocked: bool, times: HoldTimes, events: list[HoldEvent]
) -> HoldState:
    out_for = state.out_for
    if state.phase in ("out", "enter") and state.seen_t == state.last_t:
        out_for += dt
    elif state.phase == "hold":
        out_for = 0.0
    held, finished = state.held, state.finished
    if out_for > times.resume_within or (finished and state.phase == "out"):
        held, finished = 0.0, False
    runs = state.phase == "hold" and not blocked and not finished
    if runs and before.counting and before.phase == "hold" and dt <= times.grace:
        held += dt
    if runs and not before.counting:
        events.append("counting")
    holds = state.holds
    if times.target is not None and held >= times.target and not finished:
        finished, holds, runs = True, holds + 1, False
        events.append("held")
    counting = runs or (before.counting and state.phase == "leave" and not finished)
    if before.counting and not counting and not finished:
        events.append("paused")
    return replace(state, held=held, finished=finished, out_for=out_for, counting=counting, holds=holds)
