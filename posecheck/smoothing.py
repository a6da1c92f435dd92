"""Filters over media time: the One Euro filter, how restless a number is, and a latch for the near side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

import numpy as np

from posecheck.pose import FloatArray


@dataclass(frozen=True, slots=True)
class EuroParameters:
    """Constants of the One Euro filter for n signals, each shape ``(n,)``.

    Attributes:
        min_cutoff: Cut-off at rest, Hz: lower is steadier and slower.
        beta: Rise of the cut-off with speed, Hz per unit/s: higher lags less in motion.
        d_cutoff: Cut-off of the speed itself, Hz.
    """

    min_cutoff: FloatArray
    beta: FloatArray
    d_cutoff: FloatArray


@dataclass(frozen=True, slots=True)
class EuroState:
    """What the filter remembers of n signals: filtered value, filtered speed, last time; NaN = nothing yet."""

    x: FloatArray
    dx: FloatArray
    t: FloatArray


def euro_start(n: int) -> EuroState:
    """Return the state before the first sample of n signals."""
    empty = np.full(n, np.nan)
    return EuroState(empty, empty, empty)


def euro_step(
    state: EuroState, t: float, x: FloatArray, parameters: EuroParameters, max_gap: float
) -> tuple[EuroState, FloatArray]:
    """Filter one sample of n signals (Casiez, Roussel, Vogel 2012, algorithm 1).

    A NaN sample is passed on as NaN and leaves its signal's state as it was; after a gap longer than
    ``max_gap`` the signal starts afresh. The true time between samples is used, so the frame rate does not
    matter and t = 0 is a time like any other.

    Args:
        state: After the sample before.
        t: Media time, seconds.
        x: Samples, shape ``(n,)``.
        parameters: Filter constants.
        max_gap: Seconds.

    Returns:
        The new state and the filtered samples, shape ``(n,)``.
    """
    seen = np.isfinite(x)
    dt = t - state.t
    fresh = ~(dt <= max_gap)
    still = dt <= 0
    dt = np.where(fresh | still, 1.0, dt)
    speed = np.where(fresh, 0.0, (x - state.x) / dt)
    dx = np.where(fresh, 0.0, _blend(state.dx, speed, parameters.d_cutoff, dt))
    cutoff = parameters.min_cutoff + parameters.beta * np.abs(dx)
    filtered = np.where(fresh, x, _blend(state.x, x, cutoff, dt))
    keep = ~seen | (still & ~fresh)
    new = EuroState(
        np.where(keep, state.x, filtered), np.where(keep, state.dx, dx), np.where(keep, state.t, float(t))
    )
    return new, np.where(seen, new.x, np.nan)


def _blend(old: FloatArray, new: FloatArray, cutoff: FloatArray, dt: FloatArray) -> FloatArray:
    """Return one step of a first-order low pass with the given cut-off in Hz."""
    alpha = 1.0 / (1.0 + 1.0 / (2.0 * np.pi * cutoff * dt))
    return alpha * new + (1.0 - alpha) * old


@dataclass(frozen=True, slots=True)
class RestLimits:
    """When a number is restless: by the median distance of its samples from the line between their neighbours.

    Attributes:
        restless: It becomes so above this, in its own unit.
        calm: And is no longer so up to this.
        over: Distances of the last so many seconds count.
        least: Seconds of them that must be known to decide.
        between: Seconds from one neighbour to the other, at most: over longer ones she moves as well.
    """

    restless: float
    calm: float
    over: float
    least: float
    between: float


@dataclass(frozen=True, slots=True)
class RestState:
    """How restless a number is of late.

    Attributes:
        samples: The last two, (media time, value), the older first.
        off: How far earlier ones lie off the straight line between their neighbours, (media time, distance),
            oldest first.
        restless: Whether it is read anew at each instant, so that it says nothing.
    """

    samples: tuple[tuple[float, float], ...] = ()
    off: tuple[tuple[float, float], ...] = ()
    restless: bool = False


def rest_step(state: RestState, t: float, x: float, limits: RestLimits) -> RestState:
    """Advance to media time ``t`` with an unfiltered sample ``x``.

    What moves lies near the line between the samples before and after, however far it travels; what is read anew
    at each instant does not.

    Args:
        state: After the sample before.
        t: Media time, seconds.
        x: Value; NaN where it cannot be seen: it has no line then.
        limits: What is restless.
    """
    if state.samples and t <= state.samples[-1][0]:
        return state
    off = tuple(entry for entry in state.off if entry[0] > t - limits.over)
    if math.isnan(x):
        return RestState(off=off, restless=state.restless)
    if len(state.samples) == 2:
        (t0, x0), (t1, x1) = state.samples
        if t - t0 <= limits.between:
            off = (*off, (t, abs(x1 - x0 - (x - x0) * (t1 - t0) / (t - t0))))
    restless = state.restless
    if off and off[-1][0] - off[0][0] >= limits.least:
        restless = median(distance for _, distance in off) > (limits.calm if restless else limits.restless)
    return RestState((*state.samples, (t, x))[-2:], off, restless)


@dataclass(frozen=True, slots=True)
class LatchState:
    """The latched choice (0 or 1; None before the first) and since when the other has been better, seconds."""

    choice: int | None = None
    doubt_since: float | None = None


def latch_step(state: LatchState, t: float, balance: float, margin: float, dwell: float) -> LatchState:
    """Choose between two sides and keep to the choice.

    Args:
        state: After the instant before.
        t: Media time, seconds.
        balance: How much better side 0 is seen than side 1; NaN where nobody is.
        margin: The other side must be better by more than this ...
        dwell: ... for this many seconds to be chosen. A choice per frame would flap (measured).
    """
    if not np.isfinite(balance):
        return state
    if state.choice is None:
        return LatchState(0 if balance >= 0 else 1)
    other_better = balance < -margin if state.choice == 0 else balance > margin
    if not other_better:
        return LatchState(state.choice)
    since = t if state.doubt_since is None else state.doubt_since
    if t - since >= dwell:
        return LatchState(1 - state.choice)
    return LatchState(state.choice, since)
