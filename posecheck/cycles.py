"""Counting a movement between two ends, such as cat and cow, on the person's own running range."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

End = Literal["high", "low"]


@dataclass(frozen=True, slots=True)
class CycleTimes:
    """The numbers of a definition's ``cycles``; see ``spec.Cycles``."""

    rise: float
    fall: float
    min_range: float
    forget: float


@dataclass(frozen=True, slots=True)
class CycleState:
    """Where the movement stands.

    Attributes:
        low: Smallest value of the running range; NaN before the first.
        high: Largest.
        low_t: When the low end was reached, seconds.
        high_t: When the high end was reached.
        end: The end she is at or was last at; None before the first.
        halves: Half cycles so far: changes from one end to the other.
        turns: Times of the last changes, seconds, oldest first, at most five.
        last_t: The last instant with a value.
    """

    low: float = math.nan
    high: float = math.nan
    low_t: float = 0.0
    high_t: float = 0.0
    end: End | None = None
    halves: int = 0
    turns: tuple[float, ...] = ()
    last_t: float | None = None

    @property
    def count(self) -> int:
        """Whole cycles: both ends reached."""
        return self.halves // 2

    @property
    def period(self) -> float:
        """Seconds of the slower of the last two cycles; NaN before there are two."""
        if len(self.turns) < 5:
            return math.nan
        return max(self.turns[-1] - self.turns[-3], self.turns[-3] - self.turns[-5])


def step(state: CycleState, t: float, x: float, times: CycleTimes) -> tuple[CycleState, bool]:
    """Advance to media time ``t`` with the moving quantity at ``x``.

    The ends are where the quantity passes ``rise`` and ``fall`` of its own running range, so a small mover
    counts as well as a large one; a range under ``min_range`` is no movement. Where she starts counts as
    the opposite end of the one she goes to first.

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
    if math.isnan(state.low):
        return replace(state, low=x, high=x, low_t=t, high_t=t, last_t=t), False
    dt = 0.0 if state.last_t is None else max(0.0, t - state.last_t)
    fade = (state.high - state.low) * min(1.0, dt / times.forget) / 2
    low, low_t = (x, t) if x <= state.low + fade else (state.low + fade, state.low_t)
    high, high_t = (x, t) if x >= state.high - fade else (state.high - fade, state.high_t)
    state = replace(state, low=low, high=high, low_t=low_t, high_t=high_t, last_t=t)
    if high - low < times.min_range:
        return state, False
    share = (x - low) / (high - low)
    end: End | None = "high" if share >= times.rise else "low" if share <= times.fall else state.end
    if end is None or end == state.end:
        return state, False
    halves = state.halves + 1
    state = replace(state, end=end, halves=halves, turns=(*state.turns, t)[-5:])
    return state, halves % 2 == 0
