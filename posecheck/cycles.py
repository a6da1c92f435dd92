"""Counting a movement between two ends, such as cat and cow, on the person's own running range."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

End = Literal["high", "low"]
CYCLES_TOLD_BY = 1.5
"""A period is known by two cycles that share a half."""


@dataclass(frozen=True, slots=True)
class CycleTimes:
    """The numbers of a definition's ``cycles``; see ``spec.Cycles``."""

    rise: float
    fall: float
    min_range: float
    forget: float
    stays: float = 0.0


@dataclass(frozen=True, slots=True)
class CycleState:
    """Where the movement stands.

    Attributes:
        lows: (media time, value) of the running range's low end and of what takes its place when that is
            forgotten: values rise with time; empty before the first.
        highs: The same of its high end.
        end: The end she is at or was last at; None before the first.
        halves: Half cycles so far: changes from one end to the other.
        turns: Times of the last changes, seconds, oldest first, at most four.
        going: The end she is at that does not count yet, and since when; None where there is none.
    """

    lows: tuple[tuple[float, float], ...] = ()
    highs: tuple[tuple[float, float], ...] = ()
    end: End | None = None
    halves: int = 0
    turns: tuple[float, ...] = ()
    going: tuple[End, float] | None = None

    @property
    def count(self) -> int:
        """Whole cycles: both ends reached."""
        return self.halves // 2

    @property
    def turned(self) -> float:
        """When she last went from one end to the other; -inf before the first time."""
        return self.turns[-1] if self.turns else -math.inf

    def period(self, t: float) -> float:
        """Return the seconds of the slower of the last two cycles, which share a half; NaN before these.

        The cycle going on counts as soon as its half lasts longer: who has stopped is not too fast.

        Args:
            t: Media time now, seconds.
        """
        if len(self.turns) < 4:
            return math.nan
        return max(self.turns[-1] - self.turns[-3], self.turns[-2] - self.turns[-4], 2 * (t - self.turns[-1]))


def step(state: CycleState, t: float, x: float, times: CycleTimes) -> tuple[CycleState, bool]:
    """Advance to media time ``t`` with the moving quantity at ``x``.

    The ends are where the quantity passes ``rise`` and ``fall`` of its own running range, that of the last
    ``forget`` seconds, so a small mover counts as well as a large one; a range under ``min_range`` is no
    movement. Where she starts counts as the opposite end of the one she goes to first. An end counts once she has
    been there for ``stays`` seconds, from when she came: an outline misread in one picture is no breath.

    Args:
        state: After the instant before.
        t: Media time, seconds.
        x: Value; NaN where it cannot be seen: nothing changes.
        times: The definition's numbers.

    Returns:
        The new state, and whether a whole cycle was completed now.
    """
    if math.isnan(x):
        return state, False
    since = t - times.forget
    lows = (*(s for s in state.lows if s[0] >= since and s[1] < x), (t, x))
    highs = (*(s for s in state.highs if s[0] >= since and s[1] > x), (t, x))
    state = CycleState(lows, highs, state.end, state.halves, state.turns, state.going)
    low, high = lows[0][1], highs[0][1]
    if high - low < times.min_range:
        return state, False
    share = (x - low) / (high - low)
    end: End | None = "high" if share >= times.rise else "low" if share <= times.fall else state.end
    if end is None or end == state.end:
        return replace(state, going=None), False
    came = state.going[1] if state.going and state.going[0] == end else t
    if t - came < times.stays:
        return replace(state, going=(end, came)), False
    halves = state.halves + 1
    state = replace(state, end=end, halves=halves, turns=(*state.turns, came)[-4:], going=None)
    return state, halves % 2 == 0
